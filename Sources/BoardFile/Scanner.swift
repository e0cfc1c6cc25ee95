/// Walks through a file's text line by line; whatever comes from it is a piece of the text and remembers its place.
struct Scanner {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var next = 0
    /// Of the line that `nextLine` gave, from 1.
    private(set) var line = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// A stretch of one line.
    struct Text {
        fileprivate let bytes: UnsafeBufferPointer<UInt8>
        fileprivate(set) var start: Int
        fileprivate(set) var end: Int
        let line: Int
        fileprivate let lineStart: Int

        var isEmpty: Bool { start == end }
        var count: Int { end - start }
        var piece: Piece { Piece(UnsafeBufferPointer(rebasing: bytes[start..<end])) }
        subscript(index: Int) -> UInt8 { bytes[start + index] }

        /// This and what lies around it goes.
        var trimmed: Text {
            var text = self
            while text.start < text.end, Scanner.isBlank(bytes[text.start]) { text.start += 1 }
            while text.end > text.start, Scanner.isBlank(bytes[text.end - 1]) { text.end -= 1 }
            return text
        }

        /// What lies ahead of the first such byte, and what lies behind it; nil if there is none.
        func split(at byte: UInt8) -> (head: Text, tail: Text)? {
            for index in start..<end where bytes[index] == byte {
                var (head, tail) = (self, self)
                head.end = index
                tail.start = index + 1
                return (head, tail)
            }
            return nil
        }

        /// Takes the first word off a trimmed text; nil if there is none.
        @inline(never)
        mutating func nextWord() -> Text? {
            guard !isEmpty else { return nil }
            var word = self
            word.end = start
            while word.end < end, !Scanner.isBlank(bytes[word.end]) { word.end += 1 }
            start = word.end
            self = trimmed
            return word
        }

        func dropping(first: Int, last: Int) -> Text {
            var text = self
            text.start += first
            text.end -= last
            return text
        }

        /// A decimal number, or nil for anything else and for what is greater than a million.
        var number: Int? {
            guard !isEmpty else { return nil }
            var value = 0
            for index in start..<end {
                let digit = Int(bytes[index]) - 48
                guard (0...9).contains(digit) else { return nil }
                value = 10 * value + digit
                guard value <= 1_000_000 else { return nil }
            }
            return value
        }

        func error(_ sentence: StaticString) -> BoardFileError {
            BoardFileError(line: line, column: start - lineStart + 1, sentence: sentence)
        }
    }

    /// The next line without its break, or nil past the last.
    mutating func nextLine() -> Text? {
        guard next < bytes.count else { return nil }
        let start = next
        var end = start
        while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
        next = end + 1
        line += 1
        return Text(bytes: bytes, start: start, end: end, line: line, lineStart: start)
    }

    /// An error of what is missing altogether.
    func error(_ sentence: StaticString) -> BoardFileError { BoardFileError(line: line + 1, column: 1, sentence: sentence) }

    /// A carriage return too: files from Windows have one ahead of each break.
    fileprivate static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
}
