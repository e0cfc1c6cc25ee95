/// What values look like.
extension Scanner.Text {
    func number(in range: ClosedRange<Int>, _ sentence: StaticString) throws(BoardFileError) -> Int {
        guard let number, range.contains(number) else { throw error(sentence) }
        return number
    }

    /// A decimal number with up to four places, in units of 1/10000.
    func decimal(in range: ClosedRange<Int>, _ sentence: StaticString) throws(BoardFileError) -> Int {
        var (whole, fraction) = (self, 0)
        if let (head, tail) = split(at: UInt8(ascii: ".")) {
            guard (1...4).contains(tail.count), let digits = tail.number else { throw error(sentence) }
            (whole, fraction) = (head, digits)
            for _ in tail.count..<4 { fraction *= 10 }
        }
        guard let number = whole.number, range.contains(number * 10_000 + fraction) else { throw error(sentence) }
        return number * 10_000 + fraction
    }

    /// 500ms, 2s, 5min or 1h, in nanoseconds; the range is in milliseconds.
    func time(in milliseconds: ClosedRange<Int>, _ sentence: StaticString) throws(BoardFileError) -> Int64 {
        var digits = 0
        while digits < count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self[digits]) { digits += 1 }
        let unit = dropping(first: digits, last: 0).piece
        let scale = unit.equals("ms") ? 1 : unit.equals("s") ? 1000 : unit.equals("min") ? 60_000 : unit.equals("h") ? 3_600_000 : 0
        guard scale > 0, let number = dropping(first: 0, last: count - digits).number, milliseconds.contains(number * scale) else {
            throw error(sentence)
        }
        return Int64(number * scale) * 1_000_000
    }

    /// One of two words: whether it is the second.
    func isSecond(_ first: StaticString, _ second: StaticString, _ sentence: StaticString) throws(BoardFileError) -> Bool {
        if piece.equals(second) { return true }
        guard piece.equals(first) else { throw error(sentence) }
        return false
    }

    /// 640x480.
    func size() throws(BoardFileError) -> PixelSize {
        guard let (width, height) = split(at: UInt8(ascii: "x")), let width = width.number, let height = height.number,
            (32...4096).contains(width), (32...4096).contains(height)
        else { throw error("a size from 32x32 to 4096x4096 was expected, such as 640x480") }
        return PixelSize(width: width, height: height)
    }

    /// A line's name, or its chip's label, a colon and its place there.
    func lineReference() throws(BoardFileError) -> LineReference {
        guard number == nil else {
            throw error("a line's number changes with the kernel: give its name, or its chip's label and its place there, such as gpio1:22")
        }
        guard let (chip, offset) = split(at: UInt8(ascii: ":")) else { return .named(piece) }
        guard !chip.isEmpty, let offset = offset.number, offset < 1024 else {
            throw error("a chip's label, a colon and a place from 0 to 1023 were expected, such as gpio1:22")
        }
        return .offset(chip: chip.piece, offset)
    }

    /// Whether it is a name that can be shown, sent and compared anywhere as it stands.
    var isName: Bool {
        guard (1...32).contains(count) else { return false }
        for index in 0..<count {
            switch self[index] {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "_"):
                continue
            default: return false
            }
        }
        return true
    }
}
