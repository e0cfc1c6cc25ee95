import TextDetection

/// Takes text byte by byte; what can be written follows from that.
public protocol TextWriter: ~Copyable {
    mutating func write(byte: UInt8)
}

extension TextWriter where Self: ~Copyable {
    @inline(never)
    @_disfavoredOverload
    public mutating func write(_ text: Text) {
        for index in 0..<text.count { write(byte: text[index]) }
    }

    /// A literal without numbers, of any length.
    @inline(never)
    public mutating func write(_ literal: StaticString) {
        for index in 0..<literal.utf8CodeUnitCount { write(byte: literal.utf8Start[index]) }
    }

    @inline(never)
    public mutating func write(string: UnsafePointer<CChar>) {
        var next = string
        while next.pointee != 0 {
            write(byte: UInt8(bitPattern: next.pointee))
            next += 1
        }
    }

    @inline(never)
    public mutating func write(bytes: UnsafeBufferPointer<UInt8>) {
        for byte in bytes { write(byte: byte) }
    }

    /// A JSON string (RFC 8259, section 7), with the escapes that Foundation's encoder chooses.
    @inline(never)
    public mutating func write(json string: UnsafePointer<CChar>) {
        write(byte: UInt8(ascii: "\""))
        var next = string
        while next.pointee != 0 {
            write(escaped: UInt8(bitPattern: next.pointee))
            next += 1
        }
        write(byte: UInt8(ascii: "\""))
    }

    /// The same of a piece of text.
    @inline(never)
    public mutating func write(json bytes: UnsafeBufferPointer<UInt8>) {
        write(byte: UInt8(ascii: "\""))
        for byte in bytes { write(escaped: byte) }
        write(byte: UInt8(ascii: "\""))
    }

    @inline(never)
    public mutating func write(json text: Text) {
        write(byte: UInt8(ascii: "\""))
        for index in 0..<text.count { write(escaped: text[index]) }
        write(byte: UInt8(ascii: "\""))
    }

    @inline(never)
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
        default: write(byte: byte)
        }
    }

    private mutating func write(hexDigit digit: UInt8) {
        write(byte: digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }

    /// A JSON array of boxes: corners in pixels of the photo, clockwise from the top left, and the score.
    @inline(never)
    public mutating func write(json boxes: DetectedBoxes, _ scale: PhotoScale) {
        write("[")
        for index in boxes.boxes.indices {
            let box = boxes.boxes[index]
            write(index == 0 ? "{\"polygon\":[" : ",{\"polygon\":[")
            let points = boxes.points(of: box)
            for index in points.indices {
                // Points are in 1/256 pixel.
                let point = scale.photoPoint(points[index])
                if index > 0 { write(",") }
                write("[\(Int(point.x), over: 256, decimals: 2),\(Int(point.y), over: 256, decimals: 2)]")
            }
            write("],\"score\":\(Int(box.score), over: 65535, decimals: 4)}")
        }
        write("]")
    }
}

/// Text in memory of a fixed size: what does not fit is left out, and `isCut` says so.
public struct TextBuffer: TextWriter, ~Copyable {
    private let memory: UnsafeMutableBufferPointer<UInt8>
    public private(set) var count = 0
    public private(set) var isCut = false

    /// `memory` outlives the buffer.
    public init(_ memory: UnsafeMutableBufferPointer<UInt8>) { self.memory = memory }

    public var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: memory[0..<count]) }

    public mutating func write(byte: UInt8) {
        guard count < memory.count else {
            isCut = true
            return
        }
        memory[count] = byte
        count += 1
    }

    public mutating func clear() {
        count = 0
        isCut = false
    }

    /// Removes the first `byteCount` bytes.
    public mutating func drop(first byteCount: Int) {
        guard let start = memory.baseAddress else { return }
        start.update(from: start + byteCount, count: count - byteCount)
        count -= byteCount
    }

    /// Goes back to an earlier count.
    public mutating func cut(to earlier: Int) {
        count = min(count, earlier)
        isCut = false
    }
}
