import Calibration
import Foundation
import Testing

/// Compares the float reference with ONNX Runtime on real photos, from the files that Calibration/golden/make writes.
@Suite(.enabled("no golden files: run Calibration/golden/make, or set TEXTPIN_GOLDEN to their folder") { GoldenFile.areThere })
struct ReferenceGoldenTests {
    @Test(arguments: TrainedModel.all)
    func matchesONNXRuntime(_ model: TrainedModel) throws {
        let files = GoldenFile.files.filter { $0.lastPathComponent.hasPrefix("\(model.name)@") }.sorted { $0.path < $1.path }
        var isSquare: [Bool] = []
        for file in files {
            let golden = try GoldenFile(file)
            isSquare.append(golden.width == golden.height)
            let network = FloatNetwork(try importONNX(try model.bytes, inputHeight: golden.height, inputWidth: golden.width).graph)
            let maps = network.run(golden.input)
            var worst = zip(maps.probability, golden.maps[0]).map { abs($0 - $1) }.max() ?? .infinity
            #expect(worst <= 1e-4, "probability map, \(file.lastPathComponent)")
            #expect((maps.threshold == nil) == (golden.maps.count == 1))
            guard let threshold = maps.threshold else { continue }
            worst = zip(threshold, golden.maps[1]).map { abs($0 - $1) }.max() ?? .infinity
            #expect(worst <= 1e-4, "threshold map, \(file.lastPathComponent)")
        }
        #expect(isSquare.filter { $0 }.count >= 2 && isSquare.contains(false), "run Calibration/golden/make on two photos or more")
    }
}

/// A picture and what ONNX Runtime makes of it; Calibration/golden/make describes the format.
private struct GoldenFile {
    let width: Int
    let height: Int
    /// 3 x height x width, normalised.
    let input: [Float]
    let maps: [[Float]]

    static var folder: URL {
        ProcessInfo.processInfo.environment["TEXTPIN_GOLDEN"].map { URL(filePath: $0) } ?? Cache.folder.appending(path: "golden")
    }

    static var files: [URL] {
        let content = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
        return content.filter { $0.pathExtension == "golden" }
    }

    static var areThere: Bool { !files.isEmpty && TrainedModel.areAllThere }

    init(_ file: URL) throws {
        let bytes = [UInt8](try Data(contentsOf: file))
        func word(_ offset: Int) -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << (8 * $1) } }
        try #require(bytes.starts(with: Array("TPGOLDEN".utf8)))
        let (width, height, mapCount) = (Int(word(8)), Int(word(12)), Int(word(16)))
        let pixels = width * height
        try #require(bytes.count == 20 + pixels * (3 + 4 * mapCount))
        let mean: [Float] = [0.485, 0.456, 0.406]
        let standardDeviation: [Float] = [0.229, 0.224, 0.225]
        input = (0..<3 * pixels).map { index in
            let (channel, pixel) = (index / pixels, index % pixels)
            return (Float(bytes[20 + 3 * pixel + channel]) / 255 - mean[channel]) / standardDeviation[channel]
        }
        maps = (0..<mapCount).map { map in
            (0..<pixels).map { Float(bitPattern: word(20 + 3 * pixels + 4 * (map * pixels + $0))) }
        }
        (self.width, self.height) = (width, height)
    }
}
