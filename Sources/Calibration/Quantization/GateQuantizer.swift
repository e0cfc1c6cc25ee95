import Foundation

/// The integers of squeeze-and-excitation's two layers; see Inference's GateStep for their units.
struct GateQuantizer {
    let step: String
    let gate: LoweredOperation.Gate
    let inputScale: Double
    let inputFactors: [Float]?
    let hiddenMaximum: Float

    func constants() throws(QuantizationError) -> StepConstants.GateConstants {
        // Four times what was seen: 13 bits are left, and an unusual picture does not saturate.
        let hiddenScale = max(Double(hiddenMaximum), 1e-6) * 4 / 32767
        let squeeze = try layer(
            gate.squeeze, addend: 0, inputScale: inputScale / 128, inputFactors: inputFactors, outputScale: hiddenScale)
        let alpha = Double(gate.alpha)
        // alpha * x + beta = alpha * (x + beta / alpha), in 1/32768.
        let expand = try layer(
            gate.expand, addend: Double(gate.beta) / alpha, inputScale: hiddenScale, inputFactors: nil, outputScale: 1 / (32768 * alpha))
        return .init(
            weights: squeeze.weights + expand.weights, bias: squeeze.bias + expand.bias,
            multipliers: squeeze.multipliers + expand.multipliers,
            shifts: squeeze.shifts + expand.shifts, hiddenChannels: gate.squeeze.outputChannels)
    }

    private struct Layer {
        var weights: [Int8] = []
        var bias: [Int64] = []
        var multipliers: [Int32] = []
        var shifts: [UInt8] = []
    }

    private func layer(
        _ convolution: Convolution, addend: Double, inputScale: Double, inputFactors: [Float]?, outputScale: Double
    ) throws(QuantizationError) -> Layer {
        var result = Layer()
        let columns = convolution.inputChannels
        for row in 0..<convolution.outputChannels {
            let line = (0..<columns).map { convolution.weights[row * columns + $0] * (inputFactors?[$0] ?? 1) }
            let bias = Double(convolution.bias[row]) + addend
            let greatest = line.reduce(0) { max($0, abs($1)) }
            // A row of almost no weight gets a coarser scale, so that its bias and its factor fit.
            let scale = max(
                Double(greatest) / 127, abs(bias) / (inputScale * exp2(30)),
                outputScale / inputScale * FixedPointFactor.requantizationLimits.least)
            guard let factor = FixedPointFactor(inputScale * scale / outputScale, shifts: 1...62) else {
                throw .outOfRange(step: step, what: "row \(row) of a gate's layer")
            }
            let quantized = line.map { Int8(min(max((Double($0) / scale).rounded(), -127), 127)) }
            let integerBias = (bias / (inputScale * scale)).rounded()
            guard quantized.reduce(0.0, { $0 + abs(Double($1)) }) * 32767 + abs(integerBias) < exp2(32) else {
                throw .outOfRange(step: step, what: "the sums of row \(row) of a gate's layer")
            }
            result.weights += quantized
            result.bias.append(Int64(integerBias))
            result.multipliers.append(factor.multiplier)
            result.shifts.append(UInt8(factor.shift))
        }
        return result
    }
}

/// The positions and weights by which bilinear enlarging reads its input.
enum BilinearPositions {
    /// For each output position, the first of two input positions and the second one's weight in 1/128.
    static func pairs(_ resize: Resize, inputSize: Int) -> [Int16] {
        let outputSize = inputSize * resize.factor
        return (0..<outputSize).flatMap { position -> [Int16] in
            var source: Double
            switch resize.mode {
            case .nearest: source = Double(position / resize.factor)
            case .bilinearHalfPixel: source = (Double(position) + 0.5) / Double(resize.factor) - 0.5
            case .bilinearAsymmetric: source = Double(position) / Double(resize.factor)
            case .bilinearAlignCorners:
                source = outputSize == 1 ? 0 : Double(position) * Double(inputSize - 1) / Double(outputSize - 1)
            }
            source = min(max(source, 0), Double(inputSize - 1))
            let first = min(Int(source), inputSize - 1)
            let weight = first + 1 < inputSize ? Int(((source - Double(first)) * 128).rounded()) : 0
            return [Int16(first), Int16(weight)]
        }
    }
}
