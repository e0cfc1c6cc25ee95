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
