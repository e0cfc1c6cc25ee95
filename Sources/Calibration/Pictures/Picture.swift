/// A picture in memory: 8-bit RGB, the right way up.
public struct Picture: Sendable, Equatable {
    /// In pixels, at least 1.
    public let width: Int
    /// In pixels, at least 1.
    public let height: Int
    /// Rows from top to bottom without padding, three bytes a pixel, red first: width * height * 3 bytes.
    public private(set) var pixels: [UInt8]

    /// The most pixels that either side may have: what a JPEG's header can state.
    public static let longestSide = 65_535
    /// The most pixels in all: a phone's largest sensor, 600 MB as RGB.
    public static let mostPixels = 200_000_000
    /// The extensions that `pictures(in:)` looks for; `init(contentsOf:)` goes by the content alone.
    public static let extensions = ["jpg", "jpeg", "png", "ppm", "pgm"]

    /// A picture of one colour; the size is within `longestSide` and `mostPixels`.
    public init(width: Int, height: Int, red: UInt8, green: UInt8, blue: UInt8) {
        precondition(
            width > 0 && height > 0 && width <= Self.longestSide && height <= Self.longestSide && width * height <= Self.mostPixels)
        self.width = width
        self.height = height
        pixels = [UInt8](unsafeUninitializedCapacity: width * height * 3) { buffer, count in
            for start in stride(from: 0, to: buffer.count, by: 3) {
                buffer[start] = red
                buffer[start + 1] = green
                buffer[start + 2] = blue
            }
            count = buffer.count
        }
    }

    /// `pixels` holds width * height * 3 bytes.
    package init(width: Int, height: Int, pixels: [UInt8]) {
        precondition(width > 0 && height > 0 && pixels.count == width * height * 3)
        self.width = width
        self.height = height
        self.pixels = pixels
    }

    /// The red, green and blue of the pixel at (`x`, `y`), which lies inside.
    public subscript(x: Int, y: Int) -> (red: UInt8, green: UInt8, blue: UInt8) {
        get {
            let start = index(x, y)
            return (pixels[start], pixels[start + 1], pixels[start + 2])
        }
        set {
            let start = index(x, y)
            pixels[start] = newValue.red
            pixels[start + 1] = newValue.green
            pixels[start + 2] = newValue.blue
        }
    }

    private func index(_ x: Int, _ y: Int) -> Int {
        precondition(x >= 0 && x < width && y >= 0 && y < height)
        return (y * width + x) * 3
    }
}
