import Testing
import TextDetection

@Suite("Connected regions") struct RegionTests {
    @Test("pixels that touch by a corner are one region, those with a pixel between are two") func neighbours() throws {
        var touching = LogitMap(width: 40, height: 20)
        touching.fill(2..<10, 2..<8)
        touching.fill(10..<20, 8..<14)
        #expect(try touching.formBoxes().boxes.count == 1)
        var crossing = LogitMap(width: 40, height: 20)
        crossing.fill(10..<20, 2..<8)
        crossing.fill(2..<10, 8..<14)
        #expect(try crossing.formBoxes().boxes.count == 1)
        var apart = LogitMap(width: 40, height: 20)
        apart.fill(2..<10, 2..<8)
        apart.fill(11..<20, 2..<8)
        apart.fill(2..<10, 9..<14)
        #expect(try apart.formBoxes().boxes.count == 3)
    }

    @Test("a region with holes is one box", arguments: [BoxSettings.Shape.rectangle, .polygon])
    func holes(shape: BoxSettings.Shape) throws {
        var map = LogitMap(width: 60, height: 40)
        map.fill(5..<50, 5..<35)
        map.fill(10..<20, 10..<30, with: LogitMap.empty)
        map.fill(25..<45, 10..<30, with: LogitMap.empty)
        #expect(try map.formBoxes(.usual.with { $0.shape = shape }).boxes.count == 1)
        // An island in a hole is a region of its own.
        map.fill(30..<40, 15..<25)
        #expect(try map.formBoxes(.usual.with { $0.shape = shape }).boxes.count == 2)
    }

    @Test("nothing, everything, checkerboards and stripes") func patterns() throws {
        #expect(try LogitMap(width: 64, height: 48).formBoxes().boxes.isEmpty)
        let full = try LogitMap(width: 64, height: 48) { _, _ in true }.formBoxes()
        #expect(full.boxes.map(\.points) == [pixels((0, 0), (63, 0), (63, 47), (0, 47))])
        for parity in 0..<2 {
            let checkerboard = LogitMap(width: 65, height: 33) { x, y in (x + y) % 2 == parity }
            #expect(try checkerboard.formBoxes().boxes.count == 1)
            let stripes = LogitMap(width: 65, height: 33) { x, _ in x % 2 == parity }
            #expect(try stripes.formBoxes().boxes.count == (65 - parity + 1) / 2)
            #expect(try stripes.formBoxes(.usual).boxes.isEmpty)
            let rows = LogitMap(width: 65, height: 33) { _, y in y % 2 == parity }
            #expect(try rows.formBoxes().boxes.count == (33 - parity + 1) / 2)
        }
        let dots = LogitMap(width: 65, height: 33) { x, y in x % 2 == 0 && y % 2 == 0 }
        #expect(try dots.formBoxes().boxes.count == 33 * 17)
    }

    @Test("the largest map, all text") func largestMap() throws {
        let map = LogitMap(width: 4096, height: 4096) { _, _ in true }
        let formed = try map.formBoxes(.usual.with { $0.unclipRatio = BoxSettings.maximumUnclipRatio })
        // 4095 * 8 / 4 on each side.
        #expect(formed.boxes.map(\.points) == [pixels((-8190, -8190), (12285, -8190), (12285, 12285), (-8190, 12285))])
    }

    @Test("the padding right and below holds no text") func padding() throws {
        var map = LogitMap(width: 70, height: 50)
        map.fill(10..<70, 10..<50)
        map.fill(0..<70, 48..<50, with: .max)
        let boxes = try map.formBoxes(validWidth: 41, validHeight: 33).boxes
        #expect(boxes.map(\.points) == [pixels((10, 10), (40, 10), (40, 32), (10, 32))])
        #expect(boxes.map { Int($0.score) } == [LogitMap.probability(LogitMap.text)])
        #expect(try map.formBoxes(validWidth: 0, validHeight: 33).boxes.isEmpty)
        #expect(try map.formBoxes(validWidth: 41, validHeight: -1).boxes.isEmpty)
        #expect(try map.formBoxes(validWidth: 1000, validHeight: 1000) == map.formBoxes())
        #expect(try map.formBoxes(.everything.with { $0.shape = .polygon }, validWidth: 0, validHeight: 0).boxes.isEmpty)
    }

    @Test("a pixel is text where its logit is greater than the threshold") func threshold() throws {
        var map = LogitMap(width: 40, height: 8)
        map.fill(0..<40, 0..<8, with: .min)
        for (index, logit) in [Int16.min, -1737, -1736, -1735, .max].enumerated() {
            map.fill(8 * index..<8 * index + 6, 1..<7, with: logit)
        }
        for (threshold, count) in [(Int16.min, 4), (-1737, 3), (-1736, 2), (-1735, 1), (32766, 1), (32767, 0)] {
            let boxes = try map.formBoxes(.everything.with { $0.threshold = threshold }).boxes
            #expect(boxes.count == count, "threshold \(threshold)")
        }
    }

    @Test("random masks have the regions of a flood fill, each with its least rectangle", arguments: 0..<60)
    func randomMasks(seed: UInt64) throws {
        var random = SplitMix(state: seed)
        let (width, height) = (Int.random(in: 1...90, using: &random), Int.random(in: 1...40, using: &random))
        let density = Double.random(in: 0.05...0.95, using: &random)
        let map = LogitMap(width: width, height: height) { _, _ in Double.random(in: 0..<1, using: &random) < density }
        let regions = floodFill(map)
        let boxes = try map.formBoxes().boxes
        try #require(boxes.count == regions.count)
        for (box, region) in zip(boxes, regions) {
            let points = box.points.map { (Double($0.x) / 256, Double($0.y) / 256) }
            let area = leastRectangleArea(convexHull(of: region))
            // Each coordinate is rounded by up to 1/512.
            #expect(abs(polygonArea(points) - area) <= Double(width + height) / 128)
            for pixel in region { #expect(isInside(pixel, points, tolerance: 1.0 / 128)) }
        }
        #expect(try map.formBoxes(.everything.with { $0.shape = .polygon }).boxes.count == regions.count)
    }
}
