import CKernels
import CModelFile

/// The weights of convolutions in the order that this CPU's kernels want.
enum PackedWeights {
    /// Writes the packed weights of the step at `index` to their place in the arena; does nothing for steps without weights to pack.
    static func pack(_ index: Int, of model: Model, into arena: UnsafeMutableRawPointer, with kernels: KernelSet) {
        let step = model.steps[index]
        // The other kinds' shapes were not checked for packing.
        guard step.hasPackedWeights else { return }
        let packed = arena + Int(step.packed_offset)
        var weights = model.packedShape(step)
        weights.weights = model.pointer(step.weights, as: Int8.self)
        weights.bias = model.pointer(step.bias, as: Int32.self)
        weights.multiplier = model.pointer(step.multipliers, as: Int32.self)
        weights.shift = model.pointer(step.shifts, as: UInt8.self)
        weights.output_multiplier = model.pointer(step.output_multipliers, as: Int16.self)
        switch textpin_step_kind(step.kind) {
        case TEXTPIN_STEP_CONVOLUTION where TransformedStep.isOne(index, of: model, in: arena, with: kernels.table.pointee):
            kernels.table.pointee.pack_transformed(&weights, packed)
        case TEXTPIN_STEP_CONVOLUTION, TEXTPIN_STEP_LOGITS, TEXTPIN_STEP_TRANSPOSED_LOGITS:
            kernels.table.pointee.pack_convolution(&weights, packed)
            if var pyramid = PyramidStep.pyramid(at: index, of: model, in: arena, with: kernels.table.pointee) {
                kernels.table.pointee.pack_pyramid(&weights, &pyramid, UnsafeMutableRawPointer(mutating: pyramid.packed))
            }
        case TEXTPIN_STEP_DEPTHWISE:
            kernels.table.pointee.pack_depthwise(&weights, packed)
        case TEXTPIN_STEP_TRANSPOSED:
            let parts = TransposedStep.parts(output: model.tensors[Int(step.output)])
            let channels = Int(weights.output_channels) / parts
            weights.output_channels = Int32(channels)
            for part in 0..<parts {
                kernels.table.pointee.pack_convolution(&weights, packed + part * Int(step.packed_bytes) / parts)
                weights.weights += channels * Int(weights.input_channels)
                weights.bias += channels
                weights.multiplier += channels
                weights.shift += channels
                if let multiplier = weights.output_multiplier { weights.output_multiplier = multiplier + channels }
            }
        default: break
        }
    }
}

extension Model {
    /// The shape of a convolution step's weights as the kernels see it, without the weights.
    func packedShape(_ step: textpin_model_step) -> textpin_weights {
        Model.packedShape(of: step, input: tensors[Int(step.inputs.0)], output: tensors[Int(step.output)])
    }

    private static func packedShape(
        of step: textpin_model_step, input: textpin_model_tensor, output: textpin_model_tensor
    ) -> textpin_weights {
        let isDepthwise = step.kind == TEXTPIN_STEP_DEPTHWISE.rawValue
        let outputs: UInt32 =
            switch textpin_step_kind(step.kind) {
            case TEXTPIN_STEP_TRANSPOSED: 4 * output.channels
            case TEXTPIN_STEP_TRANSPOSED_LOGITS: 4
            default: output.channels
            }
        return textpin_weights(
            weights: nil, bias: nil, multiplier: nil, shift: nil, output_multiplier: nil, output_channels: Int32(outputs),
            kernel_rows: Int32(step.kernel_rows),
            kernel_columns: Int32(step.kernel_columns), input_channels: isDepthwise ? 1 : Int32(input.channels),
            input_channel_stride: Int32(input.channel_stride))
    }

    /// The bytes that the memory plan keeps for a step's packed weights, whatever the CPU.
    package static func packedLimit(of step: textpin_model_step, input: textpin_model_tensor, output: textpin_model_tensor) -> Int {
        var weights = packedShape(of: step, input: input, output: output)
        switch textpin_step_kind(step.kind) {
        case TEXTPIN_STEP_DEPTHWISE: return textpin_packed_depthwise_limit(&weights)
        case TEXTPIN_STEP_TRANSPOSED:
            let parts = TransposedStep.parts(output: output)
            weights.output_channels /= Int32(parts)
            return parts * textpin_packed_convolution_limit(&weights)
        default: return textpin_packed_convolution_limit(&weights)
        }
    }
}
