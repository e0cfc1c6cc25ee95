import CKernels
import CModelFile

extension StepRun {
    /// The step's convolution, its packed weights at `packed` bytes into its block.
    ///
    /// `hardSwish` is what the convolution points to while it runs.
    private func convolution(
        input: TensorView, outputChannels: Int, packed: Int = 0, hardSwish: UnsafePointer<textpin_hard_swish>? = nil
    ) -> textpin_convolution {
        textpin_convolution(
            packed: UnsafeRawPointer(task.arena + Int(step.packed_offset) + packed), table: task.model.pointer(step.table, as: Int8.self),
            hard_swish: hardSwish, kernel_rows: Int32(step.kernel_rows), row_bytes: Int32(Int(step.kernel_columns) * input.pixelStride),
            output_channels: Int32(outputChannels), output_zero_point: step.zero_point, addend_multiplier: step.adds ? step.weight_b : 0)
    }

    /// Calls `body` with the step's hard-swish, or nil where it has none.
    func withHardSwish(_ body: (UnsafePointer<textpin_hard_swish>?) -> Void) {
        guard step.output_multipliers.bytes > 0 else { return body(nil) }
        let (three, slopeShift, slope, offset) = step.hard_swish
        var constants = textpin_hard_swish(three: three, slope_shift: slopeShift, slope: slope, offset: offset)
        withUnsafePointer(to: &constants) { body($0) }
    }

    /// The first byte of the window of an output row's first pixel.
    private func window(_ input: TensorView, row: Int) -> UnsafeMutablePointer<Int8> {
        input.pixel(row: row * Int(step.stride) - Int(step.padding_top), column: -Int(step.padding_left))
    }

    func runConvolution() {
        let input = task.view(step.inputs.0)
        let output = task.view(step.output)
        let addend = step.adds ? task.view(step.inputs.1) : nil
        let isPointwise = step.kernel_rows == 1 && step.kernel_columns == 1 && step.stride == 1
        withHardSwish { hardSwish in
            var convolution = convolution(input: input, outputChannels: output.channels, hardSwish: hardSwish)
            if TransformedStep.isOne(index, of: task.model, in: task.arena, with: kernels) {
                let rows = share.part(of: output.height, grain: 4)
                // A small map has no rows for some of the threads.
                if rows.isEmpty { return }
                kernels.transformed_rows(
                    &convolution, window(input, row: 0), input.rowStride, input.pixelStride, output.pixels, output.rowStride,
                    output.pixelStride, Int32(rows.lowerBound), Int32(rows.upperBound), Int32(output.width))
                return
            }
            forRows(of: output, joinedWith: isPointwise ? input : nil, and: addend) { row, column, pixels in
                kernels.convolution_row(
                    &convolution, window(input, row: row) + column * input.pixelStride, input.rowStride,
                    Int(step.stride) * input.pixelStride, addend.map { UnsafePointer($0.pixel(row: row, column: column)) },
                    addend?.pixelStride ?? 0, output.pixel(row: row, column: column), output.pixelStride, Int32(pixels))
            }
        }
    }

    func runDepthwise() {
        let input = task.view(step.inputs.0)
        let output = task.view(step.output)
        withHardSwish { hardSwish in
            var depthwise = textpin_depthwise(
                packed: UnsafeRawPointer(task.arena + Int(step.packed_offset)), table: task.model.pointer(step.table, as: Int8.self),
                hard_swish: hardSwish, kernel_rows: Int32(step.kernel_rows), kernel_columns: Int32(step.kernel_columns),
                stride: Int32(step.stride), channels: Int32(output.channels), input_channel_stride: Int32(input.pixelStride),
                output_zero_point: step.zero_point)
            for row in share.part(of: output.height) {
                kernels.depthwise_row(
                    &depthwise, window(input, row: row), input.rowStride, output.pixel(row: row), output.pixelStride, Int32(output.width))
            }
        }
    }

    /// Each input pixel gives 2x2 output pixels: one 1x1 convolution per output row of the pair, whose outputs are both pixels' channels in
    /// a row; or one per output pixel where the channels of neighbours do not touch.
    func runTransposed() {
        let input = task.view(step.inputs.0)
        let output = task.view(step.output)
        let parts = TransposedStep.parts(output: task.model.tensors[Int(step.output)])
        let channels = 4 * output.channels / parts
        withHardSwish { hardSwish in
            for part in 0..<parts {
                var convolution = convolution(
                    input: input, outputChannels: channels, packed: part * Int(step.packed_bytes) / parts, hardSwish: hardSwish)
                let (down, across) = parts == 2 ? (part, 0) : (part / 2, part % 2)
                for row in share.part(of: input.height) {
                    kernels.convolution_row(
                        &convolution, input.pixel(row: row), input.rowStride, input.pixelStride, nil, 0,
                        output.pixel(row: 2 * row + down, column: across), 2 * output.pixelStride, Int32(input.width))
                }
            }
        }
    }

    func runLogits() {
        let input = task.view(step.inputs.0)
        let output = task.view(step.output)
        var convolution = convolution(input: input, outputChannels: 1)
        for row in share.part(of: output.height) {
            var line: UnsafeMutablePointer<Int16>? = output.logits(row: row)
            kernels.logits_row(
                &convolution, window(input, row: row), input.rowStride, Int(step.stride) * input.pixelStride, &line, 1,
                Int32(output.width))
        }
    }

    func runTransposedLogits() {
        let input = task.view(step.inputs.0)
        let output = task.view(step.output)
        var convolution = convolution(input: input, outputChannels: 4)
        for row in share.part(of: input.height) {
            let upper = output.logits(row: 2 * row)
            let lower = output.logits(row: 2 * row + 1)
            var lines:
                (UnsafeMutablePointer<Int16>?, UnsafeMutablePointer<Int16>?, UnsafeMutablePointer<Int16>?, UnsafeMutablePointer<Int16>?) =
                    (upper, upper + 1, lower, lower + 1)
            withUnsafePointer(to: &lines) { lines in
                lines.withMemoryRebound(to: UnsafeMutablePointer<Int16>?.self, capacity: 4) { lines in
                    kernels.logits_row(
                        &convolution, input.pixel(row: row), input.rowStride, input.pixelStride, lines, 2, Int32(input.width))
                }
            }
        }
    }
}

extension TensorView {
    /// A row of a logit map.
    func logits(row: Int) -> UnsafeMutablePointer<Int16> {
        UnsafeMutableRawPointer(pixels + row * rowStride).assumingMemoryBound(to: Int16.self)
    }
}

/// A 3x3 convolution that the kernels compute by transformed weights (their equation 12), several rows at a time.
enum TransformedStep {
    static func isOne(_ index: Int, of model: Model, in arena: UnsafeMutableRawPointer, with kernels: textpin_kernel_set) -> Bool {
        let step = model.steps[index]
        guard let bytes = kernels.packed_transformed_bytes, step.kind == TEXTPIN_STEP_CONVOLUTION.rawValue, !step.adds, step.stride == 1
        else { return false }
        let output = model.tensors[Int(step.output)]
        var shape = model.packedShape(step)
        return output.width >= 4 && output.height >= 4 && (1...Int(step.packed_bytes)).contains(bytes(&shape))
            && PyramidStep.pyramid(at: index, of: model, in: arena, with: kernels) == nil
    }
}

enum TransposedStep {
    /// Into how many 1x1 convolutions a 2x2 transposed one is cut: 2 where a pixel's channels fill its bytes, else 4.
    static func parts(output: textpin_model_tensor) -> Int {
        output.channels == output.channel_stride ? 2 : 4
    }
}
