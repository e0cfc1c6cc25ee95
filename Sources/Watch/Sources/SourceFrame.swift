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

/// How a source stands.
struct SourceState {
    /// Whether a camera takes the pictures: then no two are the same to the last bit.
    var isLive = false
    /// To be waited on, or -1.
    var descriptor: Int32 = -1
    /// When something is to be done, whatever comes; nil if nothing.
    var deadline: Int64?
    /// How long to wait for a frame before nobody knows what is to be seen; nil for a source that is not late.
    var patience: Int64?
    /// Whether nothing comes any more.
    var isAtEnd = false
    /// Whether frames can come just now.
    var isOpen = true
    /// Frames that were passed over for newer ones.
    var droppedCount = 0
    var damage = FrameDamage()
    /// How often a camera was opened.
    var openCount = 1
}

/// Frames that came and could not be looked at, by reason.
public struct FrameDamage {
    /// By the driver.
    public var flagged = 0
    public var wrongLength = 0
    public var wrongMarkers = 0
    /// JPEGs, or files of a folder.
    public var undecodable = 0
    public var total: Int { flagged + wrongLength + wrongMarkers + undecodable }
}
