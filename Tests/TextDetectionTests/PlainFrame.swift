import Testing
import TextDetection

/// A frame in an array, and what a scaler makes of it, by the equations alone: one sample, one pixel at a time.
struct PlainFrame {
    let width: Int
    let height: Int
    let rowStride: Int
    let format: FrameView.Format
    let bytes: [UInt8]

    /// A frame of drawn bytes, a row with `gap` bytes to spare.
    init?(_ format: FrameView.Format, width: Int, height: Int, gap: Int, using generator: inout SplitMix) {
        let rowBytes =
            switch format {
            case .rgb, .bgr: 3 * width
            case .grey: width
            case .yuyv: 4 * ((width + 1) / 2)
            case .nv12, .i420: 2 * ((width + 1) / 2)
            }
        rowStride = rowBytes + gap
        guard let count = FrameView.byteCount(width: width, height: height, rowStride: rowStride, format: format) else { return nil }
        self.width = width
        self.height = height
        self.format = format
        // Half of them at the ends of the range, where sums are largest and colours leave it.
        bytes = (0..<count).map { _ in
            let drawn = UInt8.random(in: 0...255, using: &generator)
            return Bool.random(using: &generator) ? drawn : drawn < 128 ? 0 : 255
        }
    }

    var hasChroma: Bool { [.yuyv, .nv12, .i420].contains(format) }
    var hasHalfRows: Bool { [.nv12, .i420].contains(format) }

    /// Red, green and blue, or Y, Cb and Cr; for these, column and row count their own samples.
    func sample(_ channel: Int, column: Int, row: Int) -> Int {
        let plane = height * rowStride
        let place =
            switch (format, channel) {
            case (.rgb, _): row * rowStride + 3 * column + channel
            case (.bgr, _): row * rowStride + 3 * column + 2 - channel
            case (.grey, _): row * rowStride + column
            case (.yuyv, 0): row * rowStride + 2 * column
            case (.yuyv, _): row * rowStride + 4 * column + [1, 3][channel - 1]
            case (_, 0): row * rowStride + column
            case (.nv12, _): plane + row * rowStride + 2 * column + channel - 1
            case (.i420, _): plane + (channel - 1) * (height + 1) / 2 * (rowStride / 2) + row * (rowStride / 2) + column
            }
        return Int(bytes[place])
    }

    /// A pixel of the picture at another size: red, green, blue.
    func scaledPixel(column: Int, row: Int, width targetWidth: Int, height targetHeight: Int) -> [Int] {
        let samples = (0..<3).map { channel in
            let columnsHalved = hasChroma && channel > 0
            let rowsHalved = hasHalfRows && channel > 0
            let (left, across) = Self.neighbour(column, of: targetWidth, in: width, halved: columnsHalved)
            let (above, down) = Self.neighbour(row, of: targetHeight, in: height, halved: rowsHalved)
            let right = across == 0 ? left : left + 1
            let below = down == 0 ? above : above + 1
            let sum =
                sample(channel, column: left, row: above) * (256 - across) * (256 - down)
                + sample(channel, column: right, row: above) * across * (256 - down)
                + sample(channel, column: left, row: below) * (256 - across) * down
                + sample(channel, column: right, row: below) * across * down
            return Int((Double(sum) / 65536 + 0.5).rounded(.down))
        }
        return hasChroma ? Self.colours(samples) : samples
    }

    /// The centre of pixel `index` of `target` among `source` pixels, or among samples that stand for two of them: in 1/256, rounded down.
    private static func neighbour(_ index: Int, of target: Int, in source: Int, halved: Bool) -> (first: Int, weight: Int) {
        let samples = halved ? (source + 1) / 2 : source
        let extent = halved ? Double(source) / 2 : Double(source)
        // Floors of 1/256 and of 1/128, as the positions of earlier models were rounded.
        let doubled = (Double(2 * index + 1) * extent * 256 / Double(target)).rounded(.down) - 256
        let position = min(max((doubled / 2).rounded(.down), 0), Double((samples - 1) * 256))
        return (Int(position) / 256, Int(position) % 256)
    }

    /// BT.601, limited range, with OpenCV's factors.
    static func colours(_ samples: [Int]) -> [Int] {
        let luma = 1_220_542 * max(0, samples[0] - 16)
        let cb = samples[1] - 128
        let cr = samples[2] - 128
        return [luma + 1_673_527 * cr, luma - 409_993 * cb - 852_492 * cr, luma + 2_116_026 * cb].map { sum in
            min(max(Int((Double(sum) / 1_048_576 + 0.5).rounded(.down)), 0), 255)
        }
    }
}

/// Calls `body` with a view of these bytes.
func withFrameView<Result>(
    _ bytes: [UInt8], width: Int, height: Int, rowStride: Int, format: FrameView.Format, _ body: (FrameView) throws -> Result
) throws -> Result {
    try bytes.withUnsafeBufferPointer { bytes in
        let start = try #require(bytes.baseAddress)
        let view = FrameView(pixels: start, width: width, height: height, rowStride: rowStride, format: format)
        return try body(try #require(view))
    }
}
