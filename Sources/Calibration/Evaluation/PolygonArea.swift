extension TextPolygon {
    /// The area in square pixels of the points inside by the even-odd rule, whichever way the outline runs and even where it crosses itself.
    public var area: Double { intersectionArea(with: self) }

    /// The area in square pixels that lies inside both polygons, convex or not.
    ///
    /// All corners and crossings of edges cut the plane into horizontal slabs in which no edges meet. There both polygons are rows of trapezoids,
    /// and a trapezoid's area is its height times its width halfway up: so one look at each slab's middle gives the exact area, and rounding
    /// can misplace no more than a sliver's area. Convex clipping would need convex polygons, and general clipping breaks down on shared corners.
    public func intersectionArea(with other: TextPolygon) -> Double {
        guard let rows = verticalExtent, let otherRows = other.verticalExtent, let columns = horizontalExtent,
            let otherColumns = other.horizontalExtent, columns.overlaps(otherColumns), rows.overlaps(otherRows)
        else { return 0 }
        let edges = self.edges
        let otherEdges = other.edges
        let both = edges + otherEdges
        var heights = both.map(\.start.y)
        for (index, edge) in both.enumerated() {
            for later in both[(index + 1)...] {
                if let height = edge.crossingHeight(with: later) { heights.append(height) }
            }
        }
        heights.sort()
        var area = 0.0
        for (top, bottom) in zip(heights, heights.dropFirst()) where bottom > top {
            let middle = top + (bottom - top) / 2
            let width = Self.commonLength(Self.crossings(of: edges, at: middle), Self.crossings(of: otherEdges, at: middle))
            area += width * (bottom - top)
        }
        return area
    }

    /// Intersection area over union area, 0...1; 0 where both are empty.
    public func intersectionOverUnion(with other: TextPolygon) -> Double {
        let intersection = intersectionArea(with: other)
        let union = area + other.area - intersection
        return union > 0 ? intersection / union : 0
    }

    private var verticalExtent: ClosedRange<Double>? { Self.extent(points.map(\.y)) }
    private var horizontalExtent: ClosedRange<Double>? { Self.extent(points.map(\.x)) }

    private static func extent(_ values: [Double]) -> ClosedRange<Double>? {
        guard let least = values.min(), let most = values.max() else { return nil }
        return least...most
    }

    private var edges: [Edge] {
        points.indices.map { Edge(start: points[$0], end: points[($0 + 1) % points.count]) }
    }

    /// Where a horizontal line enters and leaves a polygon, from left to right: always an even number of places.
    private static func crossings(of edges: [Edge], at y: Double) -> [Double] {
        edges.filter { ($0.start.y <= y) != ($0.end.y <= y) }.map { $0.x(at: y) }.sorted()
    }

    /// The length that two sets of intervals share, each given by its ends in ascending order.
    private static func commonLength(_ first: [Double], _ second: [Double]) -> Double {
        var length = 0.0
        var (i, j) = (0, 0)
        while i + 1 < first.count, j + 1 < second.count {
            length += max(0, min(first[i + 1], second[j + 1]) - max(first[i], second[j]))
            if first[i + 1] < second[j + 1] { i += 2 } else { j += 2 }
        }
        return length
    }
}

/// One side of a polygon.
private struct Edge {
    var start: SIMD2<Double>
    var end: SIMD2<Double>

    func x(at y: Double) -> Double {
        start.x + (end.x - start.x) * ((y - start.y) / (end.y - start.y))
    }

    /// The height at which two edges cross; nil for parallel ones, whose order from left to right never changes.
    func crossingHeight(with other: Edge) -> Double? {
        let way = end - start
        let otherWay = other.end - other.start
        let cross = way.x * otherWay.y - way.y * otherWay.x
        guard cross != 0 else { return nil }
        let gap = other.start - start
        let along = (gap.x * otherWay.y - gap.y * otherWay.x) / cross
        let alongOther = (gap.x * way.y - gap.y * way.x) / cross
        guard (0...1).contains(along), (0...1).contains(alongOther) else { return nil }
        return start.y + way.y * along
    }
}
