import CKernels
import CModelFile
import Foundation

/// The integers of one convolution: int8 weights symmetric per output channel, int32 bias, and the factor that requantizes.
///
/// Each row of a transposed convolution's 4 * outputChannels has a scale of its own.
struct ConvolutionQuantizer {
    let step: String
    let convolution: Convolution
    let rows: WeightRows
    let input: QuantizationParameters
    /// Set where the input is the picture.
    let normalization: Preprocessing?
    /// The real value of one step of what is requantized to.
    var outputScale: Double
    /// By output channel: how much larger its step is.
    var outputFactors: [Float]?
    /// Whether accumulators are multiplied by TEXTPIN_FINE_SCALE first: logits, ahead of hard-swish and of an add.
    var isFine: Bool
    /// By output channel: a real value that the bias holds besides the layer's own.
    var biasOffsets: [Double] = []
    /// Whether all channels get one shift where their factors allow it, by which NEON requantizes in fewer instructions (kernels' equation
    /// 1d).
    var sharesShift = true

    /// Adds a number of output steps to the bias, such as a zero point, so that no kernel adds it.
    mutating func holdInBias(_ steps: Double) {
        biasOffsets = (0..<convolution.outputChannels).map { steps * outputScale * Double(outputFactors?[$0] ?? 1) }
    }

    /// Accumulators stay below this, whatever the input.
    static func accumulatorLimit(isFine: Bool) -> Int32 {
        isFine ? TEXTPIN_ACCUMULATOR_LIMIT / TEXTPIN_FINE_SCALE : TEXTPIN_ACCUMULATOR_LIMIT
    }

    func constants() throws(QuantizationError) -> StepConstants.WeightConstants {
        let inputs = convolution.inputChannels / convolution.groups
        // No sum needs finer units than 2^-17 of an output's step, and a multiplier keeps 16 bits.
        let leastFactor = sharesShift ? exp2(isFine ? -22 : -17) : FixedPointFactor.requantizationLimits.least
        var weights: [Int8] = []
        var bias: [Int32] = []
        var factors: [Double] = []
        var multipliers: [Int32] = []
        var shifts: [UInt8] = []
        var scales: [Double] = []
        var offsets: [Double] = []
        let inputScale = Double(input.scale)
        let before = isFine ? Double(TEXTPIN_FINE_SCALE) : 1
        let accumulatorLimit = Double(Self.accumulatorLimit(isFine: isFine))
        for (index, row) in rows.values.enumerated() {
            let channel = index % convolution.outputChannels
            let outputStep = outputScale * Double(outputFactors?[channel] ?? 1)
            let biasOffset = biasOffsets.isEmpty ? 0 : biasOffsets[channel]
            let floatBias = Double(convolution.bias[channel]) + biasOffset
            let greatest = row.reduce(0) { max($0, abs($1)) }
            // A channel of almost no weight gets a coarser scale, so that its bias and its factor fit.
            let scale = max(
                Double(greatest) / 127, abs(floatBias) / (inputScale * accumulatorLimit / 4),
                outputStep * before * leastFactor / inputScale, 1e-30)
            let quantized = row.map { Int8(min(max((Double($0) / scale).rounded(), -127), 127)) }
            let accumulatorScale = inputScale * scale
            let realFactor = accumulatorScale / outputStep / before
            guard let factor = FixedPointFactor(realFactor, shifts: FixedPointFactor.requantizationShifts)
            else {
                throw .outOfRange(step: step, what: "channel \(channel)'s factor \(accumulatorScale / outputStep) is not below 1/4")
            }
            var offset = 0.0
            if let normalization {
                for (k, weight) in quantized.enumerated() {
                    offset += Double(weight) * (255 * Double(normalization.mean[k % inputs]) - 128)
                }
            } else {
                offset = Double(quantized.reduce(0) { $0 + Int($1) } * Int(input.zeroPoint))
            }
            let integerBias = (floatBias / accumulatorScale - offset).rounded()
            let reach = quantized.reduce(0.0) { $0 + abs(Double($1)) } * 128 + abs(integerBias)
            guard reach < accumulatorLimit else {
                throw .outOfRange(step: step, what: "channel \(channel)'s sums reach \(reach), more than \(accumulatorLimit)")
            }
            factors.append(realFactor)
            weights += quantized
            bias.append(Int32(integerBias))
            multipliers.append(factor.multiplier)
            shifts.append(UInt8(factor.shift))
            scales.append(accumulatorScale)
            offsets.append(biasOffset)
        }
        if sharesShift {
            let shift = Int(isFine ? TEXTPIN_SHARED_SHIFT_FINE : TEXTPIN_SHARED_SHIFT)
            let shared = factors.compactMap { FixedPointFactor($0, shift: shift, isEven: !isFine) }
            if shared.count == factors.count {
                multipliers = shared.map(\.multiplier)
                shifts = shared.map { UInt8($0.shift) }
            }
        }
        if convolution.isDepthwise { weights = channelsLast(weights, taps: convolution.kernelHeight * convolution.kernelWidth) }
        return .init(
            weights: weights, bias: bias, multipliers: multipliers, shifts: shifts, table: nil, hardSwish: nil,
            biasOffsets: offsets, isFine: isFine, accumulatorScales: scales, zeroPoint: 0)
    }

    /// [channels][taps] to [taps][channels].
    private func channelsLast(_ weights: [Int8], taps: Int) -> [Int8] {
        let channels = weights.count / taps
        return (0..<taps).flatMap { tap in (0..<channels).map { weights[$0 * taps + tap] } }
    }
}
