import BoardFile
import TextDetection

/// What rules ask of a box, in pixels of the board file's frame, whatever size the camera's frames have.
struct BoxInFrame {
    let score: UInt16
    /// The squares of its sides, in units of 1/65536 square pixel.
    let squaredShorterSide: Int64
    let squaredLongerSide: Int64
    /// Bit i: whether its centre lies in zone i or on its edge.
    let zones: UInt16

    /// - Parameters:
    ///   - points: Its points in network pixels, at least three.
    ///   - scale: Maps them to the board file's frame.
    init(score: UInt16, points: UnsafeBufferPointer<BoxPoint>, scale: PhotoScale, zones: List<16, Zone>) {
        self.score = score
        let first = scale.photoPoint(points[0])
        var (left, right, top, bottom) = (first.x, first.x, first.y, first.y)
        var (sumX, sumY) = (Int64(first.x), Int64(first.y))
        for index in 1..<points.count {
            let point = scale.photoPoint(points[index])
            (left, right) = (min(left, point.x), max(right, point.x))
            (top, bottom) = (min(top, point.y), max(bottom, point.y))
            sumX += Int64(point.x)
            sumY += Int64(point.y)
        }
        let sides: (Int64, Int64)
        if points.count == 4 {
            // What the frame's edge cuts off makes one of two opposite sides shorter.
            let second = scale.photoPoint(points[1])
            let third = scale.photoPoint(points[2])
            let fourth = scale.photoPoint(points[3])
            sides = (
                max(Self.squaredDistance(first, second), Self.squaredDistance(third, fourth)),
                max(Self.squaredDistance(second, third), Self.squaredDistance(fourth, first))
            )
        } else {
            let (width, height) = (Int64(right - left), Int64(bottom - top))
            sides = (width * width, height * height)
        }
        squaredShorterSide = min(sides.0, sides.1)
        squaredLongerSide = max(sides.0, sides.1)
        // Points of the photo are not negative, so this rounds down.
        let centre = BoxPoint(x: Int32(sumX / Int64(points.count)), y: Int32(sumY / Int64(points.count)))
        var containing: UInt16 = 0
        for index in zones.indices where zones[index].contains(centre) { containing |= 1 << UInt16(index) }
        self.zones = containing
    }

    /// Whether its zone and its size are those of a rule; its score may be lower.
    func fits(_ rule: Rule) -> Bool {
        let (height, width) = (Int64(rule.height) << 8, Int64(rule.width) << 8)
        return (rule.zones == 0 || rule.zones & zones != 0) && squaredShorterSide >= height * height && squaredLongerSide >= width * width
    }

    private static func squaredDistance(_ a: BoxPoint, _ b: BoxPoint) -> Int64 {
        let (x, y) = (Int64(a.x) - Int64(b.x), Int64(a.y) - Int64(b.y))
        return x * x + y * y
    }
}

extension Zone {
    /// Whether a point, in units of 1/256 pixel, lies inside or on the edge. Exact: with coordinates up to 2^20 products stay below 2^42.
    package func contains(_ point: BoxPoint) -> Bool {
        var isInside = false
        var start = corners[corners.count - 1]
        for index in corners.indices {
            let end = corners[index]
            let (startX, startY) = (Int64(start.x) << 8 - Int64(point.x), Int64(start.y) << 8 - Int64(point.y))
            let (endX, endY) = (Int64(end.x) << 8 - Int64(point.x), Int64(end.y) << 8 - Int64(point.y))
            let cross = startX * endY - endX * startY
            if cross == 0, startX * endX + startY * endY <= 0 { return true }
            // The ray to the right meets the side's line at x = cross / (endY - startY).
            if (startY < 0) != (endY < 0), (cross > 0) == (startY < 0) { isInside.toggle() }
            start = end
        }
        return isInside
    }
}
