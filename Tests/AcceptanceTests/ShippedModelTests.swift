import Foundation
import Testing

/// The networks that were trained here, as they are shipped: nothing needs to be fetched for these.
@Suite(.enabled("the command line is not built beside the tests") { CommandLineTool.isBuilt })
struct ShippedModelTests {
    private static let shipped = CommandLineTool.root.appending(path: "Calibration/models/shipped").path
    private static let words = CommandLineTool.root.appending(path: "Calibration/samples/words").path

    private func hmean(_ arguments: [String]) throws -> Double {
        let result = try CommandLineTool.run(["evaluate", "--data", Self.words, "--json"] + arguments)
        #expect(result.status == 0, "\(result.errors)")
        let score = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        return try #require(score["hmean"] as? Double)
    }

    /// The drawn samples' words, by the model file alone and by the float network that it was made from; what was measured is in `comment`.
    @Test(arguments: [("TextPin-words", 0.9), ("TextPin-nano", 0.8)])
    func findsTheSamplesWordsAndSoDoesItsFloatNetwork(name: String, least: Double) throws {
        let int8 = try hmean(["--model", "\(Self.shipped)/\(name).dbq"])
        let float = try hmean(["--model", "\(Self.shipped)/\(name).onnx", "--float", "--size", "640x640"])
        print("\(name) at 640x640 on the samples' words: H-mean \(float) in float, \(int8) in int8")
        #expect(int8 > least)
        #expect(abs(float - int8) < 0.03)
    }

    /// The settings of the JSON file beside it stand in the ONNX file too, which can so be moved alone.
    @Test func theONNXFileNeedsNoOther() throws {
        let folder = NSTemporaryDirectory() + "textpin-shipped-\(ProcessInfo.processInfo.processIdentifier)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.copyItem(atPath: "\(Self.shipped)/TextPin-nano.onnx", toPath: folder + "/alone.onnx")
        let beside = try hmean(["--model", "\(Self.shipped)/TextPin-nano.onnx", "--float", "--size", "320x320"])
        let alone = try hmean(["--model", folder + "/alone.onnx", "--float", "--size", "320x320"])
        let other = try hmean(["--model", folder + "/alone.onnx", "--float", "--size", "320x320", "--score", "0.9"])
        #expect(alone == beside)
        #expect(other != alone)
    }
}
