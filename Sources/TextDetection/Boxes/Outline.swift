/// A closed outline in fixed storage: gathered point by point, then simplified to a few vertices.
struct Outline {
    /// A stretch of the outline from one vertex to the next, and where it is farthest from the straight line between them.
    struct Stretch {
        var start: Int
        var farthest: Int
        /// The square of that distance times 256.
        var error: UInt64
    }

    private let points: UnsafeMutablePointer<PixelPoint>
    private let capacity: Int
    private let stretches: UnsafeMutablePointer<Stretch>
    private var count = 0
    /// Every how many of the points offered one is kept.
    private var spacing = 1
    private var offered = 0
    private(set) var vertexCount = 0

    init(points: UnsafeMutablePointer<PixelPoint>, capacity: Int, stretches: UnsafeMutablePointer<Stretch>) {
        self.points = points
        self.capacity = capacity
        self.stretches = stretches
    }

    /// Text has far fewer corners than this; of an outline with more, points are left out evenly.
    static func storagePoints(width: Int, height: Int) -> Int { 4 * (width + height) }

    mutating func removeAll() {
        count = 0
        spacing = 1
        offered = 0
        vertexCount = 0
    }

    /// Adds a point; one that goes on straight replaces the last.
    @inline(__always)
    mutating func append(_ point: PixelPoint) {
        defer { offered &+= 1 }
        guard offered % spacing == 0 else { return }
        if count >= 1, points[count - 1] == point { return }
        if count >= 2, goesStraight(points[count - 2], points[count - 1], point) {
            points[count - 1] = point
            return
        }
        if count == capacity { thinOut() }
        points[count] = point
        count += 1
    }

    private func goesStraight(_ a: PixelPoint, _ b: PixelPoint, _ c: PixelPoint) -> Bool {
        crossProduct(a, b, c) == 0 && (b.x - a.x) * (c.x - b.x) + (b.y - a.y) * (c.y - b.y) > 0
    }

    private mutating func thinOut() {
        for index in 1..<(count / 2) { points[index] = points[2 * index] }
        count /= 2
        spacing *= 2
    }

    func vertex(_ index: Int) -> PixelPoint { points[stretches[index].start] }

    /// The length around all points, in units of 1/256.
    var length: Int64 { Self.length(count) { points[$0] } }

    /// The length around the vertices, in units of 1/256.
    var vertexLength: Int64 { Self.length(vertexCount) { vertex($0) } }

    /// Twice the area inside the vertices.
    var doubleVertexArea: Int64 {
        var sum: Int64 = 0
        for index in 0..<vertexCount {
            let (a, b) = (vertex(index), vertex(index + 1 == vertexCount ? 0 : index + 1))
            sum += Int64(a.x) * Int64(b.y) - Int64(a.y) * Int64(b.x)
        }
        return abs(sum)
    }

    @inline(__always)
    private static func length(_ count: Int, _ point: (Int) -> PixelPoint) -> Int64 {
        var sum: Int64 = 0
        for index in 0..<count {
            let (a, b) = (point(index), point(index + 1 == count ? 0 : index + 1))
            let (x, y) = (Int64(b.x - a.x), Int64(b.y - a.y))
            sum += Int64(integerSquareRoot(UInt64(x * x + y * y) << 16))
        }
        return sum
    }

    /// Chooses vertices among the points so that none is farther than `tolerance` (in units of 1/256) from the polygon, or as many as are allowed.
    ///
    /// Douglas and Peucker 1973, but always at the point that is farthest off, so that a limited number of vertices goes where it does
    /// most, and no stack is needed. Distances are to the stretch, not to the endless line that approxPolyDP takes: a spike beyond its ends counts.
    mutating func simplify(tolerance: Int64, maximumVertices: Int) {
        let limit = UInt64(tolerance * tolerance) >> 8
        vertexCount = min(count, 1)
        guard count > 1 else {
            stretches[0] = Stretch(start: 0, farthest: 0, error: 0)
            return
        }
        // The first point is the top left one, an extreme; as a stretch that ends where it starts, it is first split at the point farthest from it.
        stretches[0] = stretch(from: 0, to: count)
        split(0)
        while vertexCount < maximumVertices {
            var worst = 0
            for index in 1..<vertexCount where stretches[index].error > stretches[worst].error { worst = index }
            guard stretches[worst].error > limit else { return }
            split(worst)
        }
    }

    private mutating func split(_ index: Int) {
        let old = stretches[index]
        let end = index + 1 == vertexCount ? count : stretches[index + 1].start
        for later in stride(from: vertexCount, to: index + 1, by: -1) { stretches[later] = stretches[later - 1] }
        vertexCount += 1
        stretches[index] = stretch(from: old.start, to: old.farthest)
        stretches[index + 1] = stretch(from: old.farthest, to: end)
    }

    /// With coordinates below 2^13 a squared length is below 2^27, and the products below 2^54.
    private func stretch(from start: Int, to end: Int) -> Stretch {
        let (a, b) = (points[start], points[end == count ? 0 : end])
        let (edgeX, edgeY) = (Int64(b.x - a.x), Int64(b.y - a.y))
        let squaredLength = edgeX * edgeX + edgeY * edgeY
        let scale = max(squaredLength, 1)
        var farthest = start
        var greatest: Int64 = 0
        for index in (start + 1)..<max(end, start + 1) {
            let (x, y) = (Int64(points[index].x - a.x), Int64(points[index].y - a.y))
            let along = x * edgeX + y * edgeY
            let distance: Int64
            if along <= 0 {
                distance = (x * x + y * y) * scale
            } else if along >= squaredLength {
                distance = ((x - edgeX) * (x - edgeX) + (y - edgeY) * (y - edgeY)) * scale
            } else {
                let across = edgeX * y - edgeY * x
                distance = across * across
            }
            if distance > greatest { (greatest, farthest) = (distance, index) }
        }
        return Stretch(start: start, farthest: farthest, error: UInt64(greatest) << 8 / UInt64(scale))
    }
}
