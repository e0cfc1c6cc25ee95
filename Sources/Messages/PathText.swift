import CDevices

extension StaticString {
    /// The literal for C, which lasts as long as the program. It must have no zeros within.
    public var cString: UnsafePointer<CChar> { UnsafeRawPointer(utf8Start).assumingMemoryBound(to: CChar.self) }
}

/// Whether a zero-terminated text is this one.
@inline(never)
public func isEqual(_ text: UnsafePointer<CChar>, _ literal: StaticString) -> Bool {
    hasPrefix(text, literal) && text[literal.utf8CodeUnitCount] == 0
}

/// Whether a zero-terminated text begins with this one.
public func hasPrefix(_ text: UnsafePointer<CChar>, _ literal: StaticString) -> Bool {
    // A text that ends sooner differs at its zero.
    for index in 0..<literal.utf8CodeUnitCount where UInt8(bitPattern: text[index]) != literal.utf8Start[index] { return false }
    return true
}

/// A zero-terminated text in place, of a path's length at most.
public struct PathText {
    private var bytes = InlineArray<1024, CChar>(repeating: 0)

    public init() {}

    /// What does not fit is cut off.
    public init(_ text: Text) {
        self.init()
        for index in 0..<text.count { bytes[index] = CChar(bitPattern: text[index]) }
    }

    /// The wall clock's time, for people.
    public static func now() -> PathText {
        var text = PathText()
        text.fill { start, _ in textpin_wall_clock(start) }
        return text
    }

    public var isEmpty: Bool { bytes[0] == 0 }

    /// Lets a C function write it, with a zero behind; `body` gets the number of bytes that there is room for.
    public mutating func fill<Result>(_ body: (UnsafeMutablePointer<CChar>, Int) -> Result) -> Result {
        withUnsafeMutableBytes(of: &bytes) { bytes in
            // 1024 bytes, so there is a base address.
            body(bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: CChar.self), bytes.count)
        }
    }

    public func read<Result: ~Copyable, Fault: Error>(_ body: (UnsafePointer<CChar>) throws(Fault) -> Result) throws(Fault) -> Result {
        try bytes.span.withUnsafeBufferPointer { (bytes) throws(Fault) in try body(bytes.baseAddress.unsafelyUnwrapped) }
    }
}
