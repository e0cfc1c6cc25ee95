/// Of several names the one that comes closest to what stands in the file, if one comes close: up to one wrong letter of three.
struct NearestName {
    private static let longest = 32

    private let text: Piece
    private var least: Int
    private(set) var name: Piece?

    init(to text: Scanner.Text) {
        self.text = text.piece
        least = max(text.count / 3, 1) + 1
    }

    mutating func consider(_ candidate: Piece) {
        guard candidate.bytes.count <= Self.longest, text.bytes.count <= Self.longest else { return }
        let distance = Self.distance(text.bytes, candidate.bytes)
        guard distance < least else { return }
        least = distance
        name = candidate
    }

    /// Letters left out, put in, replaced and swapped with the next (the "optimal string alignment" distance), by rows of its table.
    private static func distance(_ first: UnsafeBufferPointer<UInt8>, _ second: UnsafeBufferPointer<UInt8>) -> Int {
        var beforeLast = InlineArray<33, Int>(repeating: 0)
        var last = InlineArray<33, Int>(repeating: 0)
        var row = InlineArray<33, Int> { $0 }
        for i in first.indices {
            beforeLast = last
            last = row
            row[0] = i + 1
            for j in second.indices {
                let isEqual = first[i] == second[j]
                row[j + 1] = min(min(last[j + 1], row[j]) + 1, last[j] + (isEqual ? 0 : 1))
                if i > 0, j > 0, first[i] == second[j - 1], first[i - 1] == second[j] {
                    row[j + 1] = min(row[j + 1], beforeLast[j - 1] + 1)
                }
            }
        }
        return row[second.count]
    }
}

extension Scanner.Text {
    /// An error that names the nearest of these candidates, which stand with a blank in between.
    func error(_ sentence: StaticString, nearestOf candidates: StaticString) -> BoardFileError {
        var nearest = NearestName(to: self)
        let all = UnsafeBufferPointer(start: candidates.utf8Start, count: candidates.utf8CodeUnitCount)
        var start = 0
        for end in 0...all.count where end == all.count || all[end] == UInt8(ascii: " ") {
            nearest.consider(Piece(UnsafeBufferPointer(rebasing: all[start..<end])))
            start = end + 1
        }
        var error = error(sentence)
        error.nearest = nearest.name
        return error
    }
}
