/// The outline of one text: a closed polygon in pixels of the original picture, clockwise from the top left.
///
/// A point's x and y count from the picture's top left corner, where pixel (0, 0) covers 0...1 in both.
public struct TextPolygon: Sendable, Equatable {
    /// At least three; the last is joined to the first.
    public var points: [SIMD2<Double>]

    public init(points: [SIMD2<Double>]) {
        self.points = points
    }
}
