import CDevices
import Inference
import Messages
import TextDetection

/// How frames come on standard input.
public enum StreamLayout {
    /// JPEGs one after the other, as rpicam-vid --codec mjpeg writes them.
    case jpeg
    /// Raw frames without padding, as rpicam-vid --codec yuv420 writes them (i420).
    case raw(FrameView.Format, width: Int, height: Int)
}

/// Frames from a descriptor: a camera program's output. Always the newest whole one; those that came before it are dropped.
struct StreamSource: ~Copyable {
    /// A JPEG of a 20-megapixel camera.
    private static let mostJPEGBytes = 16 << 20
    /// What is read at once at most, so that a writer without pause cannot keep us reading.
    private static let mostFramesAtOnce = 8

    private let input: Int32
    private let layout: StreamLayout
    /// Two frames: the newest whole one, and the one that is coming.
    private let memory: Arena
    private let capacity: Int
    private var coming = 0
    private var filled = 0
    private var splitter = JPEGSplitter()
    private var decoder: JPEGFrames?
    private var sequence: UInt32 = 0
    private var rhythm = FrameRhythm()
    private var isAtEnd = false
    private var droppedCount = 0
    private var damagedCount = 0

    static func open(_ descriptor: Int32, _ layout: StreamLayout) throws(Failure) -> StreamSource {
        let capacity: Int
        switch layout {
        case .jpeg: capacity = mostJPEGBytes
        case .raw(let format, let width, let height):
            guard
                let bytes = FrameView.byteCount(width: width, height: height, rowStride: format.rowByteCount(width: width), format: format)
            else { throw Failure("frames of \(width)x\(height) are not possible in this format", status: 64) }
            capacity = bytes
        }
        let error = textpin_make_nonblocking(descriptor)
        guard error == 0 else { throw Failure("standard input cannot be read: \(textpin_error_text(error))", status: 66) }
        return StreamSource(descriptor, layout, capacity: capacity, memory: try memory(byteCount: 2 * capacity))
    }

    private init(_ descriptor: Int32, _ layout: StreamLayout, capacity: Int, memory: consuming Arena) {
        input = descriptor
        self.layout = layout
        self.capacity = capacity
        self.memory = memory
    }

    private static func memory(byteCount: Int) throws(Failure) -> Arena {
        do throws(NetworkError) { return try Arena(byteCount: byteCount) } catch {
            throw Failure("there is not enough memory for two frames of \(byteCount / 2) bytes", status: 70)
        }
    }

    var state: SourceState {
        SourceState(
            descriptor: isAtEnd ? -1 : input, patience: rhythm.patience, isAtEnd: isAtEnd, droppedCount: droppedCount,
            damage: FrameDamage(undecodable: damagedCount))
    }

    private func slot(_ index: Int) -> UnsafeMutableRawPointer {
        // An arena has at least one byte.
        memory.bytes.baseAddress.unsafelyUnwrapped + index * capacity
    }

    /// The newest whole frame that has come since the last call, valid until the next; nil if none has.
    @inline(never)
    mutating func takeNewest(at time: Int64) -> SourceFrame? {
        var newest: Range<Int>?
        for _ in 0..<Self.mostFramesAtOnce {
            guard let place = readFrame() else { break }
            if newest != nil { droppedCount += 1 }
            newest = place
        }
        guard let newest else { return nil }
        guard let view = view(UnsafeRawBufferPointer(start: slot(1 - coming) + newest.lowerBound, count: newest.count)) else {
            damagedCount += 1
            return nil
        }
        sequence &+= 1
        rhythm.note(time)
        return SourceFrame(view: view, time: time, sequence: sequence, buffer: 0)
    }

    /// Reads until a frame is whole, and returns where it lies in the slot that is not filled next. Nil if the rest is yet to come.
    @inline(never)
    private mutating func readFrame() -> Range<Int>? {
        while !isAtEnd {
            if let place = frameThatCame() {
                let rest = filled - place.upperBound
                slot(1 - coming).copyMemory(from: slot(coming) + place.upperBound, byteCount: rest)
                coming = 1 - coming
                filled = rest
                splitter = JPEGSplitter()
                return place
            }
            if filled == capacity {
                // Longer than any JPEG: there is no end to be found in it.
                damagedCount += 1
                filled = 0
                splitter = JPEGSplitter()
            }
            let found = textpin_read_some(input, slot(coming) + filled, capacity - filled)
            if found == -Int64(TEXTPIN_TRY_AGAIN) { return nil }
            guard found > 0 else {
                isAtEnd = true
                return nil
            }
            filled += Int(found)
        }
        return nil
    }

    private mutating func frameThatCame() -> Range<Int>? {
        switch layout {
        case .jpeg: return splitter.frame(in: UnsafeRawBufferPointer(start: slot(coming), count: filled))
        case .raw: return filled == capacity ? 0..<capacity : nil
        }
    }

    private mutating func view(_ bytes: UnsafeRawBufferPointer) -> FrameView? {
        if case .raw(let format, let width, let height) = layout {
            guard let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return nil }
            return FrameView(pixels: start, width: width, height: height, rowStride: format.rowByteCount(width: width), format: format)
        }
        guard let size = JPEGFrames.size(of: bytes) else { return nil }
        if (decoder?.width ?? 0) < size.width || (decoder?.height ?? 0) < size.height {
            decoder = JPEGFrames(width: size.width, height: size.height)
        }
        return decoder?.decode(bytes)
    }
}
