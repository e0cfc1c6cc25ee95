/// A closed outline in fixed storage: gathered point by point, then simplified to a few vertices. All lengths are in units of 1/256 pixel.
struct Outline {
    /// A stretch of the outline from one vertex to the next, and where it is farthest from the straight line between them.
    struct Stretch {
        var start: Int
        var farthest: Int
        /// That distance, in units of 1/256 pixel.
        var error: Int64
    }

    private let points: UnsafeMutablePointer<BoxPoint>
    private let capacity: Int
    private let stretches: UnsafeMutablePointer<Stretch>
    private var count = 0
    /// Every how many of the points offered one is kept.
    private var spacing = 1
    private var offered = 0
    private(set) var vertexCount = 0

    init(points: UnsafeMutablePointer<BoxPoint>, capacity: Int, stretches: UnsafeMutablePointer<Stretch>) {
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
    mutating func append(_ point: BoxPoint) {
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

    private func goesStraight(_ a: BoxPoint, _ b: BoxPoint, _ c: BoxPoint) -> Bool {
        let (first, second) = (Vector(from: a, to: b), Vector(from: b, to: c))
        return first.cross(second) == 0 && first.dot(second) > 0
    }

    private mutating func thinOut() {
        for index in 1..<(count / 2) { points[index] = points[2 * index] }
        count /= 2
        spacing *= 2
    }

    func vertex(_ index: Int) -> BoxPoint { points[stretches[index].start] }

    /// The length around all points.
    var length: Int64 { Self.length(count) { points[$0] } }

    /// The length around the vertices.
    var vertexLength: Int64 { Self.length(vertexCount) { vertex($0) } }

    /// Twice the area inside the vertices, in units of 1/65536 square pixel.
    var doubleVertexArea: Int64 {
        var sum: Int64 = 0
        for index in 0..<vertexCount {
            let (a, b) = (vertex(index), vertex(index + 1 == vertexCount ? 0 : index + 1))
            sum += Int64(a.x) * Int64(b.y) - Int64(a.y) * Int64(b.x)
        }
        return abs(sum)
    }

    @inline(__always)
    private static func length(_ count: Int, _ point: (Int) -> BoxPoint) -> Int64 {
        var sum: Int64 = 0
        for index in 0..<count {
            sum += Vector(from: point(index), to: point(index + 1 == count ? 0 : index + 1)).length
        }
        return sum
    }

    /// Chooses vertices among the points so that none is farther than `tolerance` from the polygon, or as many as are allowed.
    ///
    /// Douglas and Peucker 1973, but always at the point that is farthest off, so that a limited number of vertices goes where it does
    /// most, and no stack is needed. Distances are to the stretch, not to the endless line that approxPolyDP takes: a spike beyond its ends
    /// counts.
    mutating func simplify(tolerance: Int64, maximumVertices: Int) {
        vertexCount = min(count, 1)
        guard count > 1 else {
            stretches[0] = Stretch(start: 0, farthest: 0, error: 0)
            return
        }
        // From the first point, an extreme, all around to itself: split where it is farthest from there.
        stretches[0] = stretch(from: 0, to: count)
        split(0)
        while vertexCount < maximumVertices {
            var worst = 0
            for index in 1..<vertexCount where stretches[index].error > stretches[worst].error { worst = index }
            guard stretches[worst].error > tolerance else { return }
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

    /// All distances of a stretch are compared times its length. Lengths are below 2^22, so products are below 2^44.
    private func stretch(from start: Int, to end: Int) -> Stretch {
        let (a, b) = (points[start], points[end == count ? 0 : end])
        let edge = Vector(from: a, to: b)
        let (squaredLength, length) = (edge.dot(edge), max(edge.length, 1))
        var farthest = start
        var greatest: Int64 = 0
        for index in (start + 1)..<max(end, start + 1) {
            let vector = Vector(from: a, to: points[index])
            let along = edge.dot(vector)
            let distance =
                if along <= 0 {
                    vector.length * length
                } else if along >= squaredLength {
                    Vector(from: b, to: points[index]).length * length
                } else {
                    abs(edge.cross(vector))
                }
            if distance > greatest { (greatest, farthest) = (distance, index) }
        }
        return Stretch(start: start, farthest: farthest, error: greatest / length)
    }
}
