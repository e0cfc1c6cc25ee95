import CKernels

/// A picture in somebody else's memory: what a detector looks at.
public struct FrameView {
    /// How pixels lie in memory. Those of Y, Cb and Cr are BT.601 in its limited range, as cameras deliver it.
    public enum Format: Sendable {
        /// 3 bytes a pixel, red first.
        case rgb
        /// 3 bytes a pixel, blue first.
        case bgr
        /// 1 byte a pixel.
        case grey
        /// Y0 Cb Y1 Cr for each two pixels of a row (V4L2: YUYV).
        case yuyv
        /// A plane of Y, then a plane of pairs Cb Cr, a pair for two by two pixels (V4L2: NV12).
        case nv12
        /// Planes of Y, of Cb and of Cr, a byte of these for two by two pixels (V4L2: YU12).
        case i420
    }

    public let pixels: UnsafePointer<UInt8>
    public let width: Int
    public let height: Int
    /// Bytes from row to row of the first plane. The planes follow one another without a gap: NV12's pairs have the same stride, I420's Cb
    /// and Cr half of it.
    public let rowStride: Int
    public let format: Format

    /// Nil where `byteCount` is.
    ///
    /// - Parameter pixels: the first of `byteCount` bytes, which outlive the view; none beyond them is read.
    public init?(pixels: UnsafePointer<UInt8>, width: Int, height: Int, rowStride: Int, format: Format) {
        guard Self.byteCount(width: width, height: height, rowStride: rowStride, format: format) != nil else { return nil }
        self.pixels = pixels
        self.width = width
        self.height = height
        self.rowStride = rowStride
        self.format = format
    }

    /// The bytes that a view reads, from the first pixel to the last sample of the last plane; nil unless both sides are in 1...65535, a row
    /// fits its stride, I420's stride is even, and the count fits an Int.
    ///
    /// Sides may be odd: the last samples of Cb and Cr then stand for the pixels that there are.
    public static func byteCount(width: Int, height: Int, rowStride: Int, format: Format) -> Int? {
        let sides = 1...65535
        guard sides.contains(width), sides.contains(height), rowStride >= format.rowByteCount(width: width),
            format != .i420 || rowStride % 2 == 0
        else { return nil }
        let chromaWidth = (width + 1) / 2
        let chromaHeight = (height + 1) / 2
        // Whole rows, in halves of a stride, ahead of the last row read.
        let (halfStrides, lastRow) =
            switch format {
            case .rgb, .bgr, .grey, .yuyv: (2 * (height - 1), format.rowByteCount(width: width))
            case .nv12: (2 * (height + chromaHeight - 1), 2 * chromaWidth)
            case .i420: (2 * height + 2 * chromaHeight - 1, chromaWidth)
            }
        let (bytes, overflows) = rowStride.multipliedReportingOverflow(by: halfStrides)
        let (count, overflowsToo) = (bytes / 2).addingReportingOverflow(lastRow)
        return overflows || overflowsToo ? nil : count
    }

    /// Writes the picture at its own size as packed RGB: 3 `width` `height` bytes, rows without gaps.
    public func writeRGB(into rgb: UnsafeMutablePointer<UInt8>) {
        for row in 0..<height {
            var planes = planes(row: row, chromaRow: format.hasChromaPlanes ? row / 2 : row)
            textpin_frame_rgb_row(format.layout, &planes, Int32(width), rgb + row * 3 * width)
        }
    }

    /// Where a row begins in each plane; `chromaRow` counts where Cb and Cr have planes of their own.
    func planes(row: Int, chromaRow: Int) -> textpin_frame_planes {
        let chroma = pixels + height * rowStride
        let start = pixels + row * rowStride
        switch format {
        case .rgb, .bgr, .grey, .yuyv:
            return textpin_frame_planes(pixels: start, cb: nil, cr: nil)
        case .nv12:
            return textpin_frame_planes(pixels: start, cb: chroma + chromaRow * rowStride, cr: nil)
        case .i420:
            let stride = rowStride / 2
            let cb = chroma + chromaRow * stride
            return textpin_frame_planes(pixels: start, cb: cb, cr: cb + (height + 1) / 2 * stride)
        }
    }
}

extension FrameView.Format {
    /// As the kernels name it.
    var layout: Int32 {
        let layout =
            switch self {
            case .rgb: TEXTPIN_FRAME_RGB
            case .bgr: TEXTPIN_FRAME_BGR
            case .grey: TEXTPIN_FRAME_GREY
            case .yuyv: TEXTPIN_FRAME_YUYV
            case .nv12: TEXTPIN_FRAME_NV12
            case .i420: TEXTPIN_FRAME_I420
            }
        return Int32(layout.rawValue)
    }

    /// Whether Cb and Cr have half as many columns as there are pixels.
    var hasChroma: Bool { self == .yuyv || hasChromaPlanes }

    /// Whether they have half as many rows, too.
    var hasChromaPlanes: Bool { self == .nv12 || self == .i420 }

    /// The least stride: bytes of a row of the first plane, and of twice a row of I420's others.
    public func rowByteCount(width: Int) -> Int {
        switch self {
        case .rgb, .bgr: 3 * width
        case .grey: width
        case .yuyv: (width + 1) / 2 * 4
        case .nv12, .i420: (width + 1) / 2 * 2
        }
    }
}
