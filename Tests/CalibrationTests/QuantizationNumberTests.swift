import Calibration
import Foundation
import TestNetworks
import Testing

@Suite struct QuantizationNumberTests {
    @Test func factorsAreWithinHalfAUnitOfTheMultiplier() throws {
        var numbers = SeededNumbers(1)
        for _ in 0..<20_000 {
            let value = exp2(Double.random(in: -32.9...(-2.001), using: &numbers))
            let factor = try #require(FixedPointFactor(value, shifts: FixedPointFactor.requantizationShifts), "\(value)")
            #expect((1 << 29..<1 << 30).contains(Int(factor.multiplier)))
            #expect(FixedPointFactor.requantizationShifts.contains(factor.shift))
            #expect(abs(Double(factor.multiplier) * exp2(-Double(factor.shift)) / value - 1) <= exp2(-30))
        }
    }

    @Test func theStatedLimitsOfRequantizationFit() {
        let limits = FixedPointFactor.requantizationLimits
        for value in [limits.least, limits.most] { #expect(FixedPointFactor(value, shifts: FixedPointFactor.requantizationShifts) != nil) }
        #expect(FixedPointFactor(0.25, shifts: FixedPointFactor.requantizationShifts) == nil)
        #expect(FixedPointFactor(exp2(-34), shifts: FixedPointFactor.requantizationShifts) == nil)
    }

    @Test(arguments: [0, -0.5, Double.nan, .infinity, -.infinity])
    func whatIsNoPositiveNumberHasNoFactor(_ value: Double) {
        #expect(FixedPointFactor(value, shifts: 1...62) == nil)
    }

    /// The nearest multiplier to a number just below a power of two is the power itself, which has the next shift.
    @Test func roundingUpToAPowerOfTwoTakesTheNextShift() throws {
        let factor = try #require(FixedPointFactor(0.125.nextDown, shifts: 1...62))
        #expect(Double(factor.multiplier) * exp2(-Double(factor.shift)) == 0.125)
    }

    /// Kernels' equation 1d wants one shift for all channels and, without TEXTPIN_FINE_SCALE, even multipliers.
    @Test func factorsWithAGivenShiftKeepSixteenBits() throws {
        var numbers = SeededNumbers(3)
        for _ in 0..<2000 {
            let value = exp2(Double.random(in: -16.9...(-2.001), using: &numbers))
            let factor = try #require(FixedPointFactor(value, shift: 32, isEven: true), "\(value)")
            #expect(factor.shift == 32 && factor.multiplier % 2 == 0)
            #expect(abs(Double(factor.multiplier) * exp2(-32) / value - 1) <= exp2(-15))
        }
        #expect(FixedPointFactor(0.25, shift: 32, isEven: true) == nil)
        #expect(FixedPointFactor(exp2(-18), shift: 32, isEven: true) == nil)
        #expect(FixedPointFactor(exp2(-7), shift: 37, isEven: false) == nil)
        #expect(FixedPointFactor(exp2(-7.01), shift: 37, isEven: false) != nil)
    }

    @Test func zeroIsExactAndRangesAreHeld() {
        var numbers = SeededNumbers(2)
        for _ in 0..<2000 {
            let range = ValueRange(
                low: -Float.random(in: 0...20, using: &numbers), high: Float.random(in: 0.001...20, using: &numbers))
            let parameters = QuantizationParameters(range)
            #expect((-128...127).contains(parameters.zeroPoint))
            #expect(parameters.dequantize(Int8(parameters.zeroPoint)) == 0)
            // Half a step beyond either end, at most: the zero point was rounded.
            #expect(abs(parameters.dequantize(parameters.quantize(range.low)) - range.low) <= 0.501 * parameters.scale)
            #expect(abs(parameters.dequantize(parameters.quantize(range.high)) - range.high) <= 0.501 * parameters.scale)
        }
    }

    /// Hard-swish's last factor is a whole number of 256ths: only 256 / k divides it.
    @Test func channelFactorsAre256OverAWholeNumber() throws {
        var balanced = 0
        for network in TestNetwork.all {
            let lowered = try StepLowering.lower(network.graph)
            let statistics = FloatStatistics.gather(
                network.graph, lowered, inputs: network.pictures(3).map { network.input($0) }, preprocessing: .paddleOCR, threads: 2
            ) { _ in }
            #expect(statistics.channelFactors.count == lowered.tensors.count)
            for (tensor, factors) in zip(lowered.tensors, statistics.channelFactors) {
                guard let factors else { continue }
                balanced += 1
                #expect(factors.count == tensor.channels)
                for factor in factors {
                    let k = 256 / factor
                    #expect(factor > 0 && abs(k - k.rounded()) < 1e-3 * k && k.rounded() >= 1, "\(tensor.name): \(factor)")
                }
            }
        }
        #expect(balanced > 3)
    }
}
