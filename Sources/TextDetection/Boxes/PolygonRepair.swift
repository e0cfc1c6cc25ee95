/// Makes the vertices of a polygon what its users may rely on, in place: simple, and clockwise from the top left.
///
/// The curve around an expansion does not cross itself, but few vertices of it may, at a narrow notch. Then their convex hull is taken.
struct PolygonRepair {
    let vertices: UnsafeMutablePointer<BoxPoint>
    private(set) var count: Int

    init(_ vertices: UnsafeMutablePointer<BoxPoint>, count: Int) {
        self.vertices = vertices
        self.count = count
    }

    mutating func run() {
        removeRepeats()
        if !isSimple { takeConvexHull() }
        startAtTopLeft()
    }

    private mutating func removeRepeats() {
        var kept = 0
        for index in 0..<count where kept == 0 || vertices[index] != vertices[kept - 1] {
            vertices[kept] = vertices[index]
            kept += 1
        }
        while kept > 1, vertices[kept - 1] == vertices[0] { kept -= 1 }
        count = kept
    }

    /// Whether no two sides meet except neighbours at their common vertex.
    private var isSimple: Bool {
        guard count >= 3 else { return false }
        for first in 0..<count {
            let (a, b, c) = (vertices[first], vertices[next(first)], vertices[next(next(first))])
            // Neighbours that run back over each other.
            if Self.cross(a, b, c) == 0, Self.dot(b, a, c) > 0 { return false }
            for second in (first + 2)..<max(count, first + 2) where next(second) != first {
                if Self.meet(a, b, vertices[second], vertices[next(second)]) { return false }
            }
        }
        return true
    }

    /// Gift wrapping: of few points, in place.
    private mutating func takeConvexHull() {
        guard count >= 3 else { return }
        var top = 0
        for index in 1..<count where (vertices[index].y, vertices[index].x) < (vertices[top].y, vertices[top].x) { top = index }
        swap(0, top)
        var kept = 1
        while kept < count {
            let last = vertices[kept - 1]
            var best = kept == 1 ? 1 : 0
            for index in kept..<count {
                let turn = Self.cross(last, vertices[best], vertices[index])
                if turn < 0
                    || turn == 0 && Self.dot(last, vertices[index], vertices[index]) > Self.dot(last, vertices[best], vertices[best])
                {
                    best = index
                }
            }
            if best == 0 { break }
            swap(kept, best)
            kept += 1
        }
        count = kept
    }

    private mutating func startAtTopLeft() {
        guard count > 0 else { return }
        var start = 0
        for index in 1..<count {
            let (sum, least) = (vertices[index].x + vertices[index].y, vertices[start].x + vertices[start].y)
            if sum < least || sum == least && vertices[index].y < vertices[start].y { start = index }
        }
        // A rotation is three reversals.
        reverse(0, start)
        reverse(start, count)
        reverse(0, count)
    }

    private func reverse(_ start: Int, _ end: Int) {
        for offset in 0..<((end - start) / 2) { swap(start + offset, end - 1 - offset) }
    }

    private func next(_ index: Int) -> Int { index + 1 == count ? 0 : index + 1 }

    private func swap(_ a: Int, _ b: Int) {
        (vertices[a], vertices[b]) = (vertices[b], vertices[a])
    }

    private static func meet(_ a: BoxPoint, _ b: BoxPoint, _ c: BoxPoint, _ d: BoxPoint) -> Bool {
        let (cSide, dSide) = (cross(a, b, c).signum(), cross(a, b, d).signum())
        let (aSide, bSide) = (cross(c, d, a).signum(), cross(c, d, b).signum())
        if cSide != dSide, aSide != bSide { return true }
        return cSide == 0 && isBetween(c, a, b) || dSide == 0 && isBetween(d, a, b) || aSide == 0 && isBetween(a, c, d)
            || bSide == 0 && isBetween(b, c, d)
    }

    /// Whether a point of the line through a and b lies between them.
    private static func isBetween(_ point: BoxPoint, _ a: BoxPoint, _ b: BoxPoint) -> Bool { dot(point, a, b) <= 0 }

    private static func cross(_ a: BoxPoint, _ b: BoxPoint, _ c: BoxPoint) -> Int64 { Vector(from: a, to: b).cross(Vector(from: a, to: c)) }

    private static func dot(_ a: BoxPoint, _ b: BoxPoint, _ c: BoxPoint) -> Int64 { Vector(from: a, to: b).dot(Vector(from: a, to: c)) }
}
