import TextDetection

/// Plain and slow versions of what box formation does, by other ways.

struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

struct Pixel: Hashable {
    var x: Int
    var y: Int
}

/// The 8-connected regions, in reading order of their first pixels.
func floodFill(_ map: LogitMap) -> [[Pixel]] {
    var isSeen = Array(repeating: false, count: map.width * map.height)
    var regions: [[Pixel]] = []
    for y in 0..<map.height {
        for x in 0..<map.width where map.isText(x, y) && !isSeen[y * map.width + x] {
            isSeen[y * map.width + x] = true
            var region = [Pixel(x: x, y: y)]
            var next = 0
            while next < region.count {
                let pixel = region[next]
                next += 1
                for neighbourY in (pixel.y - 1)...(pixel.y + 1) {
                    for neighbourX in (pixel.x - 1)...(pixel.x + 1)
                    where map.isText(neighbourX, neighbourY) && !isSeen[neighbourY * map.width + neighbourX] {
                        isSeen[neighbourY * map.width + neighbourX] = true
                        region.append(Pixel(x: neighbourX, y: neighbourY))
                    }
                }
            }
            regions.append(region)
        }
    }
    return regions
}

/// Gift wrapping over all pixels, clockwise; without points on edges.
func convexHull(of pixels: [Pixel]) -> [Pixel] {
    guard let start = pixels.min(by: { ($0.y, $0.x) < ($1.y, $1.x) }) else { return [] }
    var hull = [start]
    while true {
        let last = hull[hull.count - 1]
        var best = last
        for pixel in pixels where pixel != last {
            let turn = (best.x - last.x) * (pixel.y - last.y) - (best.y - last.y) * (pixel.x - last.x)
            if best == last || turn < 0 || turn == 0 && squaredDistance(last, pixel) > squaredDistance(last, best) { best = pixel }
        }
        if best == start || best == last { return hull }
        hull.append(best)
    }
}

func squaredDistance(_ a: Pixel, _ b: Pixel) -> Int { (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y) }

/// The least of the rectangles along each edge of a hull, by projecting every point.
func leastRectangleArea(_ hull: [Pixel]) -> Double {
    var least = hull.count < 3 ? 0 : Double.infinity
    for (index, start) in hull.enumerated() where hull.count > 2 {
        let end = hull[(index + 1) % hull.count]
        let along = hull.map { ($0.x - start.x) * (end.x - start.x) + ($0.y - start.y) * (end.y - start.y) }
        let across = hull.map { (end.x - start.x) * ($0.y - start.y) - (end.y - start.y) * ($0.x - start.x) }
        let area = Double((along.max()! - along.min()!) * (across.max()! - across.min()!)) / Double(squaredDistance(start, end))
        least = min(least, area)
    }
    return least
}

/// Positive for vertices in clockwise order, y downwards.
func polygonArea(_ points: [(Double, Double)]) -> Double {
    var sum = 0.0
    for (index, a) in points.enumerated() {
        let b = points[(index + 1) % points.count]
        sum += a.0 * b.1 - a.1 * b.0
    }
    return sum / 2
}

/// Whether a pixel's centre is in a convex polygon, or no more than `tolerance` outside each of its sides.
func isInside(_ pixel: Pixel, _ points: [(Double, Double)], tolerance: Double) -> Bool {
    points.enumerated().allSatisfy { index, a in
        let b = points[(index + 1) % points.count]
        let (x, y) = (b.0 - a.0, b.1 - a.1)
        let length = (x * x + y * y).squareRoot()
        return length < tolerance || x * (Double(pixel.y) - a.1) - y * (Double(pixel.x) - a.0) >= -tolerance * length
    }
}

/// Whether a point is inside a polygon, by the crossings of a ray to the right.
func contains(_ points: [BoxPoint], _ x: Double, _ y: Double) -> Bool {
    var isInside = false
    for (index, a) in points.enumerated() {
        let b = points[(index + 1) % points.count]
        let (ax, ay, bx, by) = (Double(a.x) / 256, Double(a.y) / 256, Double(b.x) / 256, Double(b.y) / 256)
        if (ay > y) != (by > y), x < (bx - ax) * (y - ay) / (by - ay) + ax { isInside.toggle() }
    }
    return isInside
}

/// Whether no two sides of a polygon that are not neighbours have a point in common.
func isSimple(_ points: [BoxPoint]) -> Bool {
    func side(_ a: BoxPoint, _ b: BoxPoint, _ c: BoxPoint) -> Int {
        (Int(b.x - a.x) * Int(c.y - a.y) - Int(b.y - a.y) * Int(c.x - a.x)).signum()
    }
    func overlap(_ a: Int32, _ b: Int32, _ c: Int32, _ d: Int32) -> Bool { max(min(a, b), min(c, d)) <= min(max(a, b), max(c, d)) }
    for first in points.indices {
        let (a, b) = (points[first], points[(first + 1) % points.count])
        for second in points.indices where second > first + 1 && (second + 1) % points.count != first {
            let (c, d) = (points[second], points[(second + 1) % points.count])
            if side(a, b, c) * side(a, b, d) <= 0, side(c, d, a) * side(c, d, b) <= 0, overlap(a.x, b.x, c.x, d.x),
                overlap(a.y, b.y, c.y, d.y)
            {
                return false
            }
        }
    }
    return points.count >= 3
}
