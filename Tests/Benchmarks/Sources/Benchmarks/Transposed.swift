import CKernels

/// A 2x2 transposed convolution with stride 2: a 1x1 convolution for each of the two output rows that an input row gives. With one output
/// channel it is the last layer, whose logits have 16 bits.
struct Transposed: Workload {
    let inputs: Int
    let outputs: Int
    /// Of the square input.
    let side: Int

    /// PP-OCRv3's and v4's.
    static let layers: [any Workload] = [Transposed(inputs: 24, outputs: 24, side: 160), Transposed(inputs: 24, outputs: 1, side: 320)]

    var name: String { "transposed 2x2, \(inputs) to \(outputs), \(2 * side)x\(2 * side)\(outputs == 1 ? ", logits" : "")" }
    var multiplyAccumulates: Int { 4 * inputs * outputs * side * side }

    func prepared(for set: textpin_kernel_set) -> () -> Void { outputs == 1 ? logits(set) : rows(set) }

    private func packed(_ set: textpin_kernel_set, input: Tensor, parts: Int) -> [Memory] {
        let weights = Weights(count: 4 * outputs * inputs, outputs: 4 * outputs, seed: 4)
        let shape = textpin_weights(
            weights: nil, bias: nil, multiplier: nil, shift: nil, output_multiplier: nil, output_channels: Int32(4 * outputs / parts),
            kernel_rows: 1, kernel_columns: 1, input_channels: Int32(inputs), input_channel_stride: Int32(input.pixelStride))
        return (0..<parts).map { part in
            weights.packed(
                shape, from: part * 4 * outputs / parts, byteCount: { set.packed_convolution_bytes($0) },
                pack: { set.pack_convolution($0, $1) })
        }
    }

    private func convolution(_ packed: Memory, input: Tensor, outputs: Int) -> textpin_convolution {
        textpin_convolution(
            packed: packed.start, table: nil, hard_swish: nil, kernel_rows: 1, row_bytes: Int32(input.pixelStride),
            output_channels: Int32(outputs), output_zero_point: 0, addend_multiplier: 0)
    }

    private func rows(_ set: textpin_kernel_set) -> () -> Void {
        let input = Tensor(inputs, side, side, seed: 1)
        let output = Tensor(outputs, 2 * side, 2 * side, seed: 2)
        let packed = packed(set, input: input, parts: 2)
        return {
            for part in 0..<2 {
                var convolution = convolution(packed[part], input: input, outputs: 2 * outputs)
                for row in 0..<side {
                    set.convolution_row(
                        &convolution, input.pixel(row: row), input.rowStride, input.pixelStride, nil, 0, output.pixel(row: 2 * row + part),
                        2 * output.pixelStride, Int32(side))
                }
            }
        }
    }

    private func logits(_ set: textpin_kernel_set) -> () -> Void {
        let input = Tensor(inputs, side, side, seed: 1)
        let output = Memory(byteCount: 2 * 2 * side * 2 * side)
        let packed = packed(set, input: input, parts: 1)
        return {
            var convolution = convolution(packed[0], input: input, outputs: 4)
            let map = output.start.assumingMemoryBound(to: Int16.self)
            for row in 0..<side {
                let (upper, lower) = (map + 2 * row * 2 * side, map + (2 * row + 1) * 2 * side)
                let lines: [UnsafeMutablePointer<Int16>?] = [upper, upper + 1, lower, lower + 1]
                lines.withUnsafeBufferPointer { lines in
                    set.logits_row(
                        &convolution, input.pixel(row: row), input.rowStride, input.pixelStride, lines.baseAddress, 2, Int32(side))
                }
            }
        }
    }
}
