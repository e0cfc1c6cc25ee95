import Calibration
import Foundation
import Testing

@Suite struct RangeMethodTests {
    private func histogram(_ values: [Float]) -> RangeHistogram {
        var histogram = RangeHistogram()
        values.withUnsafeBufferPointer { histogram.add($0, factors: nil, weights: [UInt64](repeating: 1, count: values.count)) }
        return histogram
    }

    private func uniform(_ count: Int, in range: Range<Float>, seed: UInt64) -> [Float] {
        var numbers = SeededNumbers(seed)
        return (0..<count).map { _ in Float.random(in: range, using: &numbers) }
    }

    /// By Box and Muller.
    private func normal(_ count: Int, seed: UInt64) -> [Float] {
        var numbers = SeededNumbers(seed)
        return (0..<count).map { _ in
            let radius = sqrt(-2 * log(Double.random(in: 1e-12..<1, using: &numbers)))
            return Float(radius * cos(2 * Double.pi * Double.random(in: 0..<1, using: &numbers)))
        }
    }

    @Test func minmaxIsTheLeastAndTheGreatest() {
        let range = histogram([-0.7, 3.25, 1, 2]).range(by: .minmax)
        #expect(range.low == -0.7 && range.high == 3.25)
    }

    @Test(arguments: RangeMethod.allCases)
    func everyRangeHoldsZero(_ method: RangeMethod) {
        for values in [uniform(5000, in: 2..<5, seed: 1), uniform(5000, in: -9 ..< -3, seed: 2)] {
            let range = histogram(values).range(by: method)
            #expect(range.low <= 0 && range.high >= 0 && range.low < range.high)
        }
    }

    @Test func percentileCutsOutliers() {
        // Five of 100,000 are fewer than a hundredth of a percent.
        let range = histogram(uniform(100_000, in: -1..<1, seed: 3) + [Float](repeating: 90, count: 5)).range(by: .percentile)
        #expect(range.high > 0.99 && range.high < 1.1)
        #expect(range.low < -0.99)
    }

    @Test func theLeastErrorKeepsAUniformRange() {
        #expect(histogram(uniform(100_000, in: 0..<4, seed: 4)).range(by: .mse).high > 3.8)
    }

    /// Cubes of normal numbers have long tails; the ends are searched in turn, on a histogram, and come within a tenth of
    /// the best of all pairs on a grid.
    @Test func theLeastErrorIsNearTheBestOfAGrid() {
        let values = normal(20_000, seed: 6).map { $0 * $0 * $0 }
        func error(_ range: ValueRange) -> Double {
            let parameters = QuantizationParameters(range)
            return values.reduce(0) { sum, value in
                let difference = Double(parameters.dequantize(parameters.quantize(value)) - value)
                return sum + difference * difference
            }
        }
        let whole = histogram(values).range(by: .minmax)
        let grid = (2...20).flatMap { low in
            (2...20).map { high in error(ValueRange(low: whole.low * Float(low) / 20, high: whole.high * Float(high) / 20)) }
        }
        #expect(error(histogram(values).range(by: .mse)) < 1.1 * (grid.min() ?? 0))
    }

    @Test func divergenceKeepsTheBodyOfADistribution() {
        let range = histogram(normal(200_000, seed: 7) + [60]).range(by: .kl)
        #expect(range.high > 2 && range.high < 30)
        #expect(range.low < -2)
    }

    @Test(arguments: RangeMethod.allCases)
    func nothingButZerosGivesARangeThatCanBeUsed(_ method: RangeMethod) {
        for values in [[], [Float](repeating: 0, count: 100), [.nan, .infinity, -.infinity]] {
            let range = histogram(values).range(by: method)
            #expect(range.high > range.low && (range.high - range.low).isFinite)
        }
    }

    @Test func whatIsNotFiniteIsPassedOver() {
        let clean = histogram([1, 2, -3])
        let dirty = histogram([1, .nan, 2, .infinity, -3, -.infinity])
        #expect(dirty.minimum == -3 && dirty.maximum == 2)
        #expect(clean.counts == dirty.counts)
    }

    /// Images are counted on several threads and merged as they are done: the order must not show.
    @Test func mergingIsTheSameInAnyOrder() {
        let parts = (0..<6).map { part in
            let high = Float(1 << (3 * part))
            return histogram(uniform(3000, in: (-high / 7)..<high, seed: UInt64(part)))
        }
        func merged(_ order: [Int]) -> RangeHistogram { order.reduce(into: RangeHistogram()) { $0.merge(parts[$1]) } }
        let expected = merged([0, 1, 2, 3, 4, 5])
        for order in [[5, 4, 3, 2, 1, 0], [3, 0, 5, 1, 4, 2]] {
            let found = merged(order)
            #expect(found.counts == expected.counts)
            #expect(found.binWidth == expected.binWidth && found.minimum == expected.minimum && found.maximum == expected.maximum)
        }
        #expect(expected.counts.reduce(0) { $0 + Int($1) } == 18_000)
    }

    /// Bins that doubled their width hold what they would have held from the start. Values in the middle of the finest bins: no rounding.
    @Test func wideningIsTheSameInAnyOrder() {
        var numbers = SeededNumbers(9)
        let values = (0..<4000).map { _ in (Float(Int.random(in: -60_000...60_000, using: &numbers)) + 0.5) / 1024 }
        let together = histogram(values)
        for sorted in [values.sorted { abs($0) < abs($1) }, values.sorted { abs($0) > abs($1) }] {
            var oneByOne = RangeHistogram()
            for value in sorted { [value].withUnsafeBufferPointer { oneByOne.add($0, factors: nil, weights: [1]) } }
            #expect(oneByOne.counts == together.counts)
            #expect(oneByOne.binWidth == together.binWidth)
        }
    }

    /// Two channels of three pixels, the second with steps of a half, the middle pixel near text.
    @Test func weightsAndFactorsAreAsIfValuesWereCountedSoOften() {
        var weighed = RangeHistogram()
        [1, 2, 3, 10, 20, 30].withUnsafeBufferPointer { weighed.add($0, factors: [1, 0.5], weights: [1, 4, 1]) }
        let repeated = histogram([1, 2, 2, 2, 2, 3, 20, 40, 40, 40, 40, 60])
        #expect(weighed.counts == repeated.counts)
        #expect(weighed.binWidth == repeated.binWidth && weighed.maximum == 60)
    }
}
