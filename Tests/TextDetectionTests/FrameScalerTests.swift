import Inference
import Testing
import TextDetection

@Suite struct FrameScalerTests {
    private static let formats: [FrameView.Format] = [.rgb, .bgr, .grey, .yuyv, .nv12, .i420]
    /// Frame, input: exact halves, as it is, odd sides, wide, tall, down to a sixteenth and up to four times, and one pixel.
    private static let sizes = [
        (128, 72, 64, 40), (40, 24, 64, 32), (97, 61, 64, 64), (200, 31, 96, 64), (31, 200, 64, 96), (511, 300, 32, 32), (17, 9, 68, 64),
        (70, 40, 67, 61), (1, 1, 32, 32), (2, 65, 32, 64),
    ]

    private static var kernelSets: [KernelSet] { (0...).lazy.map { KernelSet(rank: $0) }.prefix { $0 != nil }.compactMap { $0 } }

    @Test(arguments: formats, sizes)
    func everyPixelIsThatOfTheEquations(format: FrameView.Format, size: (width: Int, height: Int, inputWidth: Int, inputHeight: Int)) throws
    {
        var generator = SplitMix(state: 5)
        for kernels in Self.kernelSets {
            for enlarges in [false, true] {
                for gap in [0, 10] {
                    let frame = try #require(
                        PlainFrame(format, width: size.width, height: size.height, gap: gap, using: &generator))
                    let blueFirst = Bool.random(using: &generator)
                    let (pixels, fit) = try scaled(
                        frame, width: size.inputWidth, height: size.inputHeight, blueFirst: blueFirst, enlarges: enlarges,
                        kernels: kernels)
                    #expect(enlarges || (fit.width <= size.width && fit.height <= size.height))
                    #expect(
                        pixels
                            == expected(
                                frame, fit, width: size.inputWidth, height: size.inputHeight, blueFirst: blueFirst),
                        "\(String(cString: kernels.name)), \(size), enlarges: \(enlarges), gap: \(gap)")
                }
            }
        }
    }

    @Test(
        arguments: [
            (1280, 720, 640, 384, false, 640, 360), (640, 384, 640, 384, false, 640, 384), (100, 50, 640, 384, false, 100, 50),
            (100, 50, 640, 384, true, 640, 320), (720, 1280, 640, 384, false, 216, 384), (65535, 1, 640, 384, false, 640, 1),
            (1, 65535, 640, 384, false, 1, 384),
        ])
    func fitKeepsTheAspect(
        width: Int, height: Int, inputWidth: Int, inputHeight: Int, enlarges: Bool, fitWidth: Int, fitHeight: Int
    ) {
        let fit = FrameScaler.fit(width: width, height: height, inputWidth: inputWidth, inputHeight: inputHeight, enlarges: enlarges)
        #expect(fit == (fitWidth, fitHeight))
    }

    private func scaled(
        _ frame: PlainFrame, width: Int, height: Int, blueFirst: Bool, enlarges: Bool, kernels: KernelSet
    ) throws -> (pixels: [Int8], fit: (width: Int, height: Int)) {
        var storage = [UInt64](repeating: 0, count: FrameScaler.storageByteCount(inputWidth: width) / 8)
        var pixels = [Int8](repeating: 55, count: 4 * width * height)
        let fit = try storage.withUnsafeMutableBytes { storage in
            try withFrameView(
                frame.bytes, width: frame.width, height: frame.height, rowStride: frame.rowStride, format: frame.format
            ) { view in
                try pixels.withUnsafeMutableBufferPointer { pixels in
                    let scaler = FrameScaler(
                        kernels: kernels, blueFirst: blueFirst, paddingColour: (10, 128, 250),
                        storage: try #require(storage.baseAddress))
                    let input = InputTensor(pixels: try #require(pixels.baseAddress), width: width, height: height)
                    return scaler.scale(view, into: input, enlarges: enlarges)
                }
            }
        }
        return (pixels, fit)
    }

    private func expected(
        _ frame: PlainFrame, _ fit: (width: Int, height: Int), width: Int, height: Int, blueFirst: Bool
    ) -> [Int8] {
        var pixels: [Int8] = []
        for row in 0..<height {
            for column in 0..<width {
                guard row < fit.height, column < fit.width else {
                    // The padding colour, 10, 128, 250, less 128.
                    pixels += [-118, 0, 122, 0]
                    continue
                }
                let colours = frame.scaledPixel(column: column, row: row, width: fit.width, height: fit.height)
                pixels += (blueFirst ? colours.reversed() : colours).map { Int8($0 - 128) } + [0]
            }
        }
        return pixels
    }
}
