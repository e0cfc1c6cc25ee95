import Calibration
import Testing

struct EvaluationAreaTests {
    private func rectangle(_ x: Double, _ y: Double, _ width: Double, _ height: Double) -> TextPolygon {
        TextPolygon(points: [[x, y], [x + width, y], [x + width, y + height], [x, y + height]])
    }

    @Test func rectanglesAreExact() {
        let square = rectangle(0, 0, 10, 10)
        #expect(square.area == 100)
        #expect(square.intersectionArea(with: rectangle(5, 0, 10, 10)) == 50)
        #expect(square.intersectionArea(with: rectangle(10, 0, 10, 10)) == 0)
        #expect(square.intersectionArea(with: rectangle(2, 3, 4, 5)) == 20)
        #expect(square.intersectionArea(with: rectangle(-50, 4, 100, 2)) == 20)
        #expect(square.intersectionOverUnion(with: square) == 1)
        #expect(square.intersectionOverUnion(with: rectangle(0, 0, 10, 5)) == 0.5)
    }

    @Test func theWayRoundDoesNotMatter() {
        let square = rectangle(0, 0, 10, 10)
        let backwards = TextPolygon(points: square.points.reversed())
        #expect(backwards.area == 100)
        #expect(square.intersectionOverUnion(with: backwards) == 1)
    }

    @Test func aTurnedSquareCutsAnOctagon() {
        // |x| + |y| <= 15 within -10...10: four corners of legs 5 are cut off the square.
        let diamond = TextPolygon(points: [[0, -15], [15, 0], [0, 15], [-15, 0]])
        #expect(abs(rectangle(-10, -10, 20, 20).intersectionArea(with: diamond) - 350) < 1e-9)
    }

    @Test func aConcaveOutlineKeepsItsNotch() {
        // A U whose gap, 10 wide and 20 deep, holds all of the bar but its foot.
        let u = TextPolygon(points: [[0, 0], [10, 0], [10, 20], [20, 20], [20, 0], [30, 0], [30, 30], [0, 30]])
        #expect(u.area == 700)
        #expect(u.intersectionArea(with: rectangle(10, 0, 10, 25)) == 50)
        #expect(u.intersectionArea(with: rectangle(0, 5, 30, 2)) == 40)
    }

    @Test func aCrossedOutlineHasTheAreaOfItsTwoTriangles() {
        let bowTie = TextPolygon(points: [[0, 0], [10, 10], [10, 0], [0, 10]])
        #expect(abs(bowTie.area - 50) < 1e-9)
        #expect(abs(bowTie.intersectionArea(with: rectangle(0, 0, 5, 10)) - 25) < 1e-9)
    }

    @Test func outlinesWithoutAreaShareNothing() {
        let line = TextPolygon(points: [[0, 0], [10, 10], [20, 20]])
        let point = TextPolygon(points: [[5, 5], [5, 5], [5, 5]])
        let empty = TextPolygon(points: [])
        for nothing in [line, point, empty] {
            #expect(nothing.area == 0)
            #expect(rectangle(0, 0, 30, 30).intersectionArea(with: nothing) == 0)
            #expect(nothing.intersectionOverUnion(with: nothing) == 0)
        }
    }

    /// Counts the centres of a fine grid's cells that lie inside both, by winding a ray to the right: no code and no idea in common.
    private func rasterisedArea(_ first: TextPolygon, _ second: TextPolygon, cellsPerPixel: Int) -> Double {
        func contains(_ polygon: TextPolygon, _ x: Double, _ y: Double) -> Bool {
            var inside = false
            var previous = polygon.points[polygon.points.count - 1]
            for point in polygon.points {
                if (point.y > y) != (previous.y > y), x < (previous.x - point.x) * (y - point.y) / (previous.y - point.y) + point.x {
                    inside.toggle()
                }
                previous = point
            }
            return inside
        }
        var cells = 0
        let step = 1 / Double(cellsPerPixel)
        for row in 0..<(20 * cellsPerPixel) {
            for column in 0..<(20 * cellsPerPixel) {
                let (x, y) = ((Double(column) + 0.5) * step, (Double(row) + 0.5) * step)
                if contains(first, x, y), contains(second, x, y) { cells += 1 }
            }
        }
        return Double(cells) * step * step
    }

    @Test(arguments: [3, 4, 5, 7, 12]) func randomOutlinesAgreeWithCountedCells(corners: Int) {
        var numbers = SeededNumbers(UInt64(corners))
        for _ in 0..<12 {
            let pair = (0..<2).map { _ in
                TextPolygon(
                    points: (0..<corners).map { _ in [.random(in: 0...20, using: &numbers), .random(in: 0...20, using: &numbers)] })
            }
            let exact = pair[0].intersectionArea(with: pair[1])
            // A cell is misjudged only where an outline passes through it: with 16 cells a pixel, 24 sides of 30 pixels give less than this.
            #expect(abs(exact - rasterisedArea(pair[0], pair[1], cellsPerPixel: 16)) < 1.0)
        }
    }

    /// Corners on a coarse lattice meet edges and each other all the time, which is what breaks general clipping.
    @Test func outlinesOnALatticeAgreeWithCountedCells() {
        var numbers = SeededNumbers(99)
        for _ in 0..<60 {
            func coordinate() -> Double { Double(Int.random(in: 0...4, using: &numbers) * 5) }
            let pair = (0..<2).map { _ in TextPolygon(points: (0..<4).map { _ in [coordinate(), coordinate()] }) }
            let exact = pair[0].intersectionArea(with: pair[1])
            #expect(abs(exact - rasterisedArea(pair[0], pair[1], cellsPerPixel: 16)) < 1.0)
        }
    }
}
