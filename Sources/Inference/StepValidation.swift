import CKernels
import CModelFile

extension Model {
    /// Checks that a step's tensors fit together and that its constants are there, of the right length and within the kernels' bounds.
    func validateStep(_ index: Int) throws(ModelError) {
        let step = steps[index]
        guard step.kind <= TEXTPIN_STEP_BINARY_MAP.rawValue, step.reserved == 0 else { throw .step(index: index, "a known kind") }
        guard isInFile(step.name, alignment: 1) else { throw .step(index: index, "a name inside the file") }
        guard step.inputs.0 < header.pointee.tensor_count, step.output < header.pointee.tensor_count else {
            throw .step(index: index, "an input and an output among the tensors")
        }
        let input = tensors[Int(step.inputs.0)]
        let output = tensors[Int(step.output)]
        let valid =
            switch textpin_step_kind(step.kind) {
            case TEXTPIN_STEP_CONVOLUTION:
                isInt8(input, output) && isWindow(step, input, output) && isAddend(step, output)
                    && hasWeights(step, outputs: output.channels, columns: input.channels) && hasTable(step, required: false)
            case TEXTPIN_STEP_DEPTHWISE:
                isInt8(input, output) && isWindow(step, input, output) && input.channels == output.channels
                    && step.kernel_rows * step.kernel_columns <= ModelLimit.depthwiseTaps
                    && hasWeights(step, outputs: output.channels, columns: 1) && hasTable(step, required: false)
            case TEXTPIN_STEP_TRANSPOSED:
                isInt8(input, output) && isTransposed(step, input, output)
                    && hasWeights(step, outputs: 4 * output.channels, columns: input.channels) && hasTable(step, required: false)
            case TEXTPIN_STEP_LOGITS:
                input.isInt8 && output.isLogits && isWindow(step, input, output)
                    && step.table.bytes == 0 && step.output_multipliers.bytes == 0
                    && hasWeights(step, outputs: 1, columns: input.channels)
            case TEXTPIN_STEP_TRANSPOSED_LOGITS:
                input.isInt8 && output.isLogits && isTransposed(step, input, output)
                    && step.table.bytes == 0 && step.output_multipliers.bytes == 0
                    && hasWeights(step, outputs: 4, columns: input.channels)
            case TEXTPIN_STEP_COMBINE:
                isInt8(input, output) && isCombine(step, input, output)
            case TEXTPIN_STEP_GATE:
                input.isInt8 && isGate(step, input, output)
            case TEXTPIN_STEP_LOOKUP:
                isInt8(input, output) && input.hasShape(of: output, factor: 1) && hasTable(step, required: true)
            case TEXTPIN_STEP_REPEAT:
                isInt8(input, output) && (1...64).contains(step.factor) && output.hasShape(of: input, factor: step.factor)
            case TEXTPIN_STEP_BILINEAR:
                isInt8(input, output) && isBilinear(step, input, output)
            case TEXTPIN_STEP_MAXIMUM:
                isInt8(input, output) && isMaximum(step, input, output)
            default:
                isBinaryMap(step, input, output)
            }
        guard valid else { throw .step(index: index, "tensors and constants that fit its kind") }
    }

    private func isInt8(_ first: textpin_model_tensor, _ second: textpin_model_tensor) -> Bool { first.isInt8 && second.isInt8 }

    /// The window stays inside the input and its border at every output pixel.
    private func isWindow(_ step: textpin_model_step, _ input: textpin_model_tensor, _ output: textpin_model_tensor) -> Bool {
        guard (1...ModelLimit.kernel).contains(step.kernel_rows), (1...ModelLimit.kernel).contains(step.kernel_columns),
            (1...2).contains(step.stride), step.padding_top <= input.border_top, step.padding_left <= input.border_left
        else { return false }
        let bottom = Int(output.height - 1) * Int(step.stride) + Int(step.kernel_rows) - Int(step.padding_top)
        let right = Int(output.width - 1) * Int(step.stride) + Int(step.kernel_columns) - Int(step.padding_left)
        return bottom <= Int(input.height) + Int(input.border_bottom) && right <= Int(input.width) + Int(input.border_right)
    }

    private func isTransposed(_ step: textpin_model_step, _ input: textpin_model_tensor, _ output: textpin_model_tensor) -> Bool {
        step.kernel_rows == 1 && step.kernel_columns == 1 && output.height == 2 * input.height && output.width == 2 * input.width
    }

    private func hasWeights(_ step: textpin_model_step, outputs: UInt32, columns: UInt32) -> Bool {
        let outputs = Int(outputs)
        let weights = outputs * Int(step.kernel_rows) * Int(step.kernel_columns) * Int(columns)
        guard (-128...127).contains(step.zero_point), isInFile(step.weights, count: weights, of: Int8.self),
            isInFile(step.bias, count: outputs, of: Int32.self),
            isInFile(step.multipliers, count: outputs, of: Int32.self), isInFile(step.shifts, count: outputs, of: UInt8.self),
            isInArena(step.packed_offset, step.packed_bytes), step.packed_offset % UInt64(TEXTPIN_ALIGNMENT) == 0,
            isHardSwish(step, outputs: outputs),
            step.packed_bytes
                == UInt64(Model.packedLimit(of: step, input: tensors[Int(step.inputs.0)], output: tensors[Int(step.output)]))
        else { return false }
        return isWithinKernelBounds(step, outputs: outputs, weightCount: weights)
    }

    /// |weight| <= 127, the requantization rule's bounds, and |accumulator| below the kernels' limit for any input.
    private func isWithinKernelBounds(_ step: textpin_model_step, outputs: Int, weightCount: Int) -> Bool {
        guard let weights = pointer(step.weights, as: Int8.self), let bias = pointer(step.bias, as: Int32.self),
            let multipliers = pointer(step.multipliers, as: Int32.self), let shifts = pointer(step.shifts, as: UInt8.self)
        else { return false }
        let isDepthwise = step.kind == TEXTPIN_STEP_DEPTHWISE.rawValue
        let isFine =
            step.kind == TEXTPIN_STEP_LOGITS.rawValue || step.kind == TEXTPIN_STEP_TRANSPOSED_LOGITS.rawValue
            || step.output_multipliers.bytes > 0 || step.adds
        let limit = Int(isFine ? TEXTPIN_ACCUMULATOR_LIMIT / TEXTPIN_FINE_SCALE : TEXTPIN_ACCUMULATOR_LIMIT)
        let perOutput = weightCount / outputs
        for output in 0..<outputs {
            guard multipliers[output] >= TEXTPIN_MULTIPLIER_MINIMUM, multipliers[output] < TEXTPIN_MULTIPLIER_LIMIT,
                shifts[output] >= TEXTPIN_SHIFT_MINIMUM, shifts[output] <= TEXTPIN_SHIFT_MAXIMUM
            else { return false }
            var sum = 0
            for k in 0..<perOutput {
                let weight = Int(isDepthwise ? weights[k * outputs + output] : weights[output * perOutput + k])
                guard weight >= -127 else { return false }
                sum += weight.magnitudeAsInt
            }
            guard sum * 128 + Int(bias[output]).magnitudeAsInt < limit else { return false }
        }
        return true
    }

    /// Without hard-swish, or with constants that keep its products inside 32 bits.
    private func isHardSwish(_ step: textpin_model_step, outputs: Int) -> Bool {
        if step.output_multipliers.bytes == 0 { return true }
        let (three, slopeShift, slope, _) = step.hard_swish
        guard isInFile(step.output_multipliers, count: outputs, of: Int16.self), step.table.bytes == 0,
            let multipliers = pointer(step.output_multipliers, as: Int16.self), three >= 1, (0...14).contains(slopeShift),
            Int(three) << Int(slopeShift) <= 32767, slope >= 1
        else { return false }
        for output in 0..<outputs where multipliers[output] < 1 { return false }
        return true
    }

    /// No addend, or one of the output's shape with a multiplier that the kernels take, and no other activation.
    private func isAddend(_ step: textpin_model_step, _ output: textpin_model_tensor) -> Bool {
        guard step.inputs.1 != TEXTPIN_NONE else { return true }
        guard step.inputs.1 < header.pointee.tensor_count, (1...32767).contains(step.weight_b), step.table.bytes == 0,
            step.output_multipliers.bytes == 0
        else { return false }
        let addend = tensors[Int(step.inputs.1)]
        return addend.isInt8 && addend.hasShape(of: output, factor: 1)
    }

    private func hasTable(_ step: textpin_model_step, required: Bool) -> Bool {
        step.table.bytes == 0 ? !required : isInFile(step.table, count: 256, of: Int8.self)
    }

    private func isCombine(_ step: textpin_model_step, _ input: textpin_model_tensor, _ output: textpin_model_tensor) -> Bool {
        guard input.hasShape(of: output, factor: 1), (0...30).contains(step.shift),
            (Int32(Int16.min)...Int32(Int16.max)).contains(step.weight_b),
            step.factor == 1 || step.factor == 2 || step.factor == 4 || step.factor == 8
        else { return false }
        if step.inputs.1 != TEXTPIN_NONE {
            guard step.inputs.1 < header.pointee.tensor_count else { return false }
            let second = tensors[Int(step.inputs.1)]
            guard second.isInt8, output.hasShape(of: second, factor: step.factor) else { return false }
        }
        if step.inputs.2 != TEXTPIN_NONE {
            guard step.inputs.2 < header.pointee.tensor_count else { return false }
            let gate = tensors[Int(step.inputs.2)]
            return gate.element == TEXTPIN_ELEMENT_GATE.rawValue && gate.channels == output.channels
        }
        let channels = Int(output.channels)
        guard isInFile(step.weights, count: channels, of: Int16.self), isInFile(step.bias, count: channels, of: Int32.self),
            let bias = pointer(step.bias, as: Int32.self)
        else { return false }
        for channel in 0..<channels where Int(bias[channel]).magnitudeAsInt >= 1 << 30 { return false }
        return true
    }

    private func isGate(_ step: textpin_model_step, _ input: textpin_model_tensor, _ output: textpin_model_tensor) -> Bool {
        let channels = Int(input.channels)
        let hidden = Int(step.hidden_channels)
        return output.element == TEXTPIN_ELEMENT_GATE.rawValue && output.channels == input.channels && hidden >= 1 && hidden <= channels
            && Int(input.width) * Int(input.height) <= 1 << 22
            && isInFile(step.weights, count: 2 * channels * hidden, of: Int8.self)
            && isInFile(step.bias, count: channels + hidden, of: Int64.self)
            && isInFile(step.multipliers, count: channels + hidden, of: Int32.self)
            && isInFile(step.shifts, count: channels + hidden, of: UInt8.self)
            && (0...1).contains(step.gate_offset) && step.gate_multiplier >= 0 && (1...62).contains(step.gate_shift)
            && Int(step.gate_bias).magnitudeAsInt < 1 << 29 && GateStep.isWithinBounds(self, step, channels: channels, hidden: hidden)
    }

    private func isBilinear(_ step: textpin_model_step, _ input: textpin_model_tensor, _ output: textpin_model_tensor) -> Bool {
        guard (2...64).contains(step.factor), output.hasShape(of: input, factor: step.factor) else { return false }
        return BilinearStep.isWithinBounds(self, step, input: input, output: output)
    }

    private func isMaximum(_ step: textpin_model_step, _ input: textpin_model_tensor, _ output: textpin_model_tensor) -> Bool {
        guard input.channels == output.channels, (1...ModelLimit.kernel).contains(step.kernel_rows),
            (1...ModelLimit.kernel).contains(step.kernel_columns), (1...2).contains(step.stride), step.padding_top < step.kernel_rows,
            step.padding_left < step.kernel_columns
        else { return false }
        // Each window holds at least one pixel of the input.
        return Int(output.height - 1) * Int(step.stride) - Int(step.padding_top) < Int(input.height)
            && Int(output.width - 1) * Int(step.stride) - Int(step.padding_left) < Int(input.width)
    }

    private func isBinaryMap(_ step: textpin_model_step, _ input: textpin_model_tensor, _ output: textpin_model_tensor) -> Bool {
        isLogitMap(step.inputs.0) && isLogitMap(step.inputs.1) && isLogitMap(step.output)
    }
}

extension textpin_model_step {
    /// Whether a convolution adds a tensor to its output.
    var adds: Bool { kind == TEXTPIN_STEP_CONVOLUTION.rawValue && inputs.1 != TEXTPIN_NONE }

    var hasPackedWeights: Bool {
        switch textpin_step_kind(kind) {
        case TEXTPIN_STEP_CONVOLUTION, TEXTPIN_STEP_DEPTHWISE, TEXTPIN_STEP_TRANSPOSED, TEXTPIN_STEP_LOGITS, TEXTPIN_STEP_TRANSPOSED_LOGITS:
            true
        default: false
        }
    }
}

extension textpin_model_tensor {
    var isInt8: Bool { element == TEXTPIN_ELEMENT_INT8.rawValue }
    var isLogits: Bool { element == TEXTPIN_ELEMENT_INT16.rawValue }

    /// Whether this tensor has the other's channels and `factor` times its sides.
    func hasShape(of other: textpin_model_tensor, factor: UInt32) -> Bool {
        channels == other.channels && width == other.width * factor && height == other.height * factor
    }
}

extension Int {
    /// The magnitude of a value that came from 32 bits.
    var magnitudeAsInt: Int { self < 0 ? -self : self }
}
