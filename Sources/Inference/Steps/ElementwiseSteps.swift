import CKernels
import CModelFile

extension StepRun {
    func runCombine() {
        let a = task.view(step.inputs.0)
        let output = task.view(step.output)
        let b = step.inputs.1 == TEXTPIN_NONE ? nil : task.view(step.inputs.1)
        let gate = step.inputs.2 == TEXTPIN_NONE ? nil : task.gate(step.inputs.2)
        var combine = textpin_combine(
            weight_a: gate.map { UnsafePointer($0.weights) } ?? task.model.pointer(step.weights, as: Int16.self),
            bias: gate.map { UnsafePointer($0.biases) } ?? task.model.pointer(step.bias, as: Int32.self), weight_b: step.weight_b,
            shift: step.shift, channels: Int32(output.channels), repeat_b: Int32(step.factor))
        for row in share.part(of: output.height) {
            kernels.combine_row(
                &combine, a.pixel(row: row), a.pixelStride, b.map { UnsafePointer($0.pixel(row: row / Int(step.factor))) },
                b?.pixelStride ?? 0, output.pixel(row: row), output.pixelStride, Int32(output.width))
        }
    }

    func runLookup() {
        let input = task.view(step.inputs.0)
        let output = task.view(step.output)
        guard let table = task.model.pointer(step.table, as: Int8.self) else { return }
        forRows(of: output, joinedWith: input) { row, column, pixels in
            kernels.lookup_row(
                table, input.pixel(row: row, column: column), input.pixelStride, output.pixel(row: row, column: column), output.pixelStride,
                Int32(output.channels), Int32(pixels))
        }
    }

    func runRepeat() {
        let input = task.view(step.inputs.0)
        let output = task.view(step.output)
        for row in share.part(of: output.height) {
            kernels.repeat_row(
                input.pixel(row: row / Int(step.factor)), input.pixelStride, output.pixel(row: row), output.pixelStride,
                Int32(output.channels), Int32(output.width), Int32(step.factor))
        }
    }

    /// Windows are cut off at the input's edges, so padding never wins. Along a row only the first and last windows are cut.
    func runMaximum() {
        let input = task.view(step.inputs.0)
        let output = task.view(step.output)
        let stride = Int(step.stride)
        for row in share.part(of: output.height) {
            let top = row * stride - Int(step.padding_top)
            let rows = max(0, top)..<min(input.height, top + Int(step.kernel_rows))
            var column = 0
            while column < output.width {
                let left = column * stride - Int(step.padding_left)
                let columns = max(0, left)..<min(input.width, left + Int(step.kernel_columns))
                let isWhole = columns.count == Int(step.kernel_columns)
                let pixels = isWhole ? min(output.width - column, (input.width - columns.upperBound) / stride + 1) : 1
                kernels.maximum_row(
                    input.pixel(row: rows.lowerBound, column: columns.lowerBound), input.rowStride, input.pixelStride, Int32(rows.count),
                    Int32(columns.count), Int32(stride), output.pixel(row: row, column: column), output.pixelStride,
                    Int32(output.channels), Int32(pixels))
                column += pixels
            }
        }
    }

    /// Logits of 50 (P - T), saturated, P and T by the score table with linear interpolation between its entries.
    func runBinaryMap() {
        let probability = task.view(step.inputs.0)
        let threshold = task.view(step.inputs.1)
        let output = task.view(step.output)
        let table = task.model.scoreTable
        for row in share.part(of: output.height) {
            let p = probability.logits(row: row)
            let t = threshold.logits(row: row)
            let line = output.logits(row: row)
            for column in 0..<output.width {
                let difference = Sigmoid.value(of: p[column], by: table) - Sigmoid.value(of: t[column], by: table)
                // 50 x difference / 65535 in units of 1/2048, with 65536 for 65535: 15 parts in a million.
                line[column] = Int16(clamping: (difference * 25) >> 4)
            }
        }
    }
}

/// The sigmoid of a logit by the model file's score table.
enum Sigmoid {
    /// In 1/65535. The table's entry i stands at the logit -8 + (i + 0.5) / 64, which is 16 + 32 i - 16384 in units of 1/2048.
    static func value(of logit: Int16, by table: UnsafePointer<UInt16>) -> Int32 {
        let position = min(max(Int32(logit) + 16384 - 16, 0), 32 * 1023 - 1)
        let index = Int(position >> 5)
        let part = position & 31
        return (Int32(table[index]) * (32 - part) + Int32(table[index + 1]) * part + 16) >> 5
    }
}
