/// The boxes with the best scores, up to a fixed number, each with room for its points.
///
/// Once full it is a binary heap whose first box is the worst, so that a better one takes its place.
struct BestBoxes {
    let boxes: UnsafeMutablePointer<DetectedBox>
    let points: UnsafeMutablePointer<BoxPoint>
    let maximumBoxes: Int
    let pointsPerBox: Int
    private(set) var count = 0
    /// Boxes that were offered and are not among the best.
    private(set) var droppedCount = 0

    init(boxes: UnsafeMutablePointer<DetectedBox>, points: UnsafeMutablePointer<BoxPoint>, maximumBoxes: Int, pointsPerBox: Int) {
        self.boxes = boxes
        self.points = points
        self.maximumBoxes = maximumBoxes
        self.pointsPerBox = pointsPerBox
    }

    mutating func removeAll() {
        count = 0
        droppedCount = 0
    }

    /// Where the points of a new box go; nil where all boxes there are have better scores. `insert` must follow.
    mutating func place(score: UInt16, firstRun: Int) -> Int? {
        if count < maximumBoxes { return count * pointsPerBox }
        droppedCount += 1
        let worst = boxes[0]
        let isBetter = score != worst.score ? score > worst.score : firstRun < Int(worst.firstRun)
        return isBetter ? Int(worst.firstPoint) : nil
    }

    /// Adds a box whose points are at the place that `place` gave for it.
    mutating func insert(score: UInt16, firstRun: Int, place: Int, pointCount: Int) {
        let box = DetectedBox(
            score: score, pointCount: UInt16(truncatingIfNeeded: pointCount), firstPoint: UInt32(truncatingIfNeeded: place),
            firstRun: UInt32(truncatingIfNeeded: firstRun))
        if count < maximumBoxes {
            boxes[count] = box
            count += 1
            if count == maximumBoxes { makeHeap(Self.isWorse) }
        } else {
            boxes[0] = box
            siftDown(0, count: count, Self.isWorse)
        }
    }

    /// Sorts by the first pixel of the regions, in reading order. Heap sort: no storage, and no bad case.
    mutating func sortInReadingOrder() {
        makeHeap(Self.isLater)
        for end in stride(from: count - 1, to: 0, by: -1) {
            swap(0, end)
            siftDown(0, count: end, Self.isLater)
        }
    }

    /// A lower score is worse, and at the same score a later region.
    private static func isWorse(_ a: DetectedBox, _ b: DetectedBox) -> Bool {
        a.score != b.score ? a.score < b.score : isLater(a, b)
    }

    private static func isLater(_ a: DetectedBox, _ b: DetectedBox) -> Bool { a.firstRun > b.firstRun }

    /// Makes the boxes a heap in which no box comes before the one above it.
    @inline(__always)
    private func makeHeap(_ isBefore: (DetectedBox, DetectedBox) -> Bool) {
        for index in stride(from: count / 2 - 1, through: 0, by: -1) { siftDown(index, count: count, isBefore) }
    }

    @inline(__always)
    private func siftDown(_ start: Int, count: Int, _ isBefore: (DetectedBox, DetectedBox) -> Bool) {
        var index = start
        while true {
            var child = 2 * index + 1
            guard child < count else { return }
            if child + 1 < count, isBefore(boxes[child + 1], boxes[child]) { child += 1 }
            guard isBefore(boxes[child], boxes[index]) else { return }
            swap(index, child)
            index = child
        }
    }

    @inline(__always)
    private func swap(_ a: Int, _ b: Int) {
        (boxes[a], boxes[b]) = (boxes[b], boxes[a])
    }
}
