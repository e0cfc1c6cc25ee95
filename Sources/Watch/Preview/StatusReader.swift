/// Reads the JSON object that the loop made (RFC 8259): members by name, elements in order. What is not as expected is not there.
struct StatusReader {
    /// A value without the white space around it; empty if there is none.
    let bytes: UnsafeBufferPointer<UInt8>

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        var (start, end) = (0, bytes.count)
        while start < end, Self.isSpace(bytes[start]) { start += 1 }
        while start < end, Self.isSpace(bytes[end - 1]) { end -= 1 }
        self.bytes = UnsafeBufferPointer<UInt8>(rebasing: bytes[start..<end])
    }

    /// An object's members as they stand between its braces.
    var membersOfObject: UnsafeBufferPointer<UInt8> { inside(UInt8(ascii: "{"), UInt8(ascii: "}")) }

    /// The value of an object's member.
    subscript(name: StaticString) -> StatusReader {
        var rest = membersOfObject
        while rest.count > 0 {
            let end = Self.endOfItem(rest)
            let colon = Self.end(of: UInt8(ascii: ":"), rest, upTo: end)
            let key = StatusReader(UnsafeBufferPointer<UInt8>(rebasing: rest[..<colon]))
            if key.isText(name), colon < end { return StatusReader(UnsafeBufferPointer<UInt8>(rebasing: rest[(colon + 1)..<end])) }
            rest = UnsafeBufferPointer<UInt8>(rebasing: rest[min(end + 1, rest.count)...])
        }
        return StatusReader(UnsafeBufferPointer<UInt8>(start: nil, count: 0))
    }

    /// An array's elements, one after the other.
    var elements: Elements { Elements(rest: inside(UInt8(ascii: "["), UInt8(ascii: "]"))) }

    struct Elements {
        fileprivate var rest: UnsafeBufferPointer<UInt8>

        mutating func next() -> StatusReader? {
            guard rest.count > 0 else { return nil }
            let end = StatusReader.endOfItem(rest)
            defer { rest = UnsafeBufferPointer<UInt8>(rebasing: rest[min(end + 1, rest.count)...]) }
            return StatusReader(UnsafeBufferPointer<UInt8>(rebasing: rest[..<end]))
        }
    }

    /// Whether this is a string of just these characters, none of which needs an escape.
    func isText(_ text: StaticString) -> Bool {
        guard bytes.count == text.utf8CodeUnitCount + 2, bytes[0] == UInt8(ascii: "\"") else { return false }
        for index in 0..<text.utf8CodeUnitCount where bytes[index + 1] != text.utf8Start[index] { return false }
        return true
    }

    var isTrue: Bool {
        bytes.count == 4 && bytes[0] == UInt8(ascii: "t")
    }

    var isNumber: Bool {
        guard let first = bytes.first else { return false }
        return first == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
    }

    /// A string's characters with their escapes.
    var characters: UnsafeBufferPointer<UInt8> { inside(UInt8(ascii: "\""), UInt8(ascii: "\"")) }

    private func inside(_ first: UInt8, _ last: UInt8) -> UnsafeBufferPointer<UInt8> {
        guard bytes.count >= 2, bytes[0] == first, bytes[bytes.count - 1] == last else {
            return UnsafeBufferPointer<UInt8>(start: nil, count: 0)
        }
        return UnsafeBufferPointer<UInt8>(rebasing: bytes[1..<(bytes.count - 1)])
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    /// Where the first item of a list ends: at the next comma that is in no string, object or array.
    private static func endOfItem(_ list: UnsafeBufferPointer<UInt8>) -> Int { end(of: UInt8(ascii: ","), list, upTo: list.count) }

    private static func end(of mark: UInt8, _ list: UnsafeBufferPointer<UInt8>, upTo limit: Int) -> Int {
        var depth = 0
        var isString = false
        var index = 0
        while index < limit {
            let byte = list[index]
            if isString {
                if byte == UInt8(ascii: "\\") { index += 1 } else if byte == UInt8(ascii: "\"") { isString = false }
            } else {
                switch byte {
                case UInt8(ascii: "\""): isString = true
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
                case mark where depth == 0: return index
                default: break
                }
            }
            index += 1
        }
        return limit
    }
}

/// Whether frames are looked at in time.
struct ReportedHealth {
    /// Without news for longer, the loop hangs.
    static let mostStatusAgeMilliseconds = 2000

    let isGood: Bool
    let sentence: StaticString

    init(_ status: StatusReader, statusAgeMilliseconds: Int) {
        let state = status["state"]
        guard statusAgeMilliseconds <= Self.mostStatusAgeMilliseconds else {
            self.init(isGood: false, "stalled: the frame loop has said nothing for more than two seconds\n")
            return
        }
        if state.isText("watching") {
            self.init(isGood: true, "watching\n")
        } else if state.isText("still") {
            self.init(isGood: true, "still: the picture does not change\n")
        } else if state.isText("waiting") {
            self.init(isGood: false, "waiting: there is no camera\n")
        } else if state.isText("degraded") {
            self.init(isGood: false, "degraded: only damaged frames come\n")
        } else if state.isText("frozen") {
            self.init(isGood: false, "frozen: the camera repeats one picture\n")
        } else if state.isText("ended") {
            self.init(isGood: false, "ended: there are no more pictures\n")
        } else {
            self.init(isGood: false, "starting\n")
        }
    }

    private init(isGood: Bool, _ sentence: StaticString) {
        self.isGood = isGood
        self.sentence = sentence
    }
}
