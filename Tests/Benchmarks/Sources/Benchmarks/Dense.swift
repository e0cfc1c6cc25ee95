import CKernels

/// A dense convolution: 1x1, 3x3, 2x2, or the first layer.
struct Dense: Workload {
    enum Epilogue: String {
        case plain = ""
        case hardSwish = ", hard-swish"
        case add = ", residual add"
    }

    let kernel: Int
    var stride = 1
    let inputs: Int
    let outputs: Int
    /// Of the square output.
    let side: Int
    var epilogue = Epilogue.plain

    static let layers: [any Workload] = [
        // PP-OCRv4 and v6 begin with it.
        Dense(kernel: 3, stride: 2, inputs: 3, outputs: 16, side: 320),
        // PP-OCRv4's backbone.
        Dense(kernel: 1, inputs: 16, outputs: 32, side: 320, epilogue: .hardSwish),
        Dense(kernel: 1, inputs: 48, outputs: 48, side: 160, epilogue: .hardSwish),
        Dense(kernel: 1, inputs: 96, outputs: 96, side: 80, epilogue: .hardSwish),
        Dense(kernel: 1, inputs: 192, outputs: 192, side: 40, epilogue: .hardSwish),
        Dense(kernel: 1, inputs: 384, outputs: 384, side: 20, epilogue: .hardSwish),
        // Its neck, and PP-OCRv3's.
        Dense(kernel: 1, inputs: 12, outputs: 96, side: 160),
        Dense(kernel: 3, inputs: 96, outputs: 24, side: 160),
        Dense(kernel: 3, inputs: 96, outputs: 24, side: 20),
        // PP-OCRv6 tiny.
        Dense(kernel: 1, inputs: 64, outputs: 32, side: 160, epilogue: .add),
        Dense(kernel: 2, inputs: 16, outputs: 8, side: 320),
        Dense(kernel: 3, inputs: 64, outputs: 16, side: 160),
    ]

    var name: String { "conv \(kernel)x\(kernel)\(stride == 2 ? " /2" : ""), \(inputs) to \(outputs), \(side)x\(side)\(epilogue.rawValue)" }
    var multiplyAccumulates: Int { kernel * kernel * inputs * outputs * side * side }

    func prepared(for set: textpin_kernel_set) -> () -> Void {
        // 3x3 sees a pixel beyond each edge, 2x2 one right and below.
        let border = kernel / 2
        let padding = (kernel - 1) / 2
        let input = Tensor(inputs, side * stride, side * stride, border: border, seed: 1)
        let output = Tensor(outputs, side, side, seed: 2)
        let addend = epilogue == .add ? Tensor(outputs, side, side, seed: 3) : nil
        let shape = textpin_weights(
            weights: nil, bias: nil, multiplier: nil, shift: nil, output_multiplier: nil, output_channels: Int32(outputs),
            kernel_rows: Int32(kernel), kernel_columns: Int32(kernel), input_channels: Int32(inputs),
            input_channel_stride: Int32(input.pixelStride))
        let packed = Weights(count: kernel * kernel * inputs * outputs, outputs: outputs, seed: 4).packed(
            shape, hasHardSwish: epilogue == .hardSwish, byteCount: { set.packed_convolution_bytes($0) },
            pack: { set.pack_convolution($0, $1) })
        return {
            var constants = HardSwish.constants
            withUnsafePointer(to: &constants) { constants in
                var convolution = textpin_convolution(
                    packed: packed.start, table: nil, hard_swish: epilogue == .hardSwish ? constants : nil, kernel_rows: Int32(kernel),
                    row_bytes: Int32(kernel * input.pixelStride), output_channels: Int32(outputs), output_zero_point: 0,
                    addend_multiplier: addend == nil ? 0 : 16000)
                // Pixels of all rows are one row where each output needs just its own input, as in Inference.
                let rows = kernel == 1 ? 1 : side
                for row in 0..<rows {
                    set.convolution_row(
                        &convolution, input.pixel(row: stride * row - padding, column: -padding), input.rowStride,
                        stride * input.pixelStride, addend.map { UnsafePointer($0.pixel(row: row)) }, addend?.pixelStride ?? 0,
                        output.pixel(row: row), output.pixelStride, Int32(side * side / rows))
                }
            }
        }
    }
}

enum HardSwish {
    static var constants: textpin_hard_swish { textpin_hard_swish(three: 12000, slope_shift: 1, slope: 22369, offset: 0) }
}
