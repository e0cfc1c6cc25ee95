import CKernels
import Testing

@Suite struct RequantizationTests {
    /// With multiplier 2^29, shift 32 divides by 8: eighths, and halves go up.
    @Test(
        arguments: [(0, 0), (3, 0), (4, 1), (11, 1), (12, 2), (-3, 0), (-4, 0), (-5, -1), (-12, -1), (-13, -2), (80, 10)]
            as [(Int32, Int32)])
    func halvesGoUp(accumulator: Int32, expected: Int32) {
        #expect(textpin_requantize(accumulator, 1 << 29, TEXTPIN_SHIFT_MINIMUM) == expected)
    }

    @Test func extremesOfTheBounds() {
        let accumulators: [Int32] = [-(1 << 30) + 1, -1, 0, 1, (1 << 30) - 1]
        for accumulator in accumulators {
            for multiplier in [TEXTPIN_MULTIPLIER_MINIMUM, TEXTPIN_MULTIPLIER_LIMIT - 1] {
                for shift in TEXTPIN_SHIFT_MINIMUM...TEXTPIN_SHIFT_MAXIMUM {
                    let expected = Formula.requantize(Int64(accumulator), multiplier: Int64(multiplier), shift: Int64(shift))
                    #expect(Int64(textpin_requantize(accumulator, multiplier, shift)) == expected)
                }
            }
        }
    }

    @Test func anyNumbers() {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<20_000 {
            let accumulator = Int32.random(in: -(1 << 30) + 1...(1 << 30) - 1, using: &generator)
            let multiplier = Int32.random(in: TEXTPIN_MULTIPLIER_MINIMUM...TEXTPIN_MULTIPLIER_LIMIT - 1, using: &generator)
            let shift = Int32.random(in: TEXTPIN_SHIFT_MINIMUM...TEXTPIN_SHIFT_MAXIMUM, using: &generator)
            let expected = Formula.requantize(Int64(accumulator), multiplier: Int64(multiplier), shift: Int64(shift))
            #expect(Int64(textpin_requantize(accumulator, multiplier, shift)) == expected)
        }
    }
}
