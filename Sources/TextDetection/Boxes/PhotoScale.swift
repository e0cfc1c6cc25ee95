/// Maps points of the network's map to the photo it was made from, in integers.
///
/// A photo of `photoWidth` x `photoHeight` was scaled into the top left `scaledWidth` x `scaledHeight` pixels of the network's input. As in
/// PaddleOCR's DBPostProcess the map is a product, x * photoWidth / scaledWidth, cut to 0 ... photoWidth; unlike there the result keeps
/// 1/256 pixel.
public struct PhotoScale: Sendable, Equatable {
    public let photoWidth: Int32
    public let photoHeight: Int32
    public let scaledWidth: Int32
    public let scaledHeight: Int32

    /// Nil unless every size is in 1 ... 2^22, so that a coordinate of the photo fits a `BoxPoint`.
    public init?(photoWidth: Int, photoHeight: Int, scaledWidth: Int, scaledHeight: Int) {
        let sizes = 1...(1 << 22)
        guard sizes.contains(photoWidth), sizes.contains(photoHeight), sizes.contains(scaledWidth), sizes.contains(scaledHeight) else {
            return nil
        }
        self.photoWidth = Int32(photoWidth)
        self.photoHeight = Int32(photoHeight)
        self.scaledWidth = Int32(scaledWidth)
        self.scaledHeight = Int32(scaledHeight)
    }

    /// The point in the photo, in units of 1/256 photo pixel, rounded half up.
    public func photoPoint(_ point: BoxPoint) -> BoxPoint {
        BoxPoint(
            x: Self.scale(point.x, photo: photoWidth, scaled: scaledWidth), y: Self.scale(point.y, photo: photoHeight, scaled: scaledHeight)
        )
    }

    private static func scale(_ coordinate: Int32, photo: Int32, scaled: Int32) -> Int32 {
        let position = roundedQuotient(Int64(coordinate) * Int64(photo), Int64(scaled))
        return Int32(min(max(position, 0), Int64(photo) << 8))
    }
}
