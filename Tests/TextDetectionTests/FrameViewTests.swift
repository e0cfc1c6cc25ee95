import Testing
import TextDetection

@Suite struct FrameViewTests {
    /// By hand: whole rows, and what is read of the last one.
    @Test(
        arguments: [
            (.rgb, 5, 3, 20, 2 * 20 + 15), (.bgr, 5, 1, 15, 15), (.grey, 7, 4, 7, 28), (.yuyv, 6, 2, 12, 24), (.yuyv, 5, 2, 16, 16 + 12),
            (.nv12, 6, 4, 8, 4 * 8 + 8 + 6), (.nv12, 5, 3, 6, 3 * 6 + 6 + 6), (.i420, 6, 4, 8, 4 * 8 + 4 * 4 - 1),
            (.i420, 5, 3, 6, 3 * 6 + 3 + 3 + 3 + 3), (.nv12, 1, 1, 2, 4), (.i420, 1, 1, 2, 4),
        ] as [(FrameView.Format, Int, Int, Int, Int)])
    func bytesThatAViewReads(format: FrameView.Format, width: Int, height: Int, rowStride: Int, expected: Int) {
        #expect(FrameView.byteCount(width: width, height: height, rowStride: rowStride, format: format) == expected)
    }

    @Test(
        arguments: [
            (.rgb, 0, 3, 20), (.rgb, 5, 0, 20), (.rgb, 65536, 1, 300_000), (.grey, 1, 65536, 1), (.rgb, -1, 3, 20), (.rgb, 5, 3, 14),
            (.yuyv, 5, 3, 11), (.nv12, 5, 3, 5), (.i420, 6, 4, 7), (.grey, 5, 3, -5), (.grey, 5, 2, Int.min),
            (.bgr, 5, 3, Int.max), (.nv12, 6, 3, Int.max / 4), (.i420, 6, 65534, Int.max - 1),
        ] as [(FrameView.Format, Int, Int, Int)])
    func refusesWhatCannotBeRead(format: FrameView.Format, width: Int, height: Int, rowStride: Int) {
        #expect(FrameView.byteCount(width: width, height: height, rowStride: rowStride, format: format) == nil)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1) { bytes in
            guard let start = bytes.baseAddress else { return }
            start.initialize(to: 0)
            let view = FrameView(pixels: start, width: width, height: height, rowStride: rowStride, format: format)
            #expect(view == nil)
        }
    }

    /// What cv2.cvtColor (OpenCV 5.0) makes of the same bytes with COLOR_YUV2RGB_YUY2, _NV12 and _I420.
    @Test(
        arguments: [
            (
                .yuyv, 16, 8,
                [
                    178, 230, 208, 98, 149, 127, 255, 0, 255, 255, 96, 255, 231, 0, 255, 255, 78, 255, 137, 159, 0, 254, 255, 41,
                ]
            ),
            (
                .nv12, 12, 4,
                [
                    255, 133, 123, 255, 49, 39, 255, 30, 255, 255, 5, 229, 255, 0, 0, 255, 195, 185, 255, 143, 255, 255, 172, 255,
                ]
            ),
            (
                .i420, 12, 4,
                [
                    255, 179, 123, 225, 96, 39, 255, 8, 255, 255, 0, 255, 166, 36, 0, 255, 241, 185, 255, 121, 255, 255, 150, 255,
                ]
            ),
        ] as [(FrameView.Format, Int, Int, [UInt8])])
    func coloursAreThoseOfOpenCV(format: FrameView.Format, count: Int, rowStride: Int, expected: [UInt8]) throws {
        var state: UInt32 = 1
        let bytes = (0..<count).map { _ in
            state = (state &* 1_103_515_245 &+ 12345) & 0x7FFF_FFFF
            return UInt8(truncatingIfNeeded: state >> 16)
        }
        #expect(try rgb(bytes, width: 4, height: 2, rowStride: rowStride, format: format) == expected)
    }

    @Test(arguments: [FrameView.Format.rgb, .bgr, .grey, .yuyv, .nv12, .i420], [(6, 4), (5, 3), (1, 1), (33, 2)])
    func everyPixelAtItsOwnSize(format: FrameView.Format, size: (width: Int, height: Int)) throws {
        var generator = SplitMix(state: 11)
        let frame = try #require(PlainFrame(format, width: size.width, height: size.height, gap: 6, using: &generator))
        var expected: [UInt8] = []
        for row in 0..<frame.height {
            for column in 0..<frame.width {
                let samples = (0..<3).map { channel in
                    let isHalved = frame.hasChroma && channel > 0
                    return frame.sample(
                        channel, column: isHalved ? column / 2 : column, row: isHalved && frame.hasHalfRows ? row / 2 : row)
                }
                expected += (frame.hasChroma ? PlainFrame.colours(samples) : samples).map { UInt8($0) }
            }
        }
        #expect(try rgb(frame.bytes, width: frame.width, height: frame.height, rowStride: frame.rowStride, format: format) == expected)
    }

    private func rgb(_ bytes: [UInt8], width: Int, height: Int, rowStride: Int, format: FrameView.Format) throws -> [UInt8] {
        var output = [UInt8](repeating: 77, count: 3 * width * height + 1)
        try withFrameView(bytes, width: width, height: height, rowStride: rowStride, format: format) { view in
            try output.withUnsafeMutableBufferPointer { view.writeRGB(into: try #require($0.baseAddress)) }
        }
        #expect(output.removeLast() == 77)
        return output
    }
}
