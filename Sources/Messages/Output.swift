import CDevices

/// Standard output or standard error, with a buffer of its own in place of the heap's.
public struct Output: ~Copyable {
    private let descriptor: Int32
    private var buffer = InlineArray<4096, UInt8>(repeating: 0)
    private var count = 0
    /// Whether something could not be written: a full disk, a closed pipe.
    public private(set) var hasFailed = false

    public static func standard() -> Output { Output(descriptor: 1) }
    public static func error() -> Output { Output(descriptor: 2) }

    private init(descriptor: Int32) { self.descriptor = descriptor }

    public mutating func write(_ text: Text) {
        for index in 0..<text.count { write(text.bytes[index]) }
    }

    /// For texts that are longer than a `Text` may be.
    public mutating func write(page: StaticString) {
        for index in 0..<page.utf8CodeUnitCount { write(page.utf8Start[index]) }
    }

    public mutating func write(string: UnsafePointer<CChar>) {
        var next = string
        while next.pointee != 0 {
            write(UInt8(bitPattern: next.pointee))
            next += 1
        }
    }

    /// A JSON string (RFC 8259, section 7), with the escapes that Foundation's encoder chooses.
    public mutating func write(json string: UnsafePointer<CChar>) {
        write(UInt8(ascii: "\""))
        var next = string
        while next.pointee != 0 {
            write(escaped: UInt8(bitPattern: next.pointee))
            next += 1
        }
        write(UInt8(ascii: "\""))
    }

    private mutating func write(escaped byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): write("\\\"")
        case UInt8(ascii: "\\"): write("\\\\")
        case 0x08: write("\\b")
        case 0x0C: write("\\f")
        case UInt8(ascii: "\n"): write("\\n")
        case UInt8(ascii: "\r"): write("\\r")
        case UInt8(ascii: "\t"): write("\\t")
        case 0..<0x20:
            write("\\u00")
            write(hexDigit: byte >> 4)
            write(hexDigit: byte & 15)
        default: write(byte)
        }
    }

    private mutating func write(hexDigit digit: UInt8) {
        write(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }

    private mutating func write(_ byte: UInt8) {
        if count == buffer.count { flush() }
        buffer[count] = byte
        count += 1
    }

    /// To be called before the value goes, and when a line is complete.
    public mutating func flush() {
        let count = count
        let descriptor = descriptor
        let isWritten = buffer.span.withUnsafeBufferPointer { textpin_write(descriptor, $0.baseAddress, count) }
        if !isWritten { hasFailed = true }
        self.count = 0
    }
}
