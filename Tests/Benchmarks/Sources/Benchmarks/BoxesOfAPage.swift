import Benchmark
import Foundation
import TextDetection

/// Boxes from the logits of a page at 640x640 with 200 lines in four columns; no kernel set is used.
enum BoxesOfAPage {
    static let side = 640

    /// Text is at logit 6, all else at -6, in units of 1/2048.
    static var logits: [Int16] {
        var logits = [Int16](repeating: -6 * 2048, count: side * side)
        for line in 0..<50 {
            for column in 0..<4 {
                let (top, left) = (4 + 12 * line + line / 2, 8 + 158 * column)
                for y in top..<(top + 7) {
                    for x in left..<(left + 130 + 11 * ((line + column) % 2)) { logits[y * side + x] = 6 * 2048 }
                }
            }
        }
        return logits
    }

    /// Entry i is the probability, in 1/65535, of the logit -8 + (i + 0.5) / 64.
    static var probabilities: [UInt16] {
        (0..<1024).map { UInt16((65535 / (1 + exp(8 - (Double($0) + 0.5) / 64))).rounded()) }
    }

    static var suite: BenchmarkSuite {
        BenchmarkSuite(name: "boxes of 200 lines, \(side)x\(side)") { suite in
            for (name, shape) in [("rectangles", BoxSettings.Shape.rectangle), ("polygons", .polygon)] {
                let (logits, probabilities) = (logits, probabilities)
                suite.benchmark(name) { state in
                    let settings = BoxSettings(threshold: -1736, minimumScore: 39321, unclipRatio: 384, shape: shape)
                    let storage = UnsafeMutableRawBufferPointer.allocate(
                        byteCount: try BoxFormation.storageBytes(width: side, height: side, settings: settings), alignment: 64)
                    defer { storage.deallocate() }
                    try probabilities.withUnsafeBufferPointer { probabilities in
                        try logits.withUnsafeBufferPointer { logits in
                            guard let table = probabilities.baseAddress, let start = logits.baseAddress else { return }
                            var formation = try BoxFormation(
                                width: side, height: side, settings: settings, probabilities: table, storage: storage)
                            var count = 0
                            try state.measure { count = formation.form(logits: start, validWidth: side, validHeight: side).boxes.count }
                            precondition(count == 200, "\(count) boxes were found, not 200")
                        }
                    }
                }
            }
        }
    }
}
