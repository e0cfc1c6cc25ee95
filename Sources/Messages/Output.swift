import CDevices

/// Standard output or standard error, with a buffer of its own in place of the heap's.
public struct Output: TextWriter, ~Copyable {
    private let descriptor: Int32
    private var buffer = InlineArray<4096, UInt8>(repeating: 0)
    private var count = 0
    /// Whether something could not be written: a full disk, a closed pipe.
    public private(set) var hasFailed = false

    public static func standard() -> Output { Output(descriptor: 1) }
    public static func error() -> Output { Output(descriptor: 2) }

    private init(descriptor: Int32) { self.descriptor = descriptor }

    public mutating func write(byte: UInt8) {
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
