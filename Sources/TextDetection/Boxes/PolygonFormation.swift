/// The outline of one region, its score and its expansion with round corners.
///
/// D' = A' r' / L' (Liao et al. 2020, section 3.5) of the region's outline, simplified as PaddleOCR's polygons_from_bitmap does, with
/// A' and L' between pixel centres. The expansion itself is not made of offset edges and arcs, which cross each other at every notch of the
/// outline, but of pixels: all that are within D' of the filled region, exactly, by integer distances. Their outer border cannot cross
/// itself whatever the region looks like. The border's points move from the sides of the pixels onto the curve at the distance D', and are
/// simplified.
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
    /// D' in units of 1/256 pixel.
    private(set) var offset: Int64 = 0

    init(region: TextMask, filled: TextMask, outline: Outline, reach: UnsafeMutablePointer<Int64>) {
        self.region = region
        self.filled = filled
        self.outline = outline
        self.reach = reach
        farthestReach = max(region.width, region.height)
    }

    /// Begins a frame of which this much can hold text.
    mutating func begin(validWidth: Int, validHeight: Int) {
        (region.width, region.height) = (validWidth, validHeight)
        (filled.width, filled.height) = (validWidth, validHeight)
        region.clear(rows: 0..<validHeight)
        filled.clear(rows: 0..<validHeight)
    }

    /// Takes a region up: fills it, and measures it for the expansion. `removeRegion` must follow before the next.
    mutating func takeRegion(_ source: ConnectedRegions.Region, of regions: ConnectedRegions, unclipRatio: UInt16) {
        rows = regions.paint(source, on: region)
        outline.removeAll()
        var border = OuterBorder(of: region, firstX: Int(regions.runs[source.firstRun].start), firstY: rows.lowerBound)
        repeat {
            outline.append(BoxPoint(x: Int32(truncatingIfNeeded: border.x << 8), y: Int32(truncatingIfNeeded: border.y << 8)))
            switch border.side {
            case .left: filled.toggle(border.x, border.y)
            case .right: filled.toggle(border.x + 1, border.y)
            case .top, .bottom: break
            }
        } while border.advance()
        region.clear(rows: Range(rows))
        for y in rows { filled.fillBetweenMarks(row: y) }

        outline.simplify(tolerance: outline.length / 500, maximumVertices: BoxSettings.maximumPolygonPoints)
        let length = outline.vertexLength
        offset = length == 0 ? 0 : roundedQuotient(outline.doubleVertexArea * Int64(unclipRatio), 512 * length)
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

    /// Writes the vertices of the expanded outline, at most `BoxSettings.maximumPolygonPoints`, and returns how many there are: fewer than
    /// three only where the region is a line and not expanded.
    mutating func writeExpansion(to vertices: UnsafeMutablePointer<BoxPoint>) -> Int {
        let farthest = min(Int(offset >> 8), farthestReach)
        for distance in 0...farthest {
            let squared = UInt64(offset * offset) - UInt64(distance * distance) << 16
            reach[distance] = Int64(integerSquareRoot(squared))
        }
        let expandedRows = max(rows.lowerBound - farthest, 0)...min(rows.upperBound + farthest, region.height - 1)
        for y in rows { expandRow(y, farthest: farthest) }

        traceExpansion(firstRow: expandedRows.lowerBound, farthest: farthest)
        for index in 0..<outline.vertexCount { vertices[index] = outline.vertex(index) }
        region.clear(rows: Range(expandedRows))
        var repair = PolygonRepair(vertices, count: outline.vertexCount)
        repair.run()
        return repair.count
    }

    func removeRegion() {
        filled.clear(rows: Range(rows))
    }

    /// Paints what is within D' of the pixels of a row, upwards and downwards only from those with no other pixel in the way, which would
    /// be nearer to all that lies beyond it.
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

    /// The curve around the expansion, simplified: one point for each side of its border, where the distance from the region reaches D'
    /// between the pixel inside and the one outside. Each point keeps to its own side, so the points are in the order of the border.
    ///
    /// The tolerance is as for the outline before, but at least 1/8 pixel: small polygons need no more vertices than that gives.
    private mutating func traceExpansion(firstRow: Int, farthest: Int) {
        outline.removeAll()
        guard let first = region.nearestAtOrRight(of: 0, row: firstRow) else { return }
        var border = OuterBorder(of: region, firstX: first, firstY: firstRow)
        repeat {
            let distance =
                switch border.side {
                case .left, .right: distanceSideways(from: border, farthest: farthest)
                case .top, .bottom: distanceUpwards(from: border, farthest: farthest)
                }
            outline.append(
                BoxPoint(
                    x: Int32(truncatingIfNeeded: border.x << 8 + distance * border.side.stepX),
                    y: Int32(truncatingIfNeeded: border.y << 8 + distance * border.side.stepY)))
        } while border.advance()
        outline.simplify(tolerance: max(outline.length / 500, 1 << 5), maximumVertices: BoxSettings.maximumPolygonPoints)
    }

    /// How far the curve is from a pixel to its left or right, 0 ... 256: as far as a pixel of any row reaches.
    private func distanceSideways(from border: OuterBorder, farthest: Int) -> Int {
        var distance = 0
        for row in max(rows.lowerBound, border.y - farthest)...min(rows.upperBound, border.y + farthest) {
            let nearest =
                border.side == .right
                ? filled.nearestAtOrLeft(of: border.x, row: row) : filled.nearestAtOrRight(of: border.x, row: row)
            guard let nearest else { continue }
            distance = max(distance, Int(reach[abs(row - border.y)]) - abs(border.x - nearest) << 8)
        }
        return min(distance, 256)
    }

    /// The same above or below: of each row the pixel nearest to the column reaches farthest. Rows come nearest first, until no further one
    /// can reach beyond what is found.
    private func distanceUpwards(from border: OuterBorder, farthest: Int) -> Int {
        var distance = 0
        let start = border.side == .top ? max(border.y, rows.lowerBound) : min(border.y, rows.upperBound)
        let end = border.side == .top ? min(border.y + farthest, rows.upperBound) : max(border.y - farthest, rows.lowerBound)
        for row in stride(from: start, through: end, by: -border.side.stepY) {
            let away = abs(row - border.y) << 8
            guard Int(reach[0]) - away > distance else { break }
            let left = filled.nearestAtOrLeft(of: border.x, row: row).map { border.x - $0 } ?? Int.max
            let right = filled.nearestAtOrRight(of: border.x, row: row).map { $0 - border.x } ?? Int.max
            guard min(left, right) <= farthest else { continue }
            distance = max(distance, Int(reach[min(left, right)]) - away)
        }
        return min(distance, 256)
    }
}
