/// A logit map read as probabilities, by table: the same sums on every CPU.
struct ProbabilityMap {
    /// Logits in units of 1/2048, row by row.
    let logits: UnsafePointer<Int16>
    /// Logits from one row to the next.
    let rowStride: Int
    /// The part that may hold text, at the top left.
    let validWidth: Int
    let validHeight: Int
    /// `tableSize` probabilities; 65535 is 1. Entry i is for logits from -8 + i / 64 up to the next, the outer ones for all beyond.
    let table: UnsafePointer<UInt16>

    static let tableSize = 1024

    /// The sum over columns first ... last of a row, which lie in the map. A row of 4096 pixels stays below 2^28.
    @inline(__always)
    func sum(row: Int, first: Int, last: Int) -> UInt32 {
        let pixels = logits + row * rowStride
        var sum: UInt32 = 0
        for column in first..<(last + 1) {
            // (logit + 8) * 64 of a logit in units of 1/2048.
            let entry = (Int32(pixels[column]) &+ 8 << 11) >> 5
            sum &+= UInt32(table[Int(min(max(entry, 0), Int32(Self.tableSize - 1)))])
        }
        return sum
    }

    /// The mean over the pixels whose centres lie in the rectangle or on its edge, as far as they are in the valid part.
    ///
    /// PaddleOCR's box_score_fast and the authors' code score the same rectangle, with its pixels below the threshold.
    /// But they cut its corners to whole pixels first, towards the top left, and so take in a row and a column beyond the text: scores here
    /// are higher, by 0.06 on average with PP-OCRv4 (25 photos of MSRA-TD500 at 640x640), and the same limit passes a little more.
    func meanProbability(in rectangle: MinimumAreaRectangle) -> UInt16 {
        let rows = rectangle.rows
        var sum: UInt64 = 0
        var count = 0
        for row in max(Int(rows.lowerBound), 0)..<(min(Int(rows.upperBound), validHeight - 1) + 1) {
            let columns = rectangle.columns(inRow: Int32(row))
            let (first, last) = (max(columns.first, 0), min(columns.last, Int32(validWidth - 1)))
            guard first <= last else { continue }
            sum += UInt64(self.sum(row: row, first: Int(first), last: Int(last)))
            count += Int(last - first) + 1
        }
        return Self.mean(sum, count)
    }

    static func mean(_ sum: UInt64, _ count: Int) -> UInt16 {
        count == 0 ? 0 : UInt16((2 * sum + UInt64(count)) / (2 * UInt64(count)))
    }
}

extension MinimumAreaRectangle {
    /// The rows that hold a point of the rectangle, also those outside the map.
    var rows: ClosedRange<Int64> {
        let along = edgeY < 0 ? (alongEnd, alongStart) : (alongStart, alongEnd)
        let across = edgeX < 0 ? (acrossEnd, 0) : (0, acrossEnd)
        let lowest = along.0 * edgeY + across.0 * edgeX
        let highest = along.1 * edgeY + across.1 * edgeX
        return (Int64(origin.y) - floorQuotient(-lowest, squaredLength))...(Int64(origin.y) + floorQuotient(highest, squaredLength))
    }

    /// The columns of the pixels of a row whose centres are in the rectangle, edges included; last < first where there is none.
    ///
    /// Two strips meet here: alongStart <= edgeX x + edgeY y <= alongEnd, and 0 <= edgeX y - edgeY x <= acrossEnd. In 32 bits, where
    /// division is quicker on small cores: both extents and both products of a row near the map stay below 2^27.
    func columns(inRow row: Int32) -> (first: Int32, last: Int32) {
        let y = row - origin.y
        let (edgeX, edgeY) = (Int32(edgeX), Int32(edgeY))
        let along = Self.solutions(of: edgeX, from: Int32(alongStart) - edgeY * y, through: Int32(alongEnd) - edgeY * y)
        let across = Self.solutions(of: edgeY, from: edgeX * y - Int32(acrossEnd), through: edgeX * y)
        return (origin.x + max(along.first, across.first), origin.x + min(along.last, across.last))
    }

    /// The integers x with lower <= factor x <= upper.
    private static func solutions(of factor: Int32, from lower: Int32, through upper: Int32) -> (first: Int32, last: Int32) {
        let everything: (Int32, Int32) = (-1 << 14, 1 << 14)
        if factor == 0 { return lower <= 0 && 0 <= upper ? everything : (1, 0) }
        if factor < 0 { return solutions(of: -factor, from: -upper, through: -lower) }
        return (-floorQuotient(-lower, factor), floorQuotient(upper, factor))
    }
}
