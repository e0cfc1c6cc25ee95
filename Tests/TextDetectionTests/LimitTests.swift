import Testing
import TextDetection

@Suite("Limits") struct LimitTests {
    /// 6 x 4 squares whose scores rise and fall over the map.
    static let squares: (map: LogitMap, logits: [Int16]) = {
        var map = LogitMap(width: 64, height: 44)
        let logits = (0..<24).map { Int16(100 + ($0 * 7 % 24) * 200) }
        for (index, logit) in logits.enumerated() {
            let (x, y) = (2 + index % 6 * 10, 2 + index / 6 * 10)
            map.fill(x..<x + 6, y..<y + 6, with: logit)
        }
        return (map, logits)
    }()

    @Test(
        "more boxes than allowed: the best scores stay, in reading order, and the rest is counted",
        arguments: [1, 2, 7, 23, 24, 25], [BoxSettings.Shape.rectangle, .polygon])
    func cap(maximumBoxes: Int, shape: BoxSettings.Shape) throws {
        let (map, logits) = Self.squares
        let settings = BoxSettings.usual.with {
            $0.maximumBoxes = maximumBoxes
            $0.shape = shape
        }
        let formed = try map.formBoxes(settings)
        let least = logits.sorted(by: >).prefix(maximumBoxes).last!
        #expect(formed.boxes.map { Int($0.score) } == logits.filter { $0 >= least }.map(LogitMap.probability))
        #expect(formed.droppedCount == max(0, 24 - maximumBoxes))
        // Points belong to their own box: the first square's is where its score says.
        let all = try map.formBoxes(settings.with { $0.maximumBoxes = 100 })
        #expect(formed.boxes.allSatisfy(all.boxes.contains))
    }

    @Test("of equal scores the first in reading order stay") func equalScores() throws {
        var map = LogitMap(width: 60, height: 8)
        for index in 0..<5 { map.fill(index * 12 + 1..<index * 12 + 7, 1..<7) }
        let all = try map.formBoxes().boxes
        let some = try map.formBoxes(.everything.with { $0.maximumBoxes = 3 })
        #expect(some.boxes == Array(all.prefix(3)))
        #expect(some.droppedCount == 2)
    }

    @Test("a score as low as the limit is enough") func minimumScore() throws {
        let (map, logits) = Self.squares
        let limit = UInt16(LogitMap.probability(logits[5]))
        let formed = try map.formBoxes(.usual.with { $0.minimumScore = limit })
        #expect(formed.boxes.map { Int($0.score) } == logits.filter { $0 >= logits[5] }.map(LogitMap.probability))
        #expect(formed.droppedCount == 0)
        #expect(try map.formBoxes(.usual.with { $0.minimumScore = .max }).boxes.isEmpty)
    }

    @Test("sides as short as the limits are enough, before and after the expansion", arguments: [BoxSettings.Shape.rectangle, .polygon])
    func minimumSides(shape: BoxSettings.Shape) throws {
        var map = LogitMap(width: 64, height: 64)
        map.fill(5..<26, 5..<16)
        // Sides 20 and 10, expanded by 5.
        for (side, expanded, count) in [(10, 20, 1), (11, 0, 0), (0, 21, 0), (0, 20, 1)] {
            let settings = BoxSettings.usual.with {
                $0.minimumSide = UInt8(side)
                $0.minimumExpandedSide = UInt8(expanded)
                $0.shape = shape
            }
            #expect(try map.formBoxes(settings).boxes.count == count, "sides \(side), \(expanded)")
        }
        // A rotated one with sides of 40 and 10, expanded by 6; its outline has the steps of the pixels and gives less.
        for (side, expanded, count) in [(10, shape == .rectangle ? 22 : 20, 1), (11, 0, 0), (0, 23, 0)] {
            let settings = BoxSettings.usual.with {
                $0.minimumSide = UInt8(side)
                $0.minimumExpandedSide = UInt8(expanded)
                $0.shape = shape
            }
            #expect(try RectangleTests.rotated.formBoxes(settings).boxes.count == count, "rotated, sides \(side), \(expanded)")
        }
    }

    @Test("sizes, settings and storage that cannot be are refused") func refusals() throws {
        let usual = BoxSettings.usual
        for (width, height) in [(0, 10), (10, 0), (-1, 10), (4097, 10), (10, 4097), (Int.max, Int.max)] {
            #expect(throws: BoxFormationError.mapSize(width: width, height: height, limit: 4096)) {
                try BoxFormation.storageBytes(width: width, height: height, settings: usual)
            }
        }
        for count in [0, -1, BoxSettings.boxLimit + 1, Int.max] {
            #expect(throws: BoxFormationError.maximumBoxes(count, limit: BoxSettings.boxLimit)) {
                try BoxFormation.storageBytes(width: 64, height: 64, settings: usual.with { $0.maximumBoxes = count })
            }
        }
        #expect(throws: BoxFormationError.unclipRatio(2049, limit: 2048)) {
            try BoxFormation.storageBytes(width: 64, height: 64, settings: usual.with { $0.unclipRatio = 2049 })
        }
        let bytes = try BoxFormation.storageBytes(width: 64, height: 64, settings: usual)
        let storage = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes + 16, alignment: 16)
        defer { storage.deallocate() }
        #expect(throws: BoxFormationError.storageTooSmall(needed: bytes, given: bytes - 1)) {
            try make(in: .init(rebasing: storage[..<(bytes - 1)]))
        }
        #expect(throws: BoxFormationError.storageTooSmall(needed: bytes, given: 0)) { try make(in: .init(start: nil, count: 0)) }
        #expect(throws: BoxFormationError.storageMisaligned(alignment: 16)) { try make(in: .init(rebasing: storage[8..<(8 + bytes)])) }
        #expect(throws: Never.self) { try make(in: .init(rebasing: storage[16...])) }
    }

    private func make(in storage: UnsafeMutableRawBufferPointer) throws {
        try LogitMap.probabilities.withUnsafeBufferPointer {
            _ = try BoxFormation(width: 64, height: 64, settings: .usual, probabilities: $0.baseAddress!, storage: storage)
        }
    }
}
