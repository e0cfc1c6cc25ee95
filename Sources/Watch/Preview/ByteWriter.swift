import Messages

/// Writes text into memory of somebody else's; what does not fit is left out, and told.
struct ByteWriter {
    private let bytes: UnsafeMutableRawBufferPointer
    private(set) var count = 0
    private(set) var isComplete = true

    init(into bytes: UnsafeMutableRawBufferPointer) { self.bytes = bytes }

    mutating func write(_ byte: UInt8) {
        guard count < bytes.count else {
            isComplete = false
            return
        }
        bytes[count] = byte
        count += 1
    }

    mutating func write(_ text: Text) {
        for index in 0..<text.count { write(text.bytes[index]) }
    }

    /// For texts that are longer than a `Text` may be.
    mutating func write(page: StaticString) {
        for index in 0..<page.utf8CodeUnitCount { write(page.utf8Start[index]) }
    }

    mutating func write(_ source: UnsafeRawBufferPointer) {
        guard let from = source.baseAddress, let to = bytes.baseAddress else { return }
        guard source.count <= bytes.count - count else {
            isComplete = false
            return
        }
        (to + count).copyMemory(from: from, byteCount: source.count)
        count += source.count
    }
}
