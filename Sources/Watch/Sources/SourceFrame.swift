import TextDetection

/// A frame as its source gave it; its pixels last until it is given back.
struct SourceFrame {
    let view: FrameView
    /// When it was taken, monotonic nanoseconds.
    let time: Int64
    let sequence: UInt32
    /// What a camera wants back.
    let buffer: Int32
}
