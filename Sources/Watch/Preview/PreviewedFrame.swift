import CDevices
import TextDetection

/// A frame with all that a viewer's thread needs to show it: pixels as the camera gave them, the logits, the status at that time.
struct PreviewedFrame: ~Copyable {
    /// The most bytes of a status; a longer one is left out.
    static let statusLimit = 1 << 16

    /// Pixels, logits and status, one behind the other.
    private var memory = GrowingMemory()
    private(set) var pixelBytes = 0
    private var logitsOffset = 0
    private var statusOffset = 0
    private var statusCount = 0
    private(set) var width = 0
    private(set) var height = 0
    private var rowStride = 0
    private var format = FrameView.Format.rgb
    /// The part of the network's input that the frame took.
    private(set) var pictureWidth = 0
    private(set) var pictureHeight = 0
    private(set) var sequence: UInt32 = 0
    /// Tells copies apart, as sequence numbers of a camera that was opened again do not; 0 for no frame.
    private(set) var serial: UInt64 = 0
    /// When it was copied, in monotonic nanoseconds.
    private(set) var time: Int64 = 0

    /// Copies a frame; false, and then this is no frame, if there is no memory for it.
    ///
    /// - Parameter logitCount: how many logits of the network's map there are.
    mutating func copy(
        _ frame: FrameView, _ detection: Detection, logits: UnsafePointer<Int16>, logitCount: Int, sequence: UInt32,
        status: UnsafeBufferPointer<UInt8>, serial: UInt64
    ) -> Bool {
        self.serial = 0
        guard
            let byteCount = FrameView.byteCount(
                width: frame.width, height: frame.height, rowStride: frame.rowStride, format: frame.format)
        else { return false }
        logitsOffset = (byteCount + 63) & ~63
        statusOffset = logitsOffset + logitCount * MemoryLayout<Int16>.stride
        guard memory.reserve(statusOffset + Self.statusLimit), let start = memory.bytes.baseAddress else { return false }
        start.copyMemory(from: frame.pixels, byteCount: byteCount)
        (start + logitsOffset).copyMemory(from: logits, byteCount: logitCount * MemoryLayout<Int16>.stride)
        statusCount = status.count <= Self.statusLimit ? status.count : 0
        if let from = status.baseAddress { (start + statusOffset).copyMemory(from: from, byteCount: statusCount) }
        pixelBytes = byteCount
        width = frame.width
        height = frame.height
        rowStride = frame.rowStride
        format = frame.format
        pictureWidth = detection.pictureWidth
        pictureHeight = detection.pictureHeight
        self.sequence = sequence
        self.serial = serial
        time = textpin_monotonic_nanoseconds()
        return true
    }

    /// Nil if there is no frame; valid until the next copy.
    var view: FrameView? {
        guard serial != 0, let start = memory.bytes.baseAddress else { return nil }
        return FrameView(
            pixels: UnsafePointer(start.assumingMemoryBound(to: UInt8.self)), width: width, height: height, rowStride: rowStride,
            format: format)
    }

    var logits: UnsafePointer<Int16>? {
        guard serial != 0, let start = memory.bytes.baseAddress else { return nil }
        return UnsafePointer((start + logitsOffset).assumingMemoryBound(to: Int16.self))
    }

    var status: UnsafeBufferPointer<UInt8> {
        guard serial != 0, let start = memory.bytes.baseAddress else { return UnsafeBufferPointer(start: nil, count: 0) }
        return UnsafeBufferPointer(start: (start + statusOffset).assumingMemoryBound(to: UInt8.self), count: statusCount)
    }
}

/// The newest status, which also comes when there are no frames.
struct PreviewedStatus: ~Copyable {
    private var memory = GrowingMemory()
    private var count = 0
    /// When it was copied, in monotonic nanoseconds; that of the start until then.
    private(set) var time = textpin_monotonic_nanoseconds()

    var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: memory.text[..<count]) }

    mutating func copy(_ status: UnsafeBufferPointer<UInt8>) -> Bool {
        guard status.count <= PreviewedFrame.statusLimit, memory.reserve(PreviewedFrame.statusLimit),
            let from = status.baseAddress, let to = memory.bytes.baseAddress
        else { return false }
        to.copyMemory(from: from, byteCount: status.count)
        count = status.count
        time = textpin_monotonic_nanoseconds()
        return true
    }

    mutating func copy(_ other: borrowing PreviewedStatus) {
        guard copy(other.bytes) else { return }
        time = other.time
    }
}
