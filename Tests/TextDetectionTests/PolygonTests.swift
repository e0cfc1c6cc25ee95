import Testing
import TextDetection

@Suite("Polygons") struct PolygonTests {
    static let settings = BoxSettings.usual.with { $0.shape = .polygon }

    @Test("a rectangle becomes one with round corners: straight sides at D', corners no farther") func rectangle() throws {
        var map = LogitMap(width: 80, height: 60)
        map.fill(20..<41, 20..<31)
        let polygon = try #require(try map.formBoxes(Self.settings).boxes.first).points
        // 20 x 10: D' = 5.
        expectOnCurve(polygon, of: map, offset: 5)
        // The ends are cut off by no more than the tolerance, a 500th of the length of some 92.
        for (least, greatest, from, through) in [
            (polygon.map(\.x).min()!, polygon.map(\.x).max()!, 15.0, 45.0), (polygon.map(\.y).min()!, polygon.map(\.y).max()!, 15, 35),
        ] {
            #expect((from...from + 0.19).contains(Double(least) / 256) && (through - 0.19...through).contains(Double(greatest) / 256))
        }
        // The square corner is cut off, and what is left is the rectangle with rounded ones: 600 - (4 - pi) 25, less what chords cut off.
        #expect(!contains(polygon, 15.5, 15.5))
        let area = polygonArea(polygon.map { (Double($0.x) / 256, Double($0.y) / 256) })
        #expect(area < 578.6 && area > 578.6 * 0.98)
    }

    @Test("an L keeps its notch") func letterL() throws {
        var map = LogitMap(width: 160, height: 160)
        map.fill(30..<51, 20..<121)
        map.fill(30..<131, 100..<121)
        let polygon = try #require(try map.formBoxes(Self.settings).boxes.first).points
        // Between pixel centres: area 100 * 20 + 80 * 20, perimeter 400, but the border cuts the inner corner off diagonally.
        expectOnCurve(polygon, of: map, offset: 3600.5 * 1.5 / (398 + 2.0.squareRoot()))
        #expect(contains(polygon, 40, 60) && contains(polygon, 100, 110))
        #expect(contains(polygon, 60, 60) && contains(polygon, 100, 90))
        #expect(!contains(polygon, 70, 70) && !contains(polygon, 66, 60))
    }

    @Test("a C that is open stays open; where D' closes its mouth, its inside belongs to it") func letterC() throws {
        func map(mouth: Int) -> LogitMap {
            LogitMap(width: 200, height: 200) { x, y in
                let squared = (x - 100) * (x - 100) + (y - 100) * (y - 100)
                return (3600...4900).contains(squared) && !(x > 100 && abs(y - 100) < mouth)
            }
        }
        let open = try #require(try map(mouth: 30).formBoxes(Self.settings).boxes.first).points
        #expect(isSimple(open))
        #expect(!contains(open, 100, 100) && !contains(open, 165, 100))
        #expect(contains(open, 35, 100) && contains(open, 100, 35) && contains(open, 100, 165))
        let closed = try #require(try map(mouth: 5).formBoxes(Self.settings).boxes.first).points
        #expect(isSimple(closed))
        #expect(contains(closed, 100, 100) && contains(closed, 165, 100))
    }

    @Test("a ring is filled, also for its score") func ring() throws {
        let map = LogitMap(width: 120, height: 120) { x, y in
            (900...1600).contains((x - 60) * (x - 60) + (y - 60) * (y - 60))
        }
        let boxes = try map.formBoxes(Self.settings).boxes
        #expect(boxes.count == 1)
        let box = try #require(boxes.first)
        #expect(contains(box.points, 60, 60))
        var (sum, count) = (0, 0)
        for y in 0..<120 {
            for x in 0..<120 where (x - 60) * (x - 60) + (y - 60) * (y - 60) <= 1600 {
                sum += LogitMap.probability(map[x, y])
                count += 1
            }
        }
        #expect(Int(box.score) == (2 * sum + count) / (2 * count))
    }

    @Test("the expansion ends where the picture does") func borders() throws {
        var map = LogitMap(width: 90, height: 70)
        map.fill(0..<60, 0..<30)
        let polygon = try #require(try map.formBoxes(Self.settings, validWidth: 60, validHeight: 50).boxes.first).points
        // One pixel beyond the outermost centres at most, so that PhotoScale's cut reaches the photo's edge.
        #expect(polygon.map(\.x).min() == -256 && polygon.map(\.x).max() == 60 << 8)
        #expect(polygon.map(\.y).min() == -256)
        #expect(isSimple(polygon))
    }

    @Test("lines and dots without expansion fall back to their rectangle") func degenerate() throws {
        var map = LogitMap(width: 60, height: 40)
        map.fill(5..<6, 5..<6)
        map.fill(10..<41, 20..<21)
        let settings = BoxSettings.everything.with { $0.shape = .polygon }
        #expect(try map.formBoxes(settings).boxes == map.formBoxes(.everything).boxes)
    }

    @Test("an outline that runs back over itself gives its convex hull") func spike() throws {
        var map = LogitMap(width: 70, height: 50)
        map.fill(10..<24, 10..<40)
        map.fill(20..<60, 20..<21)
        let polygon = try #require(try map.formBoxes(Self.settings.with { $0.unclipRatio = 0 }).boxes.first).points
        #expect(polygon == pixels((10, 10), (23, 10), (59, 20), (23, 39), (10, 39)))
    }

    @Test("of an outline with no end of corners few vertices are left") func comb() throws {
        let map = LogitMap(width: 640, height: 256) { x, y in
            (10..<630).contains(x) && (10..<240).contains(y) && (y < 20 || x % 2 == 0)
        }
        let polygon = try #require(try map.formBoxes(Self.settings).boxes.first).points
        #expect((4...BoxSettings.maximumPolygonPoints).contains(polygon.count))
        #expect(isSimple(polygon))
        #expect(contains(polygon, 320, 15))
    }

    @Test("random shapes: simple, clockwise, few vertices, and as many as there are rectangles", arguments: 0..<80)
    func randomShapes(seed: UInt64) throws {
        var random = SplitMix(state: seed)
        let (width, height) = (Int.random(in: 20...200, using: &random), Int.random(in: 20...120, using: &random))
        // Strokes of a pen that turns at random, one to nine pixels wide: they meet, run along each other and close holes.
        var map = LogitMap(width: width, height: height)
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            var (x, y) = (Int.random(in: 0..<width, using: &random), Int.random(in: 0..<height, using: &random))
            var (stepX, stepY) = (1, 0)
            let pen = Int.random(in: 0...4, using: &random)
            for _ in 0..<Int.random(in: 10...150, using: &random) {
                map.fill(max(x - pen, 0)..<min(x + pen + 1, width), max(y - pen, 0)..<min(y + pen + 1, height))
                if Int.random(in: 0..<6, using: &random) == 0 {
                    (stepX, stepY) = (Int.random(in: -1...1, using: &random), Int.random(in: -1...1, using: &random))
                }
                (x, y) = (min(max(x + stepX, 0), width - 1), min(max(y + stepY, 0), height - 1))
            }
        }
        for ratio in [0, 256, 384, 768] as [UInt16] {
            let settings = BoxSettings.everything.with {
                $0.shape = .polygon
                $0.unclipRatio = ratio
                $0.minimumSide = 1
            }
            let boxes = try map.formBoxes(settings).boxes
            #expect(try boxes.count == map.formBoxes(settings.with { $0.shape = .rectangle }).boxes.count)
            for box in boxes {
                #expect(isSimple(box.points))
                #expect(box.points.count <= BoxSettings.maximumPolygonPoints)
                #expect(polygonArea(box.points.map { (Double($0.x), Double($0.y)) }) > 0)
            }
        }
    }

    /// Every vertex is as far from the nearest text pixel as the offset says, up to the rounding of its coordinates.
    private func expectOnCurve(_ polygon: [BoxPoint], of map: LogitMap, offset: Double) {
        for point in polygon {
            var least = Double.infinity
            for y in 0..<map.height {
                for x in 0..<map.width where map.isText(x, y) {
                    let (away, down) = (Double(point.x) / 256 - Double(x), Double(point.y) / 256 - Double(y))
                    least = min(least, away * away + down * down)
                }
            }
            #expect(abs(least.squareRoot() - offset) < 1.0 / 64)
        }
        #expect(isSimple(polygon))
    }
}
