import CKernels
import CModelFile
import Foundation

/// What calibration has found out: from it and the lowered network, `Quantizer` makes every integer of the model file.
package struct Calibrated: Sendable {
    /// By tensor; only owners of a scale count.
    package var ranges: [ValueRange]
    /// By tensor: how much larger or smaller a channel's step is than the scale; `ranges` are of values divided by it.
    package var channelFactors: [[Float]?]
    /// By step: the range ahead of the activation's table, where there is one.
    package var rangesBeforeTable: [ValueRange?]
    /// By step: the greatest value of a gate's hidden layer.
    package var hiddenMaxima: [Float]
    package var preprocessing: Preprocessing
}

/// Why a network's numbers do not fit the integer rules.
public enum QuantizationError: Error, CustomStringConvertible {
    case outOfRange(step: String, what: String)

    public var description: String {
        switch self {
        case .outOfRange(let step, let what):
            "the layer \(step) does not fit the integer rules: \(what); check that the images are like those the network was trained on"
        }
    }
}

/// Makes the integers of every step; see docs of DESIGN.md, "Numbers".
package struct Quantizer {
    let network: LoweredNetwork
    let calibrated: Calibrated
    private(set) var parameters: [QuantizationParameters]

    package static func quantize(_ network: LoweredNetwork, _ calibrated: Calibrated) throws(QuantizationError) -> QuantizedNetwork {
        var quantizer = Quantizer(network, calibrated)
        quantizer.widenScales()
        var constants: [StepConstants] = []
        for index in network.steps.indices { constants.append(try quantizer.constants(of: index)) }
        return QuantizedNetwork(
            lowered: network, parameters: quantizer.parameters, channelFactors: calibrated.channelFactors, constants: constants)
    }

    private init(_ network: LoweredNetwork, _ calibrated: Calibrated) {
        self.network = network
        self.calibrated = calibrated
        parameters = network.tensors.indices.map { index in
            switch network.tensors[index].element {
            case .int8 where index == network.input: QuantizationParameters(scale: 1, zeroPoint: -128)
            case .int8: QuantizationParameters(calibrated.ranges[network.scaleOwner[index]])
            case .logits: QuantizationParameters(scale: 1 / Float(TEXTPIN_LOGIT_ONE), zeroPoint: 0)
            case .gate: QuantizationParameters(scale: 1, zeroPoint: 0)
            }
        }
    }

    /// Equation 1 holds factors below 1/4: where a convolution's accumulator is coarser than a quarter of its output's step, finer steps
    /// would hold nothing, so the output's scale grows.
    private mutating func widenScales() {
        for step in network.steps {
            guard case .convolution(let convolution, _, let activation) = step.operation, activation?.isSaturation ?? true else { continue }
            let coarsest = rows(step, convolution, isTransposed: false).coarsestAccumulator(
                inputScale: Double(inputScale(of: step)), outputFactors: calibrated.channelFactors[step.output])
            let owner = network.scaleOwner[step.output]
            // An addend's step is less than twice the sum's (equation 8).
            let needed = max(
                Float(coarsest / FixedPointFactor.requantizationLimits.most), step.addend.map { parameters[$0].scale / 1.9999 } ?? 0)
            guard parameters[owner].scale < needed else { continue }
            let range = parameters[owner].range
            let factor = needed / parameters[owner].scale
            let wider = QuantizationParameters(ValueRange(low: range.low * factor, high: range.high * factor))
            for index in network.tensors.indices where network.scaleOwner[index] == owner { parameters[index] = wider }
        }
    }

    private func rows(_ step: LoweredNetwork.Step, _ convolution: Convolution, isTransposed: Bool) -> WeightRows {
        WeightRows(
            convolution, isTransposed: isTransposed, normalization: normalization(of: step),
            inputFactors: calibrated.channelFactors[step.inputs[0]])
    }

    private func inputScale(of step: LoweredNetwork.Step) -> Float { parameters[step.inputs[0]].scale }

    private func normalization(of step: LoweredNetwork.Step) -> Preprocessing? {
        step.inputs[0] == network.input ? calibrated.preprocessing : nil
    }

    private func constants(of index: Int) throws(QuantizationError) -> StepConstants {
        let step = network.steps[index]
        let output = parameters[step.output]
        switch step.operation {
        case .convolution(let convolution, _, let activation):
            return .weights(try weights(index, convolution, isTransposed: false, activation: activation))
        case .transposed(let convolution, _, let activation):
            return .weights(try weights(index, convolution, isTransposed: true, activation: activation))
        case .logits(let convolution, let isTransposed):
            return .weights(try weights(index, convolution, isTransposed: isTransposed, activation: nil))
        case .combine(_, let hasSecond, let hasGate):
            return try combine(step, hasSecond: hasSecond, hasGate: hasGate)
        case .gate(let gate):
            return .gate(
                try GateQuantizer(
                    step: step.name, gate: gate, inputScale: Double(inputScale(of: step)),
                    inputFactors: calibrated.channelFactors[step.inputs[0]], hiddenMaximum: calibrated.hiddenMaxima[index]
                ).constants())
        case .lookup(let function):
            let input = parameters[step.inputs[0]]
            return .lookup(table(of: function, from: input, to: output))
        case .bilinear(let resize):
            let input = network.tensors[step.inputs[0]]
            return .bilinear(
                BilinearPositions.pairs(resize, inputSize: input.width) + BilinearPositions.pairs(resize, inputSize: input.height))
        case .repeated, .maximum, .binaryMap:
            return .none
        }
    }

    private func weights(
        _ index: Int, _ convolution: Convolution, isTransposed: Bool, activation: ScalarFunction?
    ) throws(QuantizationError) -> StepConstants.WeightConstants {
        let step = network.steps[index]
        let output = parameters[step.output]
        let input = parameters[step.inputs[0]]
        let rows = rows(step, convolution, isTransposed: isTransposed)
        let factors = calibrated.channelFactors[step.output]
        var quantizer = ConvolutionQuantizer(
            step: step.name, convolution: convolution, rows: rows, input: input, normalization: normalization(of: step),
            outputScale: Double(output.scale), outputFactors: factors, isFine: network.tensors[step.output].element == .logits)
        quantizer.sharesShift = !quantizer.isFine
        if let addend = step.addend {
            let fine = Double(output.scale) / Double(TEXTPIN_FINE_SCALE)
            // P(addend * 2^8, multiplier) is in units of the sum's 128th steps: multiplier / 128 of them to a step of the addend.
            let multiplier = min(max((16384 * Double(parameters[addend].scale / output.scale)).rounded(), 1), 32767)
            quantizer.outputScale = fine
            quantizer.isFine = true
            quantizer.holdInBias(Double(output.zeroPoint) * 128 - Double(parameters[addend].zeroPoint) * multiplier / 128)
            var constants = try quantizer.constants()
            constants.addendMultiplier = Int32(multiplier)
            return constants
        }
        if let activation, let hardSwish = activation.hardSwish {
            let coarsest = rows.coarsestAccumulator(inputScale: Double(input.scale), outputFactors: nil)
            let swish = HardSwishQuantizer(
                hardSwish, outputScale: Double(output.scale), zeroPoint: output.zeroPoint, factors: factors,
                channels: convolution.outputChannels, coarsestAccumulator: coarsest)
            quantizer.outputScale = swish.unit
            quantizer.outputFactors = nil
            quantizer.isFine = true
            var constants = try quantizer.constants()
            constants.zeroPoint = swish.zeroPoint
            constants.hardSwish = swish.constants(rows: rows.values.count)
            return constants
        }
        guard let activation, !activation.isSaturation else {
            quantizer.holdInBias(Double(output.zeroPoint))
            var constants = try quantizer.constants()
            constants.table = activation.flatMap { tableWhereRangeIsWider($0, output) }
            return constants
        }
        var before = QuantizationParameters(calibrated.rangesBeforeTable[index] ?? output.range)
        let coarsest = rows.coarsestAccumulator(inputScale: Double(input.scale), outputFactors: nil)
        let growth = Float(coarsest / FixedPointFactor.requantizationLimits.most) / before.scale
        if growth > 1 { before = QuantizationParameters(ValueRange(low: before.range.low * growth, high: before.range.high * growth)) }
        quantizer.outputScale = Double(before.scale)
        quantizer.holdInBias(Double(before.zeroPoint))
        var constants = try quantizer.constants()
        constants.table = table(of: activation, from: before, to: output)
        return constants
    }

    /// A saturation's table, or nil where the output's own range does the same: a tensor that shares its scale with others, such as a slice of a
    /// concatenation, can hold negative values, and values above a clip.
    private func tableWhereRangeIsWider(_ saturation: ScalarFunction, _ output: QuantizationParameters) -> [Int8]? {
        let table = table(of: saturation, from: output, to: output)
        return table.elementsEqual(Int8.min...Int8.max) ? nil : table
    }

    private func table(of function: ScalarFunction, from input: QuantizationParameters, to output: QuantizationParameters) -> [Int8] {
        (-128...127).map { output.quantize(function(input.dequantize(Int8($0)))) }
    }

    /// out = (a * weightA + b * weightB + bias) >> shift: equation 3 of the kernels.
    private func combine(_ step: LoweredNetwork.Step, hasSecond: Bool, hasGate: Bool) throws(QuantizationError) -> StepConstants {
        let output = parameters[step.output]
        let a = parameters[step.inputs[0]]
        let b = hasSecond ? parameters[step.inputs[1]] : nil
        var gateOffset = 0
        if hasGate {
            let gateTensor = step.inputs[step.inputs.count - 1]
            for other in network.steps where other.output == gateTensor {
                if case .gate(let gate) = other.operation { gateOffset = gate.offset }
            }
        }
        // Operands and sum have the same factors by channel, which cancel.
        let factorA = Double(a.scale) / Double(output.scale)
        let factorB = Double(b?.scale ?? 0) / Double(output.scale)
        // The shift that kernels have a short way for (their equation 3a), if int16 weights hold the factors; a bias stays below 2^29.
        var shift = 14
        let greatest = max(factorA * Double(1 + gateOffset), factorB)
        while shift > 0, (greatest * exp2(Double(shift))).rounded() > 32767 { shift -= 1 }
        guard (greatest * exp2(Double(shift))).rounded() <= 32767 else {
            throw .outOfRange(step: step.name, what: "an operand's scale is more than 32767 times the sum's")
        }
        let unit = exp2(Double(shift))
        let weightB = Int32((factorB * unit).rounded())
        let rounding: Int32 = shift > 0 ? 1 << Int32(shift - 1) : 0
        let fixed = (output.zeroPoint << Int32(shift)) + rounding - weightB * (b?.zeroPoint ?? 0)
        if hasGate {
            guard let factor = FixedPointFactor(factorA * unit / 32768, shifts: 1...62) else {
                throw .outOfRange(step: step.name, what: "the gate's factor is too small or too large")
            }
            return .combine(
                weights: [], bias: [], weightB: weightB, shift: Int32(shift),
                gate: .init(multiplier: factor.multiplier, shift: Int32(factor.shift), bias: fixed))
        }
        let weightA = Int16((factorA * unit).rounded())
        let channels = network.tensors[step.output].channels
        return .combine(
            weights: [Int16](repeating: weightA, count: channels),
            bias: [Int32](repeating: fixed - Int32(weightA) * a.zeroPoint, count: channels), weightB: weightB, shift: Int32(shift),
            gate: nil)
    }
}
