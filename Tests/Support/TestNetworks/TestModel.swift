import Calibration
import Inference

extension TestNetwork {
    /// What the model file says of a test network.
    package static let modelDescription = ModelDescription(
        name: "test", source: "drawn numbers", licence: "0BSD", calibration: "a test's pictures", preprocessing: .paddleOCR, threshold: 0.3,
        minimumScore: 0.5, unclipRatio: 1.5)

    package func pictures(_ count: Int, seed: UInt64 = 100) -> [Picture] {
        (0..<count).map { Picture.scene(width: width, height: height, seed: seed + UInt64($0)) }
    }

    /// The network in int8, calibrated by its least and greatest values on a few drawn pictures.
    package func calibrated(pictures count: Int = 6, ranges: RangeMethod? = .minmax, threads: Int = 2) throws -> CalibratedModel {
        let options = CalibrationOptions(width: width, height: height, ranges: ranges, threads: threads)
        let pictures = pictures(count)
        return try Calibrator(graph, options: options).run(
            pictures: count, picture: { pictures[$0] }, description: Self.modelDescription
        ) { _ in }
    }

    package func input(_ picture: Picture) -> NetworkInput {
        NetworkInput(picture, width: width, height: height, preprocessing: Self.modelDescription.preprocessing)
    }
}

extension Picture {
    /// Rectangles of drawn colours over one another, with noise: flat parts, edges and fine detail.
    package static func scene(width: Int, height: Int, seed: UInt64) -> Picture {
        var numbers = SeededNumbers(seed)
        var pixels = [UInt8](repeating: UInt8.random(in: 0...255, using: &numbers), count: 3 * width * height)
        for _ in 0..<24 {
            let left = Int.random(in: 0..<width, using: &numbers)
            let top = Int.random(in: 0..<height, using: &numbers)
            let right = min(width, left + Int.random(in: 1...max(1, width / 3), using: &numbers))
            let bottom = min(height, top + Int.random(in: 1...max(1, height / 3), using: &numbers))
            let colour = (0..<3).map { _ in UInt8.random(in: 0...255, using: &numbers) }
            for y in top..<bottom {
                for x in left..<right {
                    for channel in 0..<3 { pixels[3 * (y * width + x) + channel] = colour[channel] }
                }
            }
        }
        for index in pixels.indices {
            pixels[index] = UInt8(clamping: Int(pixels[index]) + Int.random(in: -12...12, using: &numbers))
        }
        return Picture(width: width, height: height, pixels: pixels)
    }
}

extension KernelSet {
    /// Every set that this CPU can run, the scalar oracle last.
    package static var all: [KernelSet] { Array((0...).lazy.map { KernelSet(rank: $0) }.prefix { $0 != nil }.compactMap { $0 }) }
}
