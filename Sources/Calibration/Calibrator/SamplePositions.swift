/// Where in one image layers are compared with the float network: half anywhere, half in and about texts, which take a small part of most
/// pictures and are all that counts.
package struct SamplePositions: Sendable {
    /// Of so many images, how many samples are taken from, the first ones: each takes an arena of its own while layers are corrected, and some
    /// images are kept to judge the corrections by.
    package static func images(of total: Int) -> Int { min(32, max(1, total * 3 / 4)) }
    /// Positions in each; a multiple of 8.
    package static let count = 128

    /// Pixels of the probability map.
    private let pixels: [(row: Int, column: Int)]
    private let width: Int
    private let height: Int

    package init(_ surroundings: TextSurroundings, seed: Int) {
        width = surroundings.width
        height = surroundings.height
        var random = SampleGenerator(seed: UInt64(seed))
        let cells = surroundings.cellsNearText
        let side = TextSurroundings.cellSide
        pixels = (0..<Self.count).map { index in
            guard index % 2 == 0, !cells.isEmpty else { return (random.below(surroundings.height), random.below(surroundings.width)) }
            let cell = cells[random.below(cells.count)]
            return (cell.row * side + random.below(side), cell.column * side + random.below(side))
        }
    }

    /// Output positions of a step, input positions of a transposed one; the same for float and int8.
    package func places(of step: LoweredNetwork.Step, in network: LoweredNetwork) -> [(row: Int, column: Int)] {
        let isTransposed = step.operation.weighted?.isTransposed ?? false
        let map = network.tensors[isTransposed ? step.inputs[0] : step.output]
        return pixels.map { ($0.row * map.height / height, $0.column * map.width / width) }
    }
}

/// Where text is, or its edge, or what might be taken for text, in cells of some pixels.
package struct TextSurroundings: Sendable {
    package static let cellSide = 8
    /// What may become text or hold its edge.
    private static let leastLogit: Float = -3
    /// A text in a large picture does not count more than this.
    private static let greatestWeight = 32

    package let width: Int
    package let height: Int
    package let cellsNearText: [(row: Int, column: Int)]
    private let isNear: [Bool]

    /// - Parameter logits: of the probability map, whose sides are multiples of 32.
    package init(logits: [Float], width: Int, height: Int) {
        self.width = width
        self.height = height
        let columns = width / Self.cellSide
        let rows = height / Self.cellSide
        var hasText = [Bool](repeating: false, count: rows * columns)
        for (pixel, logit) in logits.enumerated() where logit > Self.leastLogit {
            hasText[pixel / width / Self.cellSide * columns + pixel % width / Self.cellSide] = true
        }
        var isNear = hasText
        var cells: [(row: Int, column: Int)] = []
        for row in 0..<rows {
            for column in 0..<columns {
                let neighbours = (max(row - 1, 0)...min(row + 1, rows - 1)).lazy.flatMap { row in
                    (max(column - 1, 0)...min(column + 1, columns - 1)).lazy.map { row * columns + $0 }
                }
                guard neighbours.contains(where: { hasText[$0] }) else { continue }
                isNear[row * columns + column] = true
                cells.append((row, column))
            }
        }
        self.isNear = isNear
        cellsNearText = cells
    }

    /// By pixel of a map of another size: how much it counts so that what is near text counts as much as all the rest.
    package func weights(width: Int, height: Int) -> [UInt64] {
        let columns = self.width / Self.cellSide
        let near = max(cellsNearText.count, 1)
        let weight = UInt64(min(max((isNear.count - near) / near, 1), Self.greatestWeight))
        return (0..<height).flatMap { row in
            (0..<width).map { column in
                isNear[row * self.height / height / Self.cellSide * columns + column * self.width / width / Self.cellSide] ? weight : 1
            }
        }
    }
}

/// A linear congruential generator (Knuth): only the upper bits are used.
private struct SampleGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 0xD1B5_4A32_D192_ED03 }

    mutating func below(_ limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % limit
    }
}
