/// The convex hull of a region's pixel centres.
///
/// Andrew's monotone chain, taken down the rows instead of along x: a region's runs come in that order, and of each row only the first and
/// the last pixel can be on the hull. So no sort is needed, and 3 points per row are storage enough. Exact: all products fit 32 bits.
package struct ConvexHull: ~Copyable {
    /// The right side downwards, from the second place on: the first is for the top left.
    private let hull: UnsafeMutablePointer<PixelPoint>
    /// The left side downwards.
    private let left: UnsafeMutablePointer<PixelPoint>
    private var hullCount = 1
    private var leftCount = 0

    package static func storagePoints(rows: Int) -> Int { 3 * rows }

    /// `storage` has room for `storagePoints(rows:)` points, and no more than `rows` rows are added.
    package init(storage: UnsafeMutablePointer<PixelPoint>, rows: Int) {
        hull = storage
        left = storage + 2 * rows
    }

    /// Adds the first and the last pixel of the next row.
    package mutating func addRow(_ y: Int32, first: Int32, last: Int32) {
        let leftPoint = PixelPoint(x: first, y: y)
        while leftCount >= 2, crossProduct(left[leftCount - 2], left[leftCount - 1], leftPoint) >= 0 { leftCount -= 1 }
        left[leftCount] = leftPoint
        leftCount += 1
        let rightPoint = PixelPoint(x: last, y: y)
        while hullCount >= 3, crossProduct(hull[hullCount - 2], hull[hullCount - 1], rightPoint) <= 0 { hullCount -= 1 }
        hull[hullCount] = rightPoint
        hullCount += 1
    }

    /// The hull of the rows added, clockwise from its top left, without points on its edges: one point for a single pixel, two for a line.
    package consuming func vertices() -> UnsafeBufferPointer<PixelPoint> {
        guard leftCount > 0 else { return UnsafeBufferPointer(start: nil, count: 0) }
        var end = hullCount
        for index in stride(from: leftCount - 1, to: 0, by: -1) where left[index] != hull[hullCount - 1] {
            hull[end] = left[index]
            end += 1
        }
        let start = left[0] == hull[1] ? 1 : 0
        hull[0] = left[0]
        return UnsafeBufferPointer(start: hull + start, count: end - start)
    }
}
