import CKernels
import Testing

@Suite struct FrameOracleTests {
    let oracle: textpin_kernel_set

    init() throws {
        oracle = try #require(textpin_kernel_set_named("scalar")).pointee
    }

    /// Between 10 and 30 above, 50 and 110 below: ((10 · 192 + 30 · 64) · 128 + (50 · 192 + 110 · 64) · 128) / 65536 = 40, at the corner 10.
    @Test func scaleByHand() {
        let columns = [column(0, 64), column(0, 0), column(1, 0)]
        let pixels = scaled(TEXTPIN_FRAME_GREY, upper: [10, 30], lower: [50, 110], weight: 128, columns: columns)
        // 40; (10 + 50) / 2 = 30; (30 + 110) / 2 = 70: less 128, three times, then 0.
        #expect(pixels == [-88, -88, -88, 0, -98, -98, -98, 0, -58, -58, -58, 0])
    }

    @Test func halvesGoUp() {
        let columns = [column(0, 128)]
        #expect(scaled(TEXTPIN_FRAME_GREY, upper: [0, 1], lower: [0, 1], weight: 77, columns: columns)[0] == 1 - 128)
        #expect(scaled(TEXTPIN_FRAME_GREY, upper: [254, 255], lower: [254, 255], weight: 1, columns: columns)[0] == 127)
    }

    @Test func whiteStaysWhiteAtEveryWeight() {
        for weight in UInt16(0)...255 {
            let pixels = scaled(
                TEXTPIN_FRAME_GREY, upper: [255, 255], lower: [255, 255], weight: Int32(weight), columns: [column(0, weight)])
            #expect(pixels == [127, 127, 127, 0])
        }
    }

    @Test(
        arguments: [
            (TEXTPIN_FRAME_RGB, false, [-128, 0, 127, 0]), (TEXTPIN_FRAME_RGB, true, [127, 0, -128, 0]),
            (TEXTPIN_FRAME_BGR, false, [127, 0, -128, 0]), (TEXTPIN_FRAME_BGR, true, [-128, 0, 127, 0]),
        ] as [(textpin_frame_layout, Bool, [Int8])])
    func channelOrder(layout: textpin_frame_layout, blueFirst: Bool, expected: [Int8]) {
        let pixels = scaled(layout, upper: [0, 128, 255], lower: [0, 128, 255], weight: 0, blueFirst: blueFirst, columns: [column(0, 0)])
        #expect(pixels == expected)
    }

    /// Colour bars of BT.601 at full level: Y, Cb, Cr and what they stand for, a level of rounding apart.
    @Test(
        arguments: [
            ([16, 128, 128], [0, 0, 0]), ([235, 128, 128], [255, 255, 255]), ([81, 90, 240], [255, 0, 0]), ([145, 54, 34], [0, 255, 0]),
            ([41, 240, 110], [0, 0, 255]), ([210, 16, 146], [255, 255, 0]), ([0, 128, 128], [0, 0, 0]),
            ([255, 255, 255], [255, 125, 255]),
        ] as [([UInt8], [Int])])
    func colourBars(samples: [UInt8], expected: [Int]) {
        let bytes = [samples[0], samples[1], samples[0], samples[2]]
        let pixels = scaled(TEXTPIN_FRAME_YUYV, upper: bytes, lower: bytes, weight: 0, columns: [column(0, 0)])
        for channel in 0..<3 {
            #expect(abs(Int(pixels[channel]) + 128 - expected[channel]) <= 1, "\(samples): \(pixels)")
        }
    }

    /// Pixels 0 and 3 of Y at 50, 60, 70, 80; Cb from 128 to 138, Cr from 128 to 118.
    @Test func chromaHasItsOwnPlace() {
        let bytes: [UInt8] = [50, 128, 60, 128, 70, 138, 80, 118]
        let columns = [
            textpin_frame_column(first: 0, weight: 0, chroma_first: 0, chroma_weight: 128),
            textpin_frame_column(first: 3, weight: 0, chroma_first: 1, chroma_weight: 0),
        ]
        let pixels = scaled(TEXTPIN_FRAME_YUYV, upper: bytes, lower: bytes, weight: 0, columns: columns)
        // (50, 133, 123): 1.164 · 34 = 39.6, red - 1.596 · 5, blue + 2.018 · 5; (80, 138, 118): 1.164 · 64 = 74.5 and tens.
        #expect(pixels.map { Int($0) + 128 } == [32, 42, 50, 128, 59, 79, 95, 128])
    }

    private func column(_ first: UInt16, _ weight: UInt16) -> textpin_frame_column {
        textpin_frame_column(first: first, weight: weight, chroma_first: 0, chroma_weight: weight)
    }

    private func scaled(
        _ layout: textpin_frame_layout, upper: [UInt8], lower: [UInt8], weight: Int32, blueFirst: Bool = false,
        columns: [textpin_frame_column]
    ) -> [Int8] {
        var output = [Int8](repeating: 55, count: 4 * columns.count)
        upper.withUnsafeBufferPointer { upper in
            lower.withUnsafeBufferPointer { lower in
                columns.withUnsafeBufferPointer { columns in
                    var row = textpin_frame_row(
                        layout: Int32(layout.rawValue), frame_width: Int32(upper.count / bytesPerPixel(layout)),
                        upper: textpin_frame_planes(pixels: upper.baseAddress, cb: nil, cr: nil),
                        lower: textpin_frame_planes(pixels: lower.baseAddress, cb: nil, cr: nil), weight: weight, chroma_weight: weight,
                        pixels: Int32(columns.count), blue_first: blueFirst, columns: columns.baseAddress)
                    oracle.frame_row(&row, &output)
                }
            }
        }
        return output
    }

    private func bytesPerPixel(_ layout: textpin_frame_layout) -> Int {
        switch layout {
        case TEXTPIN_FRAME_GREY: 1
        case TEXTPIN_FRAME_YUYV: 2
        default: 3
        }
    }
}
