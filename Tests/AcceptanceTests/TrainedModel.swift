import Calibration
import Foundation
import TestNetworks

/// Trained networks that `Calibration/models/fetch` puts where users have them; tests that need one are skipped without it.
struct TrainedModel: Sendable, CustomStringConvertible {
    let name: String

    static let v3 = TrainedModel(name: "PP-OCRv3")
    static let bothHeads = TrainedModel(name: "PP-OCRv2.0-both-heads")

    var description: String { name }

    var path: String {
        let cache = ProcessInfo.processInfo.environment["XDG_CACHE_HOME"].flatMap { $0.isEmpty ? nil : $0 }
        return (cache ?? NSHomeDirectory() + "/.cache") + "/textpin/models/\(name).onnx"
    }

    var isThere: Bool { FileManager.default.fileExists(atPath: path) }

    /// A model file's bytes by the fastest calibration: for tests that do not look at accuracy.
    func quicklyCalibrated(width: Int, height: Int) throws -> [UInt8] {
        let bytes = try Data(contentsOf: URL(filePath: path))
        let graph = try importONNX(bytes, inputHeight: height, inputWidth: width).graph
        var options = CalibrationOptions(width: width, height: height, ranges: .minmax, threads: 2)
        options.correctsBias = false
        let pictures = [Picture.scene(width: width, height: height, seed: 1)]
        return try Calibrator(graph, options: options).run(
            pictures: pictures.count, picture: { pictures[$0] }, description: TestNetwork.modelDescription
        ) { _ in }.bytes
    }
}
