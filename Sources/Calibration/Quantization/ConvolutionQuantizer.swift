import CKernels
import CModelFile
import Foundation

/// The integers of one convolution: int8 weights symmetric per output channel, int32 bias, and the factor that requantizes.
///
/// A transposed 2x2 convolution counts as four 1x1 convolutions: each of its 4 * outputChannels rows has a scale of its own.
struct ConvolutionQuantizer {
    let step: String
    let convolution: Convolution
    let isTransposed: Bool
    let input: QuantizationParameters
    /// Set where the input is the picture: its bytes are brought to the network's scale by the weights.
    let normalization: Preprocessing?
    /// The real value of one step of what comes out, ahead of a table.
    let outputScale: Double
    let isLogits: Bool

    /// The rows' float weights in the order of the model file; depthwise rows are channels, each [kernelRows][kernelColumns].
    static func rows(of convolution: Convolution, isTransposed: Bool, normalization: Preprocessing?) -> [[Float]] {
        let inputs = convolution.inputChannels / convolution.groups
        let outputs = convolution.outputChannels
        let area = convolution.kernelHeight * convolution.kernelWidth
        if isTransposed {
            return (0..<area).flatMap { tap in
                (0..<outputs).map { output in
                    (0..<inputs).map { convolution.weights[($0 * outputs + output) * area + tap] }
                }
            }
        }
        return (0..<outputs).map { output in
            (0..<area).flatMap { tap in
                (0..<inputs).map { channel in
                    let weight = convolution.weights[(output * inputs + channel) * area + tap]
                    guard let normalization else { return weight }
                    return weight / (255 * normalization.deviation[channel])
                }
            }
        }
    }

    /// The coarsest accumulator unit over all rows.
    static func accumulatorScale(
        of convolution: Convolution, isTransposed: Bool, inputScale: Double, normalization: Preprocessing?
    ) -> Double {
        var greatest: Float = 0
        for row in rows(of: convolution, isTransposed: isTransposed, normalization: normalization) {
            for weight in row { greatest = max(greatest, abs(weight)) }
        }
        return inputScale * Double(greatest) / 127
    }

    /// Accumulators stay below this, whatever the input.
    static func accumulatorLimit(isLogits: Bool) -> Int32 {
        isLogits ? TEXTPIN_ACCUMULATOR_LIMIT / TEXTPIN_LOGITS_SCALE : TEXTPIN_ACCUMULATOR_LIMIT
    }

    func constants() throws(QuantizationError) -> StepConstants.WeightConstants {
        let rows = Self.rows(of: convolution, isTransposed: isTransposed, normalization: normalization)
        let inputs = convolution.inputChannels / convolution.groups
        var weights: [Int8] = []
        var bias: [Int32] = []
        var multipliers: [Int32] = []
        var shifts: [UInt8] = []
        var scales: [Double] = []
        let inputScale = Double(input.scale)
        // The last layer's accumulators are multiplied by TEXTPIN_LOGITS_SCALE first, so that its factor fits equation 1.
        let before = isLogits ? Double(TEXTPIN_LOGITS_SCALE) : 1
        let accumulatorLimit = Double(Self.accumulatorLimit(isLogits: isLogits))
        for (index, row) in rows.enumerated() {
            let channel = index % convolution.outputChannels
            let floatBias = Double(convolution.bias[channel])
            let greatest = row.reduce(0) { max($0, abs($1)) }
            // A channel of almost no weight gets a coarser scale, so that its bias and its factor fit.
            let scale = max(
                Double(greatest) / 127, abs(floatBias) / (inputScale * accumulatorLimit / 4),
                outputScale * before * FixedPointFactor.requantizationLimits.least / inputScale, 1e-30)
            let quantized = row.map { Int8(min(max((Double($0) / scale).rounded(), -127), 127)) }
            let accumulatorScale = inputScale * scale
            guard let factor = FixedPointFactor(accumulatorScale / outputScale / before, shifts: FixedPointFactor.requantizationShifts) else {
                throw .outOfRange(step: step, what: "channel \(channel)'s factor \(accumulatorScale / outputScale) is not below 1/4")
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
            weights += quantized
            bias.append(Int32(integerBias))
            multipliers.append(factor.multiplier)
            shifts.append(UInt8(factor.shift))
            scales.append(accumulatorScale)
        }
        if convolution.isDepthwise { weights = channelsLast(weights, taps: convolution.kernelHeight * convolution.kernelWidth) }
        return .init(
            weights: weights, bias: bias, multipliers: multipliers, shifts: shifts, table: nil, accumulatorScales: scales,
            beforeTable: QuantizationParameters(scale: Float(outputScale), zeroPoint: 0))
    }

    /// [channels][taps] to [taps][channels].
    private func channelsLast(_ weights: [Int8], taps: Int) -> [Int8] {
        let channels = weights.count / taps
        return (0..<taps).flatMap { tap in (0..<channels).map { weights[$0 * taps + tap] } }
    }
}
