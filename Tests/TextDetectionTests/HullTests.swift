import Testing
import TextDetection

@Suite("Hull and calipers") struct HullTests {
    /// Rows of random length, from coarse to fine shapes, in the middle or at the far end of the largest map.
    @Test("equal a gift-wrapped hull and the least of all its rectangles", arguments: 0..<200)
    func randomRows(seed: UInt64) throws {
        var random = SplitMix(state: seed)
        let rows = Int.random(in: 1...40, using: &random)
        let spread = Int.random(in: 1...(seed % 4 == 0 ? 2000 : 30), using: &random)
        let (left, top) = seed % 2 == 0 ? (0, 0) : (4095 - 2 * spread, 4095 - rows)
        var pixels: [Pixel] = []
        let storage = UnsafeMutablePointer<PixelPoint>.allocate(capacity: ConvexHull.storagePoints(rows: rows))
        defer { storage.deallocate() }
        var hull = ConvexHull(storage: storage, rows: rows)
        for row in 0..<rows {
            let first = left + Int.random(in: 0...spread, using: &random)
            let last = first + Int.random(in: 0...spread, using: &random)
            pixels += [Pixel(x: first, y: top + row), Pixel(x: last, y: top + row)]
            hull.addRow(Int32(top + row), first: Int32(first), last: Int32(last))
        }
        let vertices = hull.vertices()
        let expected = convexHull(of: pixels)
        #expect(vertices.map { Pixel(x: Int($0.x), y: Int($0.y)) } == expected)

        let rectangle = try #require(MinimumAreaRectangle(around: vertices))
        let area = Double((rectangle.alongEnd - rectangle.alongStart) * rectangle.acrossEnd) / Double(rectangle.squaredLength)
        #expect(abs(area - leastRectangleArea(expected)) <= area * 1e-12)
        for pixel in expected {
            let (x, y) = (Int64(pixel.x) - Int64(rectangle.origin.x), Int64(pixel.y) - Int64(rectangle.origin.y))
            #expect((rectangle.alongStart...rectangle.alongEnd).contains(rectangle.edgeX * x + rectangle.edgeY * y))
            #expect((0...rectangle.acrossEnd).contains(rectangle.edgeX * y - rectangle.edgeY * x))
        }
    }

    @Test("of rectangles of the same area the one on the level top edge is taken") func tie() throws {
        // All three edges of a right-angled triangle have rectangles of twice its area.
        let storage = UnsafeMutablePointer<PixelPoint>.allocate(capacity: ConvexHull.storagePoints(rows: 5))
        defer { storage.deallocate() }
        var hull = ConvexHull(storage: storage, rows: 5)
        for row in 0..<5 { hull.addRow(Int32(row), first: 0, last: Int32(12 - 3 * row)) }
        let rectangle = try #require(MinimumAreaRectangle(around: hull.vertices()))
        #expect(rectangle.origin == PixelPoint(x: 0, y: 0) && rectangle.edgeX == 12 && rectangle.edgeY == 0)
    }

    @Test("a hull without rows has no rectangle") func emptyHull() {
        let storage = UnsafeMutablePointer<PixelPoint>.allocate(capacity: ConvexHull.storagePoints(rows: 1))
        defer { storage.deallocate() }
        #expect(MinimumAreaRectangle(around: ConvexHull(storage: storage, rows: 1).vertices()) == nil)
    }

    @Test("the integer square root is the floor of the real one") func squareRoot() {
        var random = SplitMix(state: 1)
        var values: [UInt64] = [
            0, 1, 2, 3, 4, .max, .max - 1, 1 << 32, (1 << 32) - 1, 1 << 62, 0xFFFF_FFFE_0000_0001, 0xFFFF_FFFE_0000_0000,
        ]
        for bits in 1..<64 { values.append(UInt64.random(in: 0..<(1 << UInt64(bits)), using: &random)) }
        for value in values {
            let root = integerSquareRoot(value)
            #expect(root.multipliedReportingOverflow(by: root).overflow == false && root * root <= value)
            let (square, overflow) = (root + 1).multipliedReportingOverflow(by: root + 1)
            #expect(overflow || square > value)
        }
    }
}
