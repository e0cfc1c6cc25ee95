/// A point of a box in units of 1/256 pixel. (0, 0) is the centre of the map's first pixel, as in OpenCV.
public struct BoxPoint: Sendable, Equatable {
    public var x: Int32
    public var y: Int32

    public init(x: Int32, y: Int32) {
        self.x = x
        self.y = y
    }
}

/// One piece of text. Its points are in the `DetectedBoxes` it came with.
public struct DetectedBox: Sendable {
    /// The mean probability; 65535 is 1.
    public let score: UInt16
    let pointCount: UInt16
    let firstPoint: UInt32
    /// The first run of the region, which orders boxes by their region's first pixel.
    let firstRun: UInt32

    package init(score: UInt16, pointCount: UInt16, firstPoint: UInt32, firstRun: UInt32) {
        self.score = score
        self.pointCount = pointCount
        self.firstPoint = firstPoint
        self.firstRun = firstRun
    }
}

/// The boxes of one frame, in reading order of the first pixel of their regions: row by row, left to right.
///
/// It is a view of the storage of the `BoxFormation` that made it, valid until that forms the next boxes.
public struct DetectedBoxes {
    public let boxes: UnsafeBufferPointer<DetectedBox>
    /// How many boxes more there were than `BoxSettings.maximumBoxes`: those with the lowest scores, which are not here.
    public let droppedCount: Int
    let points: UnsafePointer<BoxPoint>

    package init(boxes: UnsafeBufferPointer<DetectedBox>, droppedCount: Int, points: UnsafePointer<BoxPoint>) {
        self.boxes = boxes
        self.droppedCount = droppedCount
        self.points = points
    }

    /// The corners of a rectangle or the vertices of a polygon, in network pixels, clockwise from the top left.
    ///
    /// They are as expanded and may lie outside the map: `PhotoScale` brings them into the photo.
    public func points(of box: DetectedBox) -> UnsafeBufferPointer<BoxPoint> {
        UnsafeBufferPointer(start: points + Int(box.firstPoint), count: Int(box.pointCount))
    }
}
