import Testing
import TextDetection

@Suite("Rectangles") struct RectangleTests {
    @Test("a filled rectangle is measured between pixel centres, clockwise from the top left") func filledRectangle() throws {
        var map = LogitMap(width: 40, height: 30)
        map.fill(10..<31, 5..<16)
        let boxes = try map.formBoxes().boxes
        #expect(boxes.map(\.points) == [corners(left: 10, top: 5, right: 30, bottom: 15)])
    }

    @Test("each side moves outwards by area * ratio / perimeter") func unclip() throws {
        var map = LogitMap(width: 64, height: 48)
        map.fill(20..<41, 15..<26)
        // 20 x 10: 200 * 1.5 / 60 = 5.
        let boxes = try map.formBoxes(.usual).boxes
        #expect(boxes.map(\.points) == [corners(left: 15, top: 10, right: 45, bottom: 30)])
        // Ratio 3 moves twice as far, beyond the map: boxes are cut by PhotoScale, not here.
        let wide = try map.formBoxes(.usual.with { $0.unclipRatio = 3 << 8 }).boxes
        #expect(wide.map(\.points) == [corners(left: 10, top: 5, right: 50, bottom: 35)])
        let none = try map.formBoxes(.usual.with { $0.unclipRatio = 0 }).boxes
        #expect(none.map(\.points) == [corners(left: 20, top: 15, right: 40, bottom: 25)])
    }

    /// Sides of 40 and 10 along (4, 3) / 5 and (-3, 4) / 5, all corners on pixels.
    static let rotated = LogitMap(width: 80, height: 70) { x, y in
        let (x, y) = (x - 20, y - 20)
        return (0...200).contains(4 * x + 3 * y) && (0...50).contains(4 * y - 3 * x)
    }

    @Test("a rotated rectangle keeps its corners, and expands along its own sides") func rotatedRectangle() throws {
        #expect(try Self.rotated.formBoxes().boxes.map(\.points) == [pixels((20, 20), (52, 44), (46, 52), (14, 28))])
        // D' = 400 * 1.5 / 100 = 6, so the corners move by 6 (+-4 +-3, +-3 -+4) / 5.
        let expected: [(Double, Double)] = [(18.8, 11.6), (60.4, 42.8), (47.2, 60.4), (5.6, 29.2)]
        let box = try #require(try Self.rotated.formBoxes(.usual).boxes.first)
        for (point, expected) in zip(box.points, expected) {
            #expect(point == BoxPoint(x: Int32((expected.0 * 256).rounded()), y: Int32((expected.1 * 256).rounded())))
        }
    }

    @Test("a line that runs up starts at its lower end, where it is read from") func risingLine() throws {
        // 10 wide along (3, 4) / 5 turned, 50 long along (3, -4) / 5.
        let map = LogitMap(width: 60, height: 70) { x, y in
            let (x, y) = (x - 10, y - 50)
            return (0...250).contains(3 * x - 4 * y) && (0...50).contains(4 * x + 3 * y)
        }
        #expect(try map.formBoxes().boxes.map(\.points) == [pixels((10, 50), (40, 10), (48, 16), (18, 56))])
    }

    @Test("a line of 40:1 becomes as thick as the formula says, level and rotated") func thinLines() throws {
        var map = LogitMap(width: 200, height: 20)
        map.fill(10..<171, 8..<13)
        let level = try #require(try map.formBoxes(.usual).boxes.first)
        // 160 x 4: 640 * 1.5 / 328 on each side.
        let offset = 960.0 / 328
        #expect(abs(Double(level.points[3].y - level.points[0].y) / 256 - (4 + 2 * offset)) < 1.0 / 128)
        #expect(abs(Double(level.points[1].x - level.points[0].x) / 256 - (160 + 2 * offset)) < 1.0 / 128)

        let rotated = LogitMap(width: 180, height: 140) { x, y in
            let (x, y) = (x - 10, y - 5)
            return (0...1000).contains(4 * x + 3 * y) && (0...25).contains(4 * y - 3 * x)
        }
        let points = try #require(try rotated.formBoxes(.usual).boxes.first).points
        // 200 x 5: 1000 * 1.5 / 410.
        #expect(abs(distance(points[0], points[3]) - (5 + 2 * 1500.0 / 410)) < 1.0 / 64)
        #expect(abs(distance(points[0], points[1]) - (200 + 2 * 1500.0 / 410)) < 1.0 / 64)
    }

    @Test("single pixels and lines are rectangles without area") func dotsAndLines() throws {
        var map = LogitMap(width: 40, height: 30)
        map.fill(3..<4, 2..<3)
        map.fill(10..<21, 5..<6)
        map.fill(30..<31, 8..<20)
        for step in 0..<8 { map[4 + step, 12 + step] = LogitMap.text }
        let settings = BoxSettings.everything.with { $0.unclipRatio = 384 }
        let boxes = try map.formBoxes(settings).boxes
        let ends = [pixels((3, 2)), pixels((10, 5), (20, 5)), pixels((30, 8), (30, 19)), pixels((4, 12), (11, 19))]
        try #require(boxes.count == ends.count)
        for (box, ends) in zip(boxes, ends) {
            #expect(box.points.count == 4)
            #expect(box.points.first == ends.first)
            #expect(box.points.allSatisfy(ends.contains) && ends.allSatisfy(box.points.contains))
        }
        #expect(try map.formBoxes(.usual).boxes.isEmpty)
        #expect(try map.formBoxes(settings.with { $0.minimumSide = 1 }).boxes.isEmpty)
    }

    @Test("regions may touch every border, at widths that no vector divides", arguments: [5, 31, 32, 33, 63, 64, 65, 97])
    func borders(width: Int) throws {
        var map = LogitMap(width: width, height: 23)
        map.fill(0..<width, 0..<4)
        map.fill(0..<width, 19..<23)
        map.fill(width - 2..<width, 6..<17)
        map.fill(0..<2, 6..<17)
        let last = Double(width - 1)
        #expect(
            try map.formBoxes().boxes.map(\.points) == [
                corners(left: 0, top: 0, right: last, bottom: 3), corners(left: 0, top: 6, right: 1, bottom: 16),
                corners(left: last - 1, top: 6, right: last, bottom: 16), corners(left: 0, top: 19, right: last, bottom: 22),
            ])
    }

    @Test("the score is the mean over all pixels of the rectangle, those below the threshold included") func score() throws {
        var map = LogitMap(width: 40, height: 30)
        map.fill(10..<20, 10..<20)
        map.fill(12..<18, 12..<18, with: -1024)
        map.fill(30..<40, 10..<20, with: .max)
        let boxes = try map.formBoxes().boxes
        let text = LogitMap.probability(LogitMap.text) * 64 + LogitMap.probability(-1024) * 36
        #expect(boxes.map { Int($0.score) } == [(text + 50) / 100, 1023 * 64])

        // A rotated one: exactly the pixels that it was drawn with, the corners cut off by one more line of pixels left out.
        var rotated = Self.rotated
        for index in rotated.logits.indices where rotated.logits[index] == LogitMap.empty { rotated.logits[index] = .min }
        #expect(try rotated.formBoxes().boxes.map { Int($0.score) } == [LogitMap.probability(LogitMap.text)])
    }

    private func corners(left: Double, top: Double, right: Double, bottom: Double) -> [BoxPoint] {
        pixels((left, top), (right, top), (right, bottom), (left, bottom))
    }

    private func distance(_ a: BoxPoint, _ b: BoxPoint) -> Double {
        let (x, y) = (Double(a.x - b.x) / 256, Double(a.y - b.y) / 256)
        return (x * x + y * y).squareRoot()
    }
}
