extension Picture {
    /// A text that was found, and how sure the detector was (0 to 1).
    public struct Finding: Sendable {
        public var polygon: TextPolygon
        public var score: Double

        public init(polygon: TextPolygon, score: Double) {
            self.polygon = polygon
            self.score = score
        }
    }

    /// A copy with the outline of each text and, above its first point, its score with two decimals.
    ///
    /// Lines and digits grow with the picture, so that they show when it is scaled to a screen. Points outside of the picture are allowed.
    public func annotated(with findings: [Finding]) -> Picture {
        var copy = self
        let scale = max(2, (min(width, height) + 180) / 360)
        for finding in findings { copy.drawOutline(finding.polygon, thickness: scale) }
        for finding in findings {
            guard let corner = finding.polygon.points.first else { continue }
            copy.drawLabel(DigitFont.hundredths(finding.score), above: corner, scale: max(1, scale / 2))
        }
        return copy
    }

    private static let line: (red: UInt8, green: UInt8, blue: UInt8) = (0, 230, 90)
    private static let ink: (red: UInt8, green: UInt8, blue: UInt8) = (0, 0, 0)

    private mutating func drawOutline(_ polygon: TextPolygon, thickness: Int) {
        let points = polygon.points
        for index in points.indices {
            drawLine(from: points[index], to: points[(index + 1) % points.count], thickness: thickness)
        }
    }

    /// Squares of the line's thickness, one at least every pixel along the part of the line that crosses the picture.
    private mutating func drawLine(from start: SIMD2<Double>, to end: SIMD2<Double>, thickness: Int) {
        guard let (first, last) = clip(from: start, to: end, margin: Double(thickness)) else { return }
        let way = last - first
        let steps = max(1, Int(max(abs(way.x), abs(way.y)).rounded(.up)))
        for step in 0...steps {
            let point = first + way * (Double(step) / Double(steps))
            let left = Int(point.x.rounded(.down)) - thickness / 2
            let top = Int(point.y.rounded(.down)) - thickness / 2
            fill(left: left, top: top, width: thickness, height: thickness, with: Self.line)
        }
    }

    /// The part of a line that lies inside the picture or at most `margin` beside it (Liang and Barsky 1984); nil where none does.
    private func clip(
        from start: SIMD2<Double>, to end: SIMD2<Double>, margin: Double
    ) -> (SIMD2<Double>, SIMD2<Double>)? {
        let way = end - start
        guard way.x.isFinite, way.y.isFinite else { return nil }
        var (enter, leave) = (0.0, 1.0)
        let sides = [
            (way.x, -margin - start.x, Double(width) + margin - start.x), (way.y, -margin - start.y, Double(height) + margin - start.y),
        ]
        for (step, low, high) in sides {
            if step == 0 {
                if low > 0 || high < 0 { return nil }
            } else {
                enter = max(enter, min(low / step, high / step))
                leave = min(leave, max(low / step, high / step))
            }
        }
        return enter <= leave ? (start + way * enter, start + way * leave) : nil
    }

    private mutating func drawLabel(_ text: String, above corner: SIMD2<Double>, scale: Int) {
        let size = DigitFont.size(of: text, scale: scale)
        guard corner.x.isFinite, corner.y.isFinite, size.width <= width, size.height <= height else { return }
        // Above the corner, but moved so far that all of it lies inside.
        let left = Int(min(max(corner.x, 0), Double(width - size.width)))
        let top = Int(min(max(corner.y - Double(size.height), 0), Double(height - size.height)))
        fill(left: left, top: top, width: size.width, height: size.height, with: Self.line)
        DigitFont.forEachSquare(of: text, scale: scale) { x, y in
            fill(left: left + x, top: top + y, width: scale, height: scale, with: Self.ink)
        }
    }

    /// The part of a rectangle that lies inside.
    private mutating func fill(left: Int, top: Int, width: Int, height: Int, with colour: (red: UInt8, green: UInt8, blue: UInt8)) {
        let rows = max(0, top)..<max(0, top, min(self.height, top + height))
        let columns = max(0, left)..<max(0, left, min(self.width, left + width))
        for y in rows {
            for x in columns { self[x, y] = colour }
        }
    }
}
