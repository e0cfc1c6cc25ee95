import Calibration
import Testing

struct PictureAnnotationTests {
    private let grey = Picture(width: 720, height: 720, red: 90, green: 90, blue: 90)

    private func isLine(_ pixel: (red: UInt8, green: UInt8, blue: UInt8)) -> Bool { pixel == (0, 230, 90) }

    @Test func theOutlineIsDrawnAndTheInsideIsLeftAlone() {
        let polygon = TextPolygon(points: [[100, 300], [500, 300], [500, 400], [100, 400]])
        let drawn = grey.annotated(with: [.init(polygon: polygon, score: 0.5)])
        #expect(drawn.width == 720 && drawn.height == 720)
        for (x, y) in [(100, 300), (300, 300), (500, 350), (300, 400), (100, 350)] { #expect(isLine(drawn[x, y]), "\(x), \(y)") }
        for (x, y) in [(300, 350), (300, 304), (300, 396), (600, 350), (300, 420)] { #expect(drawn[x, y] == (90, 90, 90), "\(x), \(y)") }
        #expect(grey[300, 300] == (90, 90, 90))
    }

    @Test func theScoreStandsAboveTheFirstCorner() {
        let polygon = TextPolygon(points: [[100, 300], [500, 300], [500, 400], [100, 400]])
        // Two scores differ in their digits alone, so in pixels above the outline alone.
        let first = grey.annotated(with: [.init(polygon: polygon, score: 0.18)])
        let second = grey.annotated(with: [.init(polygon: polygon, score: 0.99)])
        var changed: [(x: Int, y: Int)] = []
        for y in 0..<720 {
            for x in 0..<720 where first[x, y] != second[x, y] { changed.append((x, y)) }
        }
        #expect(!changed.isEmpty)
        #expect(changed.allSatisfy { (100..<160).contains($0.x) && (280..<300).contains($0.y) })
    }

    @Test func scoresAreRoundedToHundredths() {
        let polygon = TextPolygon(points: [[100, 300], [500, 300], [500, 400]])
        func drawn(_ score: Double) -> Picture { grey.annotated(with: [.init(polygon: polygon, score: score)]) }
        #expect(drawn(0.874) == drawn(0.87))
        #expect(drawn(0.876) == drawn(0.88))
        #expect(drawn(7) == drawn(1))
        #expect(drawn(-3) == drawn(0))
        #expect(drawn(.nan) == drawn(0))
        #expect(drawn(0.87) != drawn(0.88))
    }

    @Test func linesGrowWithThePicture() {
        func thickness(_ side: Int) -> Int {
            let picture = Picture(width: side, height: side, red: 0, green: 0, blue: 0)
            let middle = Double(side) / 2
            let polygon = TextPolygon(points: [[middle, middle], [Double(side) - 2, middle], [middle, Double(side) - 2]])
            let drawn = picture.annotated(with: [.init(polygon: polygon, score: 0)])
            // Right of the label, and above the slanted side.
            return (0..<(side * 11 / 20)).count { isLine(drawn[side * 9 / 10, $0]) }
        }
        #expect(thickness(360) == 2)
        #expect(thickness(2880) == 8)
    }

    @Test func pointsOutsideAreClippedAndNonsenseIsPassedOver() {
        let crossing = TextPolygon(points: [[-1e12, 360], [1e12, 360], [1e12, 400], [-1e12, 400]])
        let drawn = grey.annotated(with: [.init(polygon: crossing, score: 0.5)])
        #expect(isLine(drawn[700, 360]) && isLine(drawn[700, 400]))
        for points: [SIMD2<Double>] in [[], [[.nan, 0], [5, .infinity], [1, 1]], [[-50, -50], [-20, -50], [-20, -20]]] {
            let drawn = grey.annotated(with: [.init(polygon: TextPolygon(points: points), score: 0.5)])
            #expect(drawn[360, 360] == (90, 90, 90))
        }
    }

    @Test(arguments: [1, 2, 7]) func tinyPicturesHoldWhatFits(side: Int) {
        let picture = Picture(width: side, height: side, red: 9, green: 9, blue: 9)
        let polygon = TextPolygon(points: [[0, 0], [9, 0], [9, 9], [0, 9]])
        let drawn = picture.annotated(with: [.init(polygon: polygon, score: 0.5)])
        #expect(isLine(drawn[0, 0]))
    }
}
