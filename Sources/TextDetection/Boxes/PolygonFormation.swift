/// The outline of one region, its score and its expansion with round corners.
///
/// D' = A' r' / L' (Liao et al. 2020, section 3.5) of the region's outline, simplified as PaddleOCR's polygons_from_bitmap does, with
/// A' and L' between pixel centres. The expansion itself is not made of offset edges and arcs, which cross each other at every notch of the
/// outline, but of pixels: all that are within D' of the filled region, exactly, by integer distances. Their outer border cannot cross
/// itself whatever the region looks like. It is simplified, and its vertices then move from the sides of pixels onto the curve at the distance D'.
struct PolygonFormation {
    /// Regions' pixels, later those of the expansion. Empty between regions, as `filled` is.
    private var region: TextMask
    /// The region without its holes.
    private var filled: TextMask
    private var outline: Outline
    /// How far D' reaches sideways in a row that is so many rows away, in units of 1/256 pixel.
    private let reach: UnsafeMutablePointer<Int64>
    private let farthestReach: Int
    private var rows = 0...0
    private var firstX = 0
    /// D' in units of 1/256 pixel.
    private(set) var offset: Int64 = 0

    init(region: TextMask, filled: TextMask, outline: Outline, reach: UnsafeMutablePointer<Int64>) {
        self.region = region
        self.filled = filled
        self.outline = outline
        self.reach = reach
        farthestReach = max(region.width, region.height)
        region.clear(rows: 0...(region.height - 1))
        filled.clear(rows: 0...(filled.height - 1))
    }

    mutating func setValidPart(width: Int, height: Int) {
        (region.width, region.height) = (width, height)
        (filled.width, filled.height) = (width, height)
    }

    /// Takes a region up: fills it, and measures it for the expansion. `removeRegion` must follow before the next.
    mutating func takeRegion(_ source: ConnectedRegions.Region, of regions: ConnectedRegions, unclipRatio: UInt16) {
        rows = regions.paint(source, on: region)
        firstX = Int(regions.runs[source.firstRun].start)
        outline.removeAll()
        var border = OuterBorder(of: region, firstX: firstX, firstY: rows.lowerBound)
        repeat {
            outline.append(PixelPoint(x: Int32(truncatingIfNeeded: border.x), y: Int32(truncatingIfNeeded: border.y)))
            switch border.side {
            case .left: filled.toggle(border.x, border.y)
            case .right: filled.toggle(border.x + 1, border.y)
            case .top, .bottom: break
            }
        } while border.advance()
        region.clear(rows: rows)
        for y in rows { filled.fillBetweenMarks(row: y) }

        outline.simplify(tolerance: outline.length / 500, maximumVertices: BoxSettings.maximumPolygonPoints)
        let length = outline.vertexLength
        offset = length == 0 ? 0 : roundedQuotient(outline.doubleVertexArea * Int64(unclipRatio) * 128, length)
    }

    /// The mean over the pixels inside the outer border, holes included: what PaddleOCR's box_score_slow fills.
    func meanProbability(on map: ProbabilityMap) -> UInt16 {
        var sum: UInt64 = 0
        var count = 0
        for y in rows {
            var column = 0
            while let run = filled.nextRun(in: filled.row(y), without: nil, from: column) {
                sum += UInt64(map.sum(row: y, first: run.first, last: run.last))
                count += run.last - run.first + 1
                column = run.last + 1
            }
        }
        return ProbabilityMap.mean(sum, count)
    }

    /// Writes the vertices of the expanded outline, at most `BoxSettings.maximumPolygonPoints`, and returns how many there are: fewer than three
    /// only where the region is a line and not expanded.
    mutating func writeExpansion(to vertices: UnsafeMutablePointer<BoxPoint>) -> Int {
        let farthest = min(Int(offset >> 8), farthestReach)
        for distance in 0...farthest {
            let squared = UInt64(offset * offset) - UInt64(distance * distance) << 16
            reach[distance] = Int64(integerSquareRoot(squared))
        }
        let expandedRows = max(rows.lowerBound - farthest, 0)...min(rows.upperBound + farthest, region.height - 1)
        for y in rows { expandRow(y, farthest: farthest) }

        traceExpansion(firstRow: expandedRows.lowerBound)
        for index in 0..<outline.vertexCount {
            vertices[index] = pointOnCurve(at: outline.vertex(index), farthest: farthest)
        }
        region.clear(rows: expandedRows)
        var repair = PolygonRepair(vertices, count: outline.vertexCount)
        repair.run()
        return repair.count
    }

    func removeRegion() {
        filled.clear(rows: rows)
    }

    /// Paints what is within D' of the pixels of a row, upwards and downwards only from those with no other pixel in the way, which would be nearer
    /// to all that lies beyond it.
    private func expandRow(_ y: Int, farthest: Int) {
        let row = filled.row(y)
        var column = 0
        while let run = filled.nextRun(in: row, without: nil, from: column) {
            paint(run, from: y, distance: 0)
            column = run.last + 1
        }
        let above = y > rows.lowerBound ? UnsafePointer(filled.row(y - 1)) : nil
        column = 0
        while let run = filled.nextRun(in: row, without: above, from: column) {
            for distance in 0...min(farthest, y) { paint(run, from: y, distance: -distance) }
            column = run.last + 1
        }
        let below = y < rows.upperBound ? UnsafePointer(filled.row(y + 1)) : nil
        column = 0
        while let run = filled.nextRun(in: row, without: below, from: column) {
            for distance in 0...min(farthest, region.height - 1 - y) { paint(run, from: y, distance: distance) }
            column = run.last + 1
        }
    }

    private func paint(_ run: (first: Int, last: Int), from y: Int, distance: Int) {
        let sideways = Int(reach[abs(distance)] >> 8)
        region.paint(row: y + distance, first: run.first - sideways, last: run.last + sideways)
    }

    /// The simplified outer border of the expansion, through the middles of the pixels' sides, in half pixels.
    ///
    /// Its tolerance is the original's, but at least half a pixel: finer than that it would follow the pixels' corners.
    private mutating func traceExpansion(firstRow: Int) {
        outline.removeAll()
        guard let first = region.nearestAtOrRight(of: 0, row: firstRow) else { return }
        var border = OuterBorder(of: region, firstX: first, firstY: firstRow)
        repeat {
            outline.append(
                PixelPoint(
                    x: Int32(truncatingIfNeeded: 2 * border.x + border.side.stepX), y: Int32(truncatingIfNeeded: 2 * border.y + border.side.stepY)))
        } while border.advance()
        outline.simplify(tolerance: max(outline.length / 500, 1 << 8), maximumVertices: BoxSettings.maximumPolygonPoints)
    }

    /// From the middle of a side, in half pixels, to where the distance D' from the region ends between the two pixels, in units of 1/256 pixel.
    private func pointOnCurve(at middle: PixelPoint, farthest: Int) -> BoxPoint {
        let (x, y) = (Int(middle.x >> 1), Int(middle.y >> 1))
        if middle.x & 1 != 0 {
            let isRight = region.contains(x, y)
            let inside = isRight ? x : x + 1
            let distance = distanceToCurve(besides: inside, y, isRight: isRight, farthest: farthest)
            return BoxPoint(x: Int32(truncatingIfNeeded: inside << 8 + (isRight ? distance : -distance)), y: Int32(truncatingIfNeeded: y << 8))
        }
        let isBelow = region.contains(x, y)
        let inside = isBelow ? y : y + 1
        let distance = distanceToCurve(beyond: x, inside, isBelow: isBelow, farthest: farthest)
        return BoxPoint(x: Int32(truncatingIfNeeded: x << 8), y: Int32(truncatingIfNeeded: inside << 8 + (isBelow ? distance : -distance)))
    }

    /// How far right or left of a pixel of the expansion the curve is, 0 ... 256: the farthest that a pixel of any row reaches.
    private func distanceToCurve(besides x: Int, _ y: Int, isRight: Bool, farthest: Int) -> Int {
        var distance = 0
        for other in max(rows.lowerBound, y - farthest)...min(rows.upperBound, y + farthest) {
            guard let nearest = isRight ? filled.nearestAtOrLeft(of: x, row: other) : filled.nearestAtOrRight(of: x, row: other) else { continue }
            distance = max(distance, Int(reach[abs(other - y)]) - abs(x - nearest) << 8)
        }
        return min(distance, 256)
    }

    /// The same below or above a pixel: of each row the nearest pixel reaches farthest.
    private func distanceToCurve(beyond x: Int, _ y: Int, isBelow: Bool, farthest: Int) -> Int {
        var distance = 0
        for other in max(rows.lowerBound, y - farthest)...min(rows.upperBound, y + farthest) where isBelow ? other <= y : other >= y {
            let left = filled.nearestAtOrLeft(of: x, row: other).map { x - $0 } ?? Int.max
            let right = filled.nearestAtOrRight(of: x, row: other).map { $0 - x } ?? Int.max
            guard min(left, right) <= farthest else { continue }
            distance = max(distance, Int(reach[min(left, right)]) - abs(other - y) << 8)
        }
        return min(distance, 256)
    }
}
