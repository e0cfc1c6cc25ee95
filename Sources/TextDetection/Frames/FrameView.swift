/// A picture in somebody else's memory: what a detector looks at.
public struct FrameView {
    public enum Format: Sendable {
        /// 3 bytes a pixel, red first.
        case rgb
        /// 3 bytes a pixel, blue first.
        case bgr
        /// 1 byte a pixel.
        case grey
    }

    public let pixels: UnsafePointer<UInt8>
    public let width: Int
    public let height: Int
    /// Bytes from row to row.
    public let rowStride: Int
    public let format: Format

    /// Nil unless both sides are in 1...65535 and a row fits its stride.
    public init?(pixels: UnsafePointer<UInt8>, width: Int, height: Int, rowStride: Int, format: Format) {
        let sides = 1...65535
        guard sides.contains(width), sides.contains(height), rowStride >= width * format.bytesPerPixel else { return nil }
        self.pixels = pixels
        self.width = width
        self.height = height
        self.rowStride = rowStride
        self.format = format
    }
}

extension FrameView.Format {
    var bytesPerPixel: Int { self == .grey ? 1 : 3 }

    /// Where red, green and blue lie in a pixel.
    var offsets: (red: Int, green: Int, blue: Int) {
        switch self {
        case .rgb: (0, 1, 2)
        case .bgr: (2, 1, 0)
        case .grey: (0, 0, 0)
        }
    }
}
