/// A binary map, one bit per pixel, in which one region at a time is painted.
///
/// Rows have a spare bit behind the last pixel, for the right edge of a run that ends there.
struct TextMask {
    static let wordBits = 64

    let words: UnsafeMutablePointer<UInt64>
    let wordsPerRow: Int
    /// The part that can hold pixels; the rest counts as empty.
    var width: Int
    var height: Int

    static func wordsPerRow(width: Int) -> Int { width / wordBits + 1 }

    func row(_ y: Int) -> UnsafeMutablePointer<UInt64> { words + y * wordsPerRow }

    @inline(__always)
    func contains(_ x: Int, _ y: Int) -> Bool {
        guard x >= 0, x < width, y >= 0, y < height else { return false }
        return row(y)[x / Self.wordBits] >> UInt64(x % Self.wordBits) & 1 != 0
    }

    /// Paints columns first ... last of a row, as far as they are in the map.
    func paint(row y: Int, first: Int, last: Int) {
        let (first, last) = (max(first, 0), min(last, width - 1))
        guard first <= last else { return }
        let words = row(y)
        let (firstWord, lastWord) = (first / Self.wordBits, last / Self.wordBits)
        let start = ~UInt64(0) << UInt64(first % Self.wordBits)
        let end = ~UInt64(0) >> UInt64(Self.wordBits - 1 - last % Self.wordBits)
        if firstWord == lastWord {
            words[firstWord] |= start & end
            return
        }
        words[firstWord] |= start
        for word in (firstWord + 1)..<lastWord { words[word] = ~0 }
        words[lastWord] |= end
    }

    @inline(__always)
    func toggle(_ x: Int, _ y: Int) {
        row(y)[x / Self.wordBits] ^= 1 << UInt64(x % Self.wordBits)
    }

    /// Turns marks at the left edges of runs, and behind their right edges, into runs.
    func fillBetweenMarks(row y: Int) {
        let words = row(y)
        var isInside: UInt64 = 0
        for index in 0..<wordsPerRow {
            // Each bit becomes the parity of the marks up to it.
            var word = words[index]
            word ^= word << 1
            word ^= word << 2
            word ^= word << 4
            word ^= word << 8
            word ^= word << 16
            word ^= word << 32
            word ^= isInside
            words[index] = word
            isInside = 0 &- (word >> 63)
        }
    }

    func clear(rows: Range<Int>) {
        row(rows.lowerBound).update(repeating: 0, count: rows.count * wordsPerRow)
    }

    /// The next run of a row, from `column` on, of the pixels that row `other` does not have.
    func nextRun(in row: UnsafePointer<UInt64>, without other: UnsafePointer<UInt64>?, from column: Int) -> (first: Int, last: Int)? {
        var index = column / Self.wordBits
        guard index < wordsPerRow else { return nil }
        var word = difference(row, other, index) & ~0 << UInt64(column % Self.wordBits)
        while word == 0 {
            index += 1
            guard index < wordsPerRow else { return nil }
            word = difference(row, other, index)
        }
        let start = word.trailingZeroBitCount
        let first = index * Self.wordBits + start
        // The run ends where the first gap behind its start is, perhaps some words on.
        var gap = ~word & ~0 << UInt64(start)
        while gap == 0 {
            index += 1
            guard index < wordsPerRow else { break }
            gap = ~difference(row, other, index)
        }
        return (first, index * Self.wordBits + (index < wordsPerRow ? gap.trailingZeroBitCount : 0) - 1)
    }

    @inline(__always)
    private func difference(_ row: UnsafePointer<UInt64>, _ other: UnsafePointer<UInt64>?, _ index: Int) -> UInt64 {
        row[index] & ~(other?[index] ?? 0)
    }

    /// The nearest painted pixel of a row at or left of a column.
    func nearestAtOrLeft(of x: Int, row y: Int) -> Int? {
        let words = row(y)
        var index = x / Self.wordBits
        var word = words[index] & ~0 >> UInt64(Self.wordBits - 1 - x % Self.wordBits)
        while word == 0 {
            index -= 1
            guard index >= 0 else { return nil }
            word = words[index]
        }
        return index * Self.wordBits + Self.wordBits - 1 - word.leadingZeroBitCount
    }

    /// The nearest painted pixel of a row at or right of a column.
    func nearestAtOrRight(of x: Int, row y: Int) -> Int? {
        nextRun(in: row(y), without: nil, from: x)?.first
    }
}
