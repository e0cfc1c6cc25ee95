import CKernels
import CModelFile

/// A 3x3 convolution of a concatenation that holds maps enlarged by repeating pixels, as a feature pyramid ends (Lin et al. 2017).
///
/// Some kernel sets compute it from the maps as they were before, so that repeated pixels are multiplied once (their equation 11): the bytes
/// are the same, and the enlarging steps are left out.
enum PyramidStep {
    /// The pyramid of the step at `index`, the parts' pixels in `arena`, or nil if it is none or `kernels` have no kernel for it.
    static func pyramid(
        at index: Int, of model: Model, in arena: UnsafeMutableRawPointer, with kernels: textpin_kernel_set
    ) -> textpin_pyramid? {
        let step = model.steps[index]
        guard let bytes = kernels.packed_pyramid_bytes, step.kind == TEXTPIN_STEP_CONVOLUTION.rawValue, !step.adds, step.kernel_rows == 3,
            step.kernel_columns == 3, step.stride == 1, step.padding_top == 1, step.padding_left == 1
        else { return nil }
        let input = model.tensors[Int(step.inputs.0)]
        let output = model.tensors[Int(step.output)]
        guard input.storage == step.inputs.0, output.hasShape(ofSides: input), output.channels % 4 == 0,
            output.channels <= UInt32(TEXTPIN_PYRAMID_CHANNELS), isOnlyReader(index, of: model)
        else { return nil }
        var pyramid = textpin_pyramid()
        pyramid.table = model.pointer(step.table, as: Int8.self)
        pyramid.output_channels = Int32(output.channels)
        pyramid.input_zero_point = input.zero_point
        pyramid.output_zero_point = step.zero_point
        var channel: UInt32 = 0
        while channel < input.channels {
            guard pyramid.part_count < TEXTPIN_PYRAMID_PARTS,
                let part = part(from: channel, of: input, readAt: index, of: model, in: arena)
            else { return nil }
            switch pyramid.part_count {
            case 0: pyramid.parts.0 = part
            case 1: pyramid.parts.1 = part
            case 2: pyramid.parts.2 = part
            default: pyramid.parts.3 = part
            }
            pyramid.part_count += 1
            channel += UInt32(part.channels)
        }
        let ownSize = wholeSizeParts(pyramid)
        guard channel == input.channels, pyramid.part_count >= 2, ownSize == 1 else { return nil }
        let place = packedPlace(of: step, in: model, with: kernels)
        guard place + bytes(&pyramid) <= Int(step.packed_bytes) else { return nil }
        pyramid.packed = UnsafeRawPointer(arena + Int(step.packed_offset) + place)
        return pyramid
    }

    /// Whether a kernel reads what the step at `index` enlarges as it was before, so that the step need not run.
    static func isLeftOut(_ index: Int, of model: Model, in arena: UnsafeMutableRawPointer, with kernels: textpin_kernel_set) -> Bool {
        let step = model.steps[index]
        guard kernels.packed_pyramid_bytes != nil, step.kind == TEXTPIN_STEP_REPEAT.rawValue else { return false }
        let storage = model.tensors[Int(step.output)].storage
        for reader in index..<model.steps.count where model.steps[reader].inputs.0 == storage {
            return step.factor > 1 && pyramid(at: reader, of: model, in: arena, with: kernels) != nil
        }
        return false
    }

    /// Where the pyramid's packed weights begin in the step's block: behind those of the dense convolution, for who runs single steps.
    static func packedPlace(of step: textpin_model_step, in model: Model, with kernels: textpin_kernel_set) -> Int {
        var shape = model.packedShape(step)
        return kernels.packed_convolution_bytes(&shape)
    }

    private static func wholeSizeParts(_ pyramid: textpin_pyramid) -> Int {
        var count = 0
        if pyramid.parts.0.factor == 1 { count += 1 }
        if pyramid.parts.1.factor == 1 { count += 1 }
        if pyramid.parts.2.factor == 1 { count += 1 }
        if pyramid.parts.3.factor == 1 { count += 1 }
        return count
    }

    /// Whether no other step reads the concatenation or a part of it.
    private static func isOnlyReader(_ index: Int, of model: Model) -> Bool {
        let storage = model.steps[index].inputs.0
        // What a kind of step does not use may name a tensor that there is not.
        func reads(_ input: UInt32) -> Bool { Int(input) < model.tensors.count && model.tensors[Int(input)].storage == storage }
        for other in model.steps.indices where other != index {
            let inputs = model.steps[other].inputs
            if reads(inputs.0) || reads(inputs.1) || reads(inputs.2) { return false }
        }
        return true
    }

    /// The part that begins with a channel of the concatenation.
    private static func part(
        from channel: UInt32, of input: textpin_model_tensor, readAt reader: Int, of model: Model, in arena: UnsafeMutableRawPointer
    ) -> textpin_pyramid_part? {
        for index in 0..<reader {
            let step = model.steps[index]
            let slice = model.tensors[Int(step.output)]
            guard slice.storage == input.storage, slice.isInt8, slice.arena_offset == input.arena_offset + UInt64(channel),
                slice.channels <= UInt32(TEXTPIN_PYRAMID_CHANNELS), step.needed_for == model.steps[reader].needed_for
            else { continue }
            guard step.kind == TEXTPIN_STEP_REPEAT.rawValue, step.factor > 1 else { return part(slice, factor: 1, in: arena) }
            let source = model.tensors[Int(step.inputs.0)]
            guard step.factor == 2 || step.factor == 4 || step.factor == 8, source.zero_point == input.zero_point,
                model.tensors[Int(source.storage)].last_step >= UInt32(reader)
            else { return nil }
            return part(source, factor: step.factor, in: arena)
        }
        return nil
    }

    private static func part(_ tensor: textpin_model_tensor, factor: UInt32, in arena: UnsafeMutableRawPointer) -> textpin_pyramid_part {
        let view = TensorView(tensor, arena: arena)
        return textpin_pyramid_part(
            pixels: view.pixels, row_stride: view.rowStride, pixel_stride: view.pixelStride, width: Int32(view.width),
            height: Int32(view.height), channels: Int32(view.channels), factor: Int32(factor))
    }
}

extension StepRun {
    /// Runs the step as a pyramid's, if it is one; whether it did.
    func runPyramid() -> Bool {
        guard step.kind == TEXTPIN_STEP_CONVOLUTION.rawValue,
            var pyramid = PyramidStep.pyramid(at: index, of: task.model, in: task.arena, with: kernels)
        else { return false }
        let output = task.view(step.output)
        withHardSwish { hardSwish in
            pyramid.hard_swish = hardSwish
            let rows = share.part(of: output.height, grain: 8)
            // A small map has no rows for some of the threads.
            if rows.isEmpty { return }
            kernels.pyramid_rows(
                &pyramid, Int32(rows.lowerBound), Int32(rows.upperBound), output.pixels, output.rowStride, output.pixelStride)
        }
        return true
    }
}

extension textpin_model_tensor {
    fileprivate func hasShape(ofSides other: textpin_model_tensor) -> Bool { width == other.width && height == other.height }
}
