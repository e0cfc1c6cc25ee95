import CKernels
import CModelFile
import Inference

/// A model file run by its records and the equations of Sources/CKernels/README.md alone: no kernel, no packing, no arena, one number at a time.
final class PlainNetwork {
    private let model: Model
    /// By storage: [row][column][byte of the pixel], without borders.
    private var storages: [Int: [Int]] = [:]
    /// By logit map: row by row.
    private(set) var logits: [Int: [Int]] = [:]
    /// By gate tensor: the gates in 1/32768, ahead of the combine step's factor.
    private var gates: [Int: [Int]] = [:]
    private let paddingColour: [Int]

    init(_ model: Model, paddingColour: [Int]) {
        self.model = model
        self.paddingColour = paddingColour
        for (index, tensor) in model.tensors.enumerated() where Int(tensor.storage) == index {
            storages[index] = [Int](repeating: 0, count: Int(tensor.width * tensor.height * tensor.channel_stride))
        }
    }

    // MARK: Tensors

    private func place(_ tensor: Int, _ row: Int, _ column: Int, _ channel: Int) -> (storage: Int, index: Int) {
        let record = model.tensors[tensor]
        let storage = Int(record.storage)
        let first = Int(record.arena_offset - model.tensors[storage].arena_offset)
        return (storage, (row * Int(record.width) + column) * Int(record.channel_stride) + first + channel)
    }

    func value(_ tensor: Int, _ row: Int, _ column: Int, _ channel: Int) -> Int {
        let record = model.tensors[tensor]
        guard (0..<Int(record.height)).contains(row), (0..<Int(record.width)).contains(column) else {
            // Outside lies the zero point, and around the picture the mean colour.
            return tensor == Int(model.header.pointee.input_tensor) ? paddingColour[channel] - 128 : Int(record.zero_point)
        }
        let (storage, index) = place(tensor, row, column, channel)
        return storages[storage]?[index] ?? 0
    }

    func set(_ tensor: Int, _ row: Int, _ column: Int, _ channel: Int, _ value: Int) {
        let (storage, index) = place(tensor, row, column, channel)
        storages[storage]?[index] = value
    }

    private func fill(_ tensor: Int, _ body: (_ row: Int, _ column: Int, _ channel: Int) -> Int) {
        let record = model.tensors[tensor]
        for row in 0..<Int(record.height) {
            for column in 0..<Int(record.width) {
                for channel in 0..<Int(record.channels) { set(tensor, row, column, channel, body(row, column, channel)) }
            }
        }
    }

    private func constants<Value: BinaryInteger>(_ span: textpin_model_span, as type: Value.Type) -> [Int] {
        guard let start = model.pointer(span, as: type) else { return [] }
        return (0..<Int(span.bytes) / MemoryLayout<Value>.stride).map { Int(start[$0]) }
    }

    // MARK: Equations

    /// Equation 1: the floor of accumulator * multiplier / 2^shift + 1/2.
    static func requantize(_ accumulator: Int, _ multiplier: Int, _ shift: Int) -> Int {
        floorDivide(2 * accumulator * multiplier + (1 << shift), 1 << (shift + 1))
    }

    static func floorDivide(_ dividend: Int, _ divisor: Int) -> Int {
        let (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }

    static func saturate8(_ value: Int) -> Int { min(max(value, -128), 127) }
    static func saturate16(_ value: Int) -> Int { min(max(value, -32768), 32767) }

    /// Equation 5 of the kernels' header: hard-swish in 16 bits.
    private func hardSwish(_ step: textpin_model_step, _ requantized: Int, _ outputMultiplier: Int) -> Int {
        func roundedProduct(_ a: Int, _ b: Int) -> Int { Self.floorDivide(a * b + 16384, 32768) }
        let (three, slopeShift, slope, offset) = step.hard_swish
        let x = Self.saturate16(requantized)
        let clamped = min(max(x, -Int(three)), Int(three))
        let gate = Self.saturate16(roundedProduct(clamped * (1 << Int(slopeShift)), Int(slope)) + 16384)
        let y = Self.saturate16(roundedProduct(x, gate) + Int(offset))
        return Self.saturate8(roundedProduct(y, outputMultiplier) + Int(step.zero_point))
    }

    /// Equation 8: the add in 16 bits.
    private func sum(_ step: textpin_model_step, _ x: Int, _ addend: Int) -> Int {
        let y = Self.saturate16(x + Self.floorDivide(addend * 256 * Int(step.weight_b) + 16384, 32768))
        return Self.saturate8(Self.floorDivide(y + 64, 128) + Int(step.zero_point))
    }

    // MARK: Steps

    func run(step index: Int) {
        let step = model.steps[index]
        let input = Int(step.inputs.0)
        let output = Int(step.output)
        switch textpin_step_kind(step.kind) {
        case TEXTPIN_STEP_CONVOLUTION, TEXTPIN_STEP_DEPTHWISE, TEXTPIN_STEP_TRANSPOSED: runConvolution(step)
        case TEXTPIN_STEP_LOGITS, TEXTPIN_STEP_TRANSPOSED_LOGITS: runLogits(step)
        case TEXTPIN_STEP_COMBINE: runCombine(step)
        case TEXTPIN_STEP_GATE: runGate(step)
        case TEXTPIN_STEP_LOOKUP:
            let table = constants(step.table, as: Int8.self)
            fill(output) { row, column, channel in table[value(input, row, column, channel) + 128] }
        case TEXTPIN_STEP_REPEAT:
            let factor = Int(step.factor)
            fill(output) { row, column, channel in value(input, row / factor, column / factor, channel) }
        case TEXTPIN_STEP_BILINEAR: runBilinear(step)
        case TEXTPIN_STEP_MAXIMUM: runMaximum(step)
        default: break
        }
    }

    /// The accumulator of a row of weights at an output position; for a transposed step, `column` and `row` are those of the input.
    private func accumulator(
        _ step: textpin_model_step, _ weights: [Int], _ bias: [Int], outputRow: Int, _ row: Int, _ column: Int
    ) -> Int {
        let input = Int(step.inputs.0)
        let isDepthwise = step.kind == TEXTPIN_STEP_DEPTHWISE.rawValue
        let (rows, columns) = (Int(step.kernel_rows), Int(step.kernel_columns))
        let channels = isDepthwise ? 1 : Int(model.tensors[input].channels)
        var sum = bias[outputRow]
        for y in 0..<rows {
            for x in 0..<columns {
                let (inputRow, inputColumn) = (
                    row * Int(step.stride) + y - Int(step.padding_top), column * Int(step.stride) + x - Int(step.padding_left)
                )
                for channel in 0..<channels {
                    let weight =
                        isDepthwise
                        ? weights[(y * columns + x) * bias.count + outputRow]
                        : weights[((outputRow * rows + y) * columns + x) * channels + channel]
                    sum += weight * value(input, inputRow, inputColumn, isDepthwise ? outputRow : channel)
                }
            }
        }
        return sum
    }

    private func runConvolution(_ step: textpin_model_step) {
        let weights = constants(step.weights, as: Int8.self)
        let bias = constants(step.bias, as: Int32.self)
        let multipliers = constants(step.multipliers, as: Int32.self)
        let shifts = constants(step.shifts, as: UInt8.self)
        let table = constants(step.table, as: Int8.self)
        let outputMultipliers = constants(step.output_multipliers, as: Int16.self)
        let channels = Int(model.tensors[Int(step.output)].channels)
        let isTransposed = step.kind == TEXTPIN_STEP_TRANSPOSED.rawValue
        fill(Int(step.output)) { row, column, channel in
            let line = isTransposed ? (row % 2 * 2 + column % 2) * channels + channel : channel
            let place = isTransposed ? (row / 2, column / 2) : (row, column)
            let sum = accumulator(step, weights, bias, outputRow: line, place.0, place.1)
            if !outputMultipliers.isEmpty {
                let requantized = Self.requantize(sum * Int(TEXTPIN_FINE_SCALE), multipliers[line], shifts[line])
                return hardSwish(step, requantized, outputMultipliers[line])
            }
            if step.kind == TEXTPIN_STEP_CONVOLUTION.rawValue, step.inputs.1 != TEXTPIN_NONE {
                let x = Self.saturate16(Self.requantize(sum * Int(TEXTPIN_FINE_SCALE), multipliers[line], shifts[line]))
                return self.sum(step, x, value(Int(step.inputs.1), row, column, channel))
            }
            let result = Self.saturate8(Self.requantize(sum, multipliers[line], shifts[line]) + Int(step.zero_point))
            return table.isEmpty ? result : table[result + 128]
        }
    }

    /// Equation 4.
    private func runLogits(_ step: textpin_model_step) {
        let weights = constants(step.weights, as: Int8.self)
        let bias = constants(step.bias, as: Int32.self)
        let multipliers = constants(step.multipliers, as: Int32.self)
        let shifts = constants(step.shifts, as: UInt8.self)
        let isTransposed = step.kind == TEXTPIN_STEP_TRANSPOSED_LOGITS.rawValue
        let output = model.tensors[Int(step.output)]
        logits[Int(step.output)] = (0..<Int(output.width * output.height)).map { position in
            let (row, column) = (position / Int(output.width), position % Int(output.width))
            let line = isTransposed ? row % 2 * 2 + column % 2 : 0
            let place = isTransposed ? (row / 2, column / 2) : (row, column)
            let sum = accumulator(step, weights, bias, outputRow: line, place.0, place.1)
            return Self.saturate16(Self.requantize(sum * Int(TEXTPIN_FINE_SCALE), multipliers[line], shifts[line]))
        }
    }

    /// Equation 3.
    private func runCombine(_ step: textpin_model_step) {
        var weights = constants(step.weights, as: Int16.self)
        var bias = constants(step.bias, as: Int32.self)
        if step.inputs.2 != TEXTPIN_NONE, let gate = gates[Int(step.inputs.2)] {
            // The gate's record says how gates become weights; what the zero point adds goes into the bias.
            let record = model.steps.first { $0.output == step.inputs.2 } ?? step
            weights = gate.map {
                Self.saturate16(Self.requantize($0, Int(record.gate_multiplier), Int(record.gate_shift)))
            }
            bias = weights.map { Int(record.gate_bias) - $0 * Int(model.tensors[Int(step.inputs.0)].zero_point) }
        }
        let factor = Int(step.factor)
        fill(Int(step.output)) { row, column, channel in
            var sum = value(Int(step.inputs.0), row, column, channel) * weights[channel] + bias[channel]
            if step.inputs.1 != TEXTPIN_NONE {
                sum += value(Int(step.inputs.1), row / factor, column / factor, channel) * Int(step.weight_b)
            }
            return Self.saturate8(Self.floorDivide(sum, 1 << Int(step.shift)))
        }
    }

    /// Means in 1/128 of a step; hidden values by equation 1 and cut at 0; gates in 1/32768, cut to 0...1.
    private func runGate(_ step: textpin_model_step) {
        let input = Int(step.inputs.0)
        let record = model.tensors[input]
        let weights = constants(step.weights, as: Int8.self)
        let bias = constants(step.bias, as: Int64.self)
        let multipliers = constants(step.multipliers, as: Int32.self)
        let shifts = constants(step.shifts, as: UInt8.self)
        let channels = Int(record.channels)
        let hiddenChannels = Int(step.hidden_channels)
        let pixels = Int(record.width * record.height)
        let means = (0..<channels).map { channel in
            var sum = 0
            for row in 0..<Int(record.height) {
                for column in 0..<Int(record.width) { sum += value(input, row, column, channel) - Int(record.zero_point) }
            }
            return Self.saturate16(Self.floorDivide(256 * sum + pixels, 2 * pixels))
        }
        let hidden = (0..<hiddenChannels).map { row in
            let sum = bias[row] + (0..<channels).reduce(0) { $0 + weights[row * channels + $1] * means[$1] }
            return Self.saturate16(max(0, Self.requantize(sum, multipliers[row], shifts[row])))
        }
        gates[Int(step.output)] = (0..<channels).map { channel in
            let row = hiddenChannels + channel
            let first = hiddenChannels * channels + channel * hiddenChannels
            let sum = bias[row] + (0..<hiddenChannels).reduce(0) { $0 + weights[first + $1] * hidden[$1] }
            let gate = min(max(Self.requantize(sum, multipliers[row], shifts[row]), 0), 32768)
            return gate + Int(step.gate_offset) * 32768
        }
    }

    private func runBilinear(_ step: textpin_model_step) {
        let input = Int(step.inputs.0)
        let pairs = constants(step.table, as: Int16.self)
        let width = Int(model.tensors[Int(step.output)].width)
        fill(Int(step.output)) { row, column, channel in
            var sum = 0
            for (y, down) in [(0, 128 - pairs[2 * (width + row) + 1]), (1, pairs[2 * (width + row) + 1])] where down != 0 {
                for (x, across) in [(0, 128 - pairs[2 * column + 1]), (1, pairs[2 * column + 1])] where across != 0 {
                    sum += down * across * value(input, pairs[2 * (width + row)] + y, pairs[2 * column] + x, channel)
                }
            }
            return Self.floorDivide(sum + 8192, 16384)
        }
    }

    private func runMaximum(_ step: textpin_model_step) {
        let input = Int(step.inputs.0)
        let record = model.tensors[input]
        fill(Int(step.output)) { row, column, channel in
            var greatest = -128
            for y in 0..<Int(step.kernel_rows) {
                for x in 0..<Int(step.kernel_columns) {
                    let inputRow = row * Int(step.stride) + y - Int(step.padding_top)
                    let inputColumn = column * Int(step.stride) + x - Int(step.padding_left)
                    guard (0..<Int(record.height)).contains(inputRow), (0..<Int(record.width)).contains(inputColumn) else { continue }
                    greatest = max(greatest, value(input, inputRow, inputColumn, channel))
                }
            }
            return greatest
        }
    }
}
