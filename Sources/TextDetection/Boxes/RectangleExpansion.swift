/// The expansion D' = A' r' / L' (Liao et al. 2020, section 3.5) of a rectangle, by which each of its sides moves outwards.
///
/// That is the minimum-area rectangle of the rectangle offset with round corners, which PaddleOCR's DBPostProcess takes. With sides a / |e|
/// and b / |e| the offset in units of |e| is r' a b / (2 (a + b)): the |e| of the area and of the perimeter cancel, and it is rational.
package struct ExpandedRectangle {
    let rectangle: MinimumAreaRectangle
    /// The offset in units of |e| / 256. With r' < 2^12 / 256 the product a b r' is below 2^63.
    private let offset: Int64

    package init(_ rectangle: MinimumAreaRectangle, unclipRatio: UInt16) {
        self.rectangle = rectangle
        let (along, across) = (rectangle.alongExtent, rectangle.acrossEnd)
        offset = along + across == 0 ? 0 : roundedQuotient(along * across * Int64(unclipRatio), 2 * (along + across))
    }

    /// The corners in units of 1/256 pixel, each rounded to the nearest, clockwise from the top left.
    ///
    /// Top left is, as in PaddleOCR's get_mini_boxes, the upper one of the two leftmost: it keeps the reading direction of lines that run
    /// up or down by more than 45 degrees.
    package func writeCorners(to corners: UnsafeMutablePointer<BoxPoint>) {
        let first = corner(along: rectangle.alongStart, across: 0, outwardAlong: -offset, outwardAcross: -offset)
        let second = corner(along: rectangle.alongEnd, across: 0, outwardAlong: offset, outwardAcross: -offset)
        let third = corner(along: rectangle.alongEnd, across: rectangle.acrossEnd, outwardAlong: offset, outwardAcross: offset)
        let fourth = corner(along: rectangle.alongStart, across: rectangle.acrossEnd, outwardAlong: -offset, outwardAcross: offset)
        (corners[0], corners[1], corners[2], corners[3]) = (first, second, third, fourth)
        let start = Self.topLeft(corners)
        for index in 0..<4 {
            let source = (start + index) & 3
            corners[index] = source == 0 ? first : source == 1 ? second : source == 2 ? third : fourth
        }
    }

    /// Whether the shorter side is at least `pixels` after the expansion.
    package func isShorterSide(atLeast pixels: UInt8) -> Bool {
        rectangle.isShorterSide(plus: 2 * offset, atLeast: Int64(pixels) << 8)
    }

    /// origin + (along e + across n) / |e|^2, where n is e turned clockwise.
    private func corner(along: Int64, across: Int64, outwardAlong: Int64, outwardAcross: Int64) -> BoxPoint {
        let along = along << 8 + outwardAlong
        let across = across << 8 + outwardAcross
        let x = along * rectangle.edgeX - across * rectangle.edgeY
        let y = along * rectangle.edgeY + across * rectangle.edgeX
        return BoxPoint(
            x: rectangle.origin.x << 8 + Int32(roundedQuotient(x, rectangle.squaredLength)),
            y: rectangle.origin.y << 8 + Int32(roundedQuotient(y, rectangle.squaredLength)))
    }

    private static func topLeft(_ corners: UnsafePointer<BoxPoint>) -> Int {
        var leftmost = 0
        for index in 1..<4 where isLeft(corners[index], of: corners[leftmost]) { leftmost = index }
        // The second from the left is a neighbour of the first.
        let (next, last) = ((leftmost + 1) & 3, (leftmost + 3) & 3)
        let second = isLeft(corners[next], of: corners[last]) ? next : last
        return corners[second].y < corners[leftmost].y ? second : leftmost
    }

    private static func isLeft(_ a: BoxPoint, of b: BoxPoint) -> Bool {
        a.x != b.x ? a.x < b.x : a.y < b.y
    }
}
