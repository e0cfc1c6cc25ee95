/// The rectangle of least area around a convex hull of pixel centres, exact, one side along an edge of the hull.
///
/// It is kept as the edge's vector e and extents in units of |e|: for a point r relative to `origin`, along = e . r and across = e x r. A
/// side of the rectangle is then an integer over |e|, its area an integer over |e|^2, and no square root is ever taken: not for the
/// comparison of areas, nor for the sides, nor for the expansion. With coordinates below 2^12: |e|^2 < 2^25, extents < 2^26.
///
/// Like OpenCV's minAreaRect on a contour it measures between pixel centres: a region of w x h pixels has sides w - 1 and h - 1.
package struct MinimumAreaRectangle: Sendable {
    package private(set) var origin: PixelPoint
    /// e, clockwise along the hull.
    package private(set) var edgeX: Int64
    package private(set) var edgeY: Int64
    package private(set) var squaredLength: Int64
    /// along lies in alongStart ... alongEnd, alongStart <= 0.
    package private(set) var alongStart: Int64
    package private(set) var alongEnd: Int64
    /// across lies in 0 ... acrossEnd.
    package private(set) var acrossEnd: Int64

    var alongExtent: Int64 { alongEnd - alongStart }

    /// Rotating calipers (Toussaint 1983). `hull` is what `ConvexHull.vertices` returns; nil where it is empty.
    ///
    /// Of rectangles of the same area the one of the first edge wins, and the first edge is the top one where the hull has it level.
    package init?(around hull: UnsafeBufferPointer<PixelPoint>) {
        guard let first = hull.first else { return nil }
        origin = first
        // What a single pixel keeps: a rectangle without area, level.
        (edgeX, edgeY, squaredLength) = (1, 0, 1)
        (alongStart, alongEnd, acrossEnd) = (0, 0, 0)
        guard hull.count > 1 else { return }

        var calipers = Calipers(hull: hull)
        self = calipers.rectangle(onEdge: 0)
        // A line has the same rectangle on both its edges.
        guard hull.count > 2 else { return }
        for edge in 1..<hull.count {
            let candidate = calipers.rectangle(onEdge: edge)
            if candidate.isSmaller(than: self) { self = candidate }
        }
    }

    fileprivate init(origin: PixelPoint, edgeX: Int64, edgeY: Int64, alongStart: Int64, alongEnd: Int64, acrossEnd: Int64) {
        self.origin = origin
        (self.edgeX, self.edgeY) = (edgeX, edgeY)
        squaredLength = edgeX * edgeX + edgeY * edgeY
        (self.alongStart, self.alongEnd, self.acrossEnd) = (alongStart, alongEnd, acrossEnd)
    }

    /// Whether the shorter side, made longer by `growth` / (256 |e|) pixels, is at least `limit` / 256 pixels. Exact.
    func isShorterSide(plus growth: Int64, atLeast limit: Int64) -> Bool {
        guard limit > 0 else { return true }
        let side = UInt128(min(alongExtent, acrossEnd) << 8 + growth)
        return side * side >= UInt128(limit * limit) * UInt128(squaredLength)
    }

    /// Compares areas as fractions. The products need 77 bits.
    private func isSmaller(than other: Self) -> Bool {
        UInt128(alongExtent * acrossEnd) * UInt128(other.squaredLength)
            < UInt128(other.alongExtent * other.acrossEnd) * UInt128(squaredLength)
    }
}

/// The three points of the hull that touch the other sides of the rectangle while it turns with the edges; each only ever moves on.
private struct Calipers {
    let hull: UnsafeBufferPointer<PixelPoint>
    /// The points farthest ahead along the edge, farthest across, and farthest back.
    var ahead = 1
    var opposite = 0
    var behind = 0

    init(hull: UnsafeBufferPointer<PixelPoint>) {
        self.hull = hull
    }

    mutating func rectangle(onEdge edge: Int) -> MinimumAreaRectangle {
        let origin = hull[edge]
        let (edgeX, edgeY) = step(from: edge)
        while dot(edgeX, edgeY, ahead) > 0 { ahead = after(ahead) }
        if edge == 0 { opposite = ahead }
        while cross(edgeX, edgeY, opposite) > 0 { opposite = after(opposite) }
        if edge == 0 { behind = opposite }
        while dot(edgeX, edgeY, behind) < 0 { behind = after(behind) }
        return MinimumAreaRectangle(
            origin: origin, edgeX: edgeX, edgeY: edgeY,
            alongStart: edgeX * (Int64(hull[behind].x) - Int64(origin.x)) + edgeY * (Int64(hull[behind].y) - Int64(origin.y)),
            alongEnd: edgeX * (Int64(hull[ahead].x) - Int64(origin.x)) + edgeY * (Int64(hull[ahead].y) - Int64(origin.y)),
            acrossEnd: edgeX * (Int64(hull[opposite].y) - Int64(origin.y)) - edgeY * (Int64(hull[opposite].x) - Int64(origin.x)))
    }

    private func after(_ index: Int) -> Int { index + 1 == hull.count ? 0 : index + 1 }

    private func step(from index: Int) -> (Int64, Int64) {
        let (start, end) = (hull[index], hull[after(index)])
        return (Int64(end.x) - Int64(start.x), Int64(end.y) - Int64(start.y))
    }

    private func dot(_ x: Int64, _ y: Int64, _ index: Int) -> Int64 {
        let next = step(from: index)
        return x * next.0 + y * next.1
    }

    private func cross(_ x: Int64, _ y: Int64, _ index: Int) -> Int64 {
        let next = step(from: index)
        return x * next.1 - y * next.0
    }
}
