import CModelFile

/// Bilinear enlarging: for each output column, then each output row, an Int16 pair of the first of two neighbouring input positions and
/// the second one's weight in 1/128 (0...128), in the step's table.
enum BilinearStep {
    static func isWithinBounds(
        _ model: Model, _ step: textpin_model_step, input: textpin_model_tensor, output: textpin_model_tensor
    ) -> Bool {
        let columns = Int(output.width)
        let rows = Int(output.height)
        guard model.isInFile(step.table, count: 2 * (columns + rows), of: Int16.self),
            let table = model.pointer(step.table, as: Int16.self)
        else { return false }
        for position in 0..<(columns + rows) {
            let size = Int(position < columns ? input.width : input.height)
            let first = Int(table[2 * position])
            let weight = table[2 * position + 1]
            // The second neighbour is first + 1, unless its weight is 0.
            guard first >= 0, first < size, (0...128).contains(weight), weight == 0 || first + 1 < size else { return false }
        }
        return true
    }
}

extension StepRun {
    /// Weights of both directions multiply to 1/16384; the sum is rounded half up. Input and output share scale and zero point.
    func runBilinear() {
        let input = task.view(step.inputs.0)
        let output = task.view(step.output)
        guard let table = task.model.pointer(step.table, as: Int16.self) else { return }
        for row in share.part(of: output.height) {
            let top = Int(table[2 * (output.width + row)])
            let down = Int32(table[2 * (output.width + row) + 1])
            let upper = input.pixel(row: top)
            let lower = down == 0 ? upper : input.pixel(row: top + 1)
            for column in 0..<output.width {
                let left = Int(table[2 * column]) * input.pixelStride
                let across = Int32(table[2 * column + 1])
                let right = across == 0 ? left : left + input.pixelStride
                let pixel = output.pixel(row: row, column: column)
                for channel in 0..<output.channels {
                    let above = Int32(upper[left + channel]) * (128 - across) + Int32(upper[right + channel]) * across
                    let below = Int32(lower[left + channel]) * (128 - across) + Int32(lower[right + channel]) * across
                    pixel[channel] = Int8(truncatingIfNeeded: (above * (128 - down) + below * down + 8192) >> 14)
                }
            }
        }
    }
}
