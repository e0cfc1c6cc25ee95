import Calibration
import Testing

@Suite struct LayerFitTests {
    /// A signal of variance 100 that two inputs hold, each with noise of its own of variance 100: the float weights read the first alone.
    private let twoNoisyCopies = LayerSamples.Moments(covariance: [200, 100, 100, 200], targets: [[100 * 90, 100 * 90]])

    @Test func withoutARidgeWeightsAreRoundedOnly() {
        #expect(WeightRounding.Rounding(twoNoisyCopies, ridge: nil).round([90, 0], target: 0) == [90, 0])
    }

    /// Least squares: (200 100; 100 200) w = (9000, 9000), so w = (30, 30).
    @Test func aWeakRidgeFitsTheTarget() {
        #expect(WeightRounding.Rounding(twoNoisyCopies, ridge: 1e-6).round([90, 0], target: 0) == [30, 30])
    }

    /// The stronger the ridge, the less a weight moves.
    @Test func aRidgeHoldsWeightsToThoseGiven() {
        let first = [1e-6, 1, 10, 1e6].map { WeightRounding.Rounding(twoNoisyCopies, ridge: $0).round([90, 0], target: 0)[0] }
        #expect(first == first.sorted() && first[1] > 30 && first[2] < 90 && first[3] == 90)
    }

    /// Ten inputs that are nearly the same: ten weights of 0.4 make 4, which rounding each to 0 would lose.
    @Test func roundingErrorsCancelWhereInputsGoTogether() {
        let size = 10
        let covariance = (0..<size * size).map { $0 % (size + 1) == 0 ? 101.0 : 100.0 }
        let moments = LayerSamples.Moments(covariance: covariance, targets: [[Double](repeating: 0, count: size)])
        let rounded = WeightRounding.Rounding(moments, ridge: nil).round([Double](repeating: 0.4, count: size), target: 0)
        #expect(rounded.reduce(0) { $0 + Int($1) } == 4)
    }

    @Test func weightsStayWithinSevenBits() {
        let moments = LayerSamples.Moments(covariance: [1], targets: [[1000]])
        #expect(WeightRounding.Rounding(moments, ridge: 1e-6).round([100], target: 0) == [127])
    }
}

@Suite struct TextSurroundingsTests {
    /// 64x64 pixels, a text pixel at row 20, column 40: cell (2, 5) of 8x8, and its neighbours.
    private var surroundings: TextSurroundings {
        var logits = [Float](repeating: -9, count: 64 * 64)
        logits[20 * 64 + 40] = 1
        return TextSurroundings(logits: logits, width: 64, height: 64)
    }

    @Test func cellsAboutTextAreFound() {
        let cells = surroundings.cellsNearText
        #expect(cells.map(\.row) == [1, 1, 1, 2, 2, 2, 3, 3, 3])
        #expect(cells.map(\.column) == [4, 5, 6, 4, 5, 6, 4, 5, 6])
    }

    /// 55 cells without text to 9 with: each pixel of these counts 6 times.
    @Test func textCountsAsMuchAsTheRest() {
        let weights = surroundings.weights(width: 32, height: 32)
        #expect(weights.count { $0 == 6 } == 9 * 16 && weights.count { $0 == 1 } == 55 * 16)
        #expect(weights[10 * 32 + 20] == 6 && weights[3 * 32 + 20] == 1)
    }

    @Test func withoutTextAllCountsAlike() {
        let none = TextSurroundings(logits: [Float](repeating: -9, count: 32 * 32), width: 32, height: 32)
        #expect(none.cellsNearText.isEmpty && none.weights(width: 16, height: 16) == [UInt64](repeating: 1, count: 256))
    }
}
