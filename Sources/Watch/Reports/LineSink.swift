import CDevices
import Inference
import Messages

/// Lines to a descriptor that may be slow, full or gone: writing never waits; what finds no room is left out by whole lines and counted.
struct LineSink: ~Copyable {
    /// For a reader that is late; an event has a few hundred bytes.
    private static let capacity = 65_536

    private var descriptor: Int32
    private let memory: Arena
    private var buffer: TextBuffer
    private var lineStart = 0
    /// Lines that were left out.
    private(set) var droppedCount = 0
    /// The errno that ended the last attempt to write; 0 after one that went well.
    private(set) var error: Int32 = 0

    /// - Parameter descriptor: becomes the sink's, which closes it; -1 for nowhere.
    init(descriptor: Int32) throws(NetworkError) {
        memory = try Arena(byteCount: Self.capacity)
        buffer = TextBuffer(memory.bytes.bindMemory(to: UInt8.self))
        self.descriptor = descriptor
    }

    deinit {
        if descriptor >= 0 { textpin_close(descriptor) }
    }

    var isOpen: Bool { descriptor >= 0 }

    /// Goes on with another descriptor, which it owns, after the last one failed.
    mutating func reopen(_ fresh: Int32) {
        if descriptor >= 0 { textpin_close(descriptor) }
        descriptor = fresh
        // A reader that begins in the middle of a line could not read it.
        buffer.clear()
        lineStart = 0
        error = 0
    }

    /// Writes a line, which `body` ends, and sends what can be sent.
    @inline(never)
    mutating func write(_ body: (inout TextBuffer) -> Void) {
        guard descriptor >= 0 else {
            droppedCount += 1
            return
        }
        lineStart = buffer.count
        body(&buffer)
        if buffer.isCut {
            buffer.cut(to: lineStart)
            droppedCount += 1
        }
        send()
    }

    /// Sends what was left over, as far as that goes at once.
    mutating func send() {
        while descriptor >= 0, buffer.count > 0 {
            let written = textpin_write_some(descriptor, buffer.bytes.baseAddress, buffer.count)
            guard written > 0 else {
                error = written < 0 ? Int32(-written) : 0
                return
            }
            error = 0
            buffer.drop(first: Int(written))
        }
    }
}
