import CKernels

/// A depthwise convolution with hard-swish.
struct Depthwise: Workload {
    let kernel: Int
    var stride = 1
    let channels: Int
    /// Of the square output.
    let side: Int

    /// PP-OCRv4's.
    static let layers: [any Workload] = [
        Depthwise(kernel: 3, channels: 16, side: 320), Depthwise(kernel: 3, stride: 2, channels: 32, side: 160),
        Depthwise(kernel: 3, channels: 96, side: 80), Depthwise(kernel: 5, channels: 192, side: 40),
        Depthwise(kernel: 5, stride: 2, channels: 192, side: 20), Depthwise(kernel: 5, channels: 384, side: 20),
    ]

    var name: String { "depthwise \(kernel)x\(kernel)\(stride == 2 ? " /2" : ""), \(channels), \(side)x\(side), hard-swish" }
    var multiplyAccumulates: Int { kernel * kernel * channels * side * side }

    func prepared(for set: textpin_kernel_set) -> () -> Void {
        let padding = kernel / 2
        let input = Tensor(channels, side * stride, side * stride, border: padding, seed: 1)
        let output = Tensor(channels, side, side, seed: 2)
        let shape = textpin_weights(
            weights: nil, bias: nil, multiplier: nil, shift: nil, output_multiplier: nil, output_channels: Int32(channels),
            kernel_rows: Int32(kernel), kernel_columns: Int32(kernel), input_channels: 1, input_channel_stride: Int32(input.pixelStride))
        let packed = Weights(count: kernel * kernel * channels, outputs: channels, seed: 4).packed(
            shape, hasHardSwish: true, byteCount: { set.packed_depthwise_bytes($0) }, pack: { set.pack_depthwise($0, $1) })
        return {
            var constants = HardSwish.constants
            withUnsafePointer(to: &constants) { constants in
                var depthwise = textpin_depthwise(
                    packed: packed.start, table: nil, hard_swish: constants, kernel_rows: Int32(kernel), kernel_columns: Int32(kernel),
                    stride: Int32(stride), channels: Int32(channels), input_channel_stride: Int32(input.pixelStride), output_zero_point: 0)
                for row in 0..<side {
                    set.depthwise_row(
                        &depthwise, input.pixel(row: stride * row - padding, column: -padding), input.rowStride, output.pixel(row: row),
                        output.pixelStride, Int32(side))
                }
            }
        }
    }
}
