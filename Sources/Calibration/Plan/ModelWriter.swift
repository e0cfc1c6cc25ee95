import CDevices
import CKernels
import CModelFile
import Foundation
import Inference
import TextDetection

/// What a model file says besides its numbers.
public struct ModelDescription: Sendable, Equatable {
    public var name: String
    /// Where the float weights came from.
    public var source: String
    public var licence: String
    /// How they were made int8.
    public var calibration: String
    public var preprocessing: Preprocessing
    /// Probability over which a pixel is text.
    public var threshold: Double
    /// Mean probability under which a box is dropped.
    public var minimumScore: Double
    public var unclipRatio: Double

    public init(
        name: String, source: String, licence: String, calibration: String, preprocessing: Preprocessing, threshold: Double,
        minimumScore: Double, unclipRatio: Double
    ) {
        self.name = name
        self.source = source
        self.licence = licence
        self.calibration = calibration
        self.preprocessing = preprocessing
        self.threshold = threshold
        self.minimumScore = minimumScore
        self.unclipRatio = unclipRatio
    }
}

/// Writes a quantized network as a model file's bytes (.dbq), memory plan included.
package struct ModelWriter {
    private let network: QuantizedNetwork
    private let layout: TensorLayout
    private let description: ModelDescription
    private var constants: [UInt8] = []
    private var constantsStart = 0
    private var arenaOffsets: [Int] = []
    private var arenaEnd = 0

    /// Probabilities in 1/65535; entry i is that of the logit -8 + (i + 0.5) / 64.
    package static let scoreTable = (0..<Int(TEXTPIN_SCORE_ENTRIES)).map { index in
        UInt16((65535 / (1 + exp(8 - (Double(index) + 0.5) / 64))).rounded())
    }

    /// The bytes of a whole model file; the same network and description give the same bytes.
    package static func bytes(of network: QuantizedNetwork, description: ModelDescription) -> [UInt8] {
        var writer = ModelWriter(network, description)
        return writer.write()
    }

    private init(_ network: QuantizedNetwork, _ description: ModelDescription) {
        self.network = network
        self.description = description
        layout = TensorLayout(network.lowered)
    }

    private mutating func write() -> [UInt8] {
        let lowered = network.lowered
        var header = textpin_model_header()
        header.magic = TEXTPIN_MODEL_MAGIC
        header.version = TEXTPIN_MODEL_VERSION
        header.tensor_count = UInt32(lowered.tensors.count)
        header.step_count = UInt32(lowered.steps.count)
        header.tensors_offset = UInt32(MemoryLayout<textpin_model_header>.stride)
        header.steps_offset = header.tensors_offset + header.tensor_count * UInt32(MemoryLayout<textpin_model_tensor>.stride)
        constantsStart = Int(header.steps_offset) + lowered.steps.count * MemoryLayout<textpin_model_step>.stride

        placeTensors(&header)
        let tensors = lowered.tensors.indices.map(tensorRecord)
        var steps: [textpin_model_step] = []
        for index in lowered.steps.indices { steps.append(stepRecord(index)) }
        header.multiply_accumulates = steps.reduce(0) { $0 + UInt64($1.multiply_accumulates) }
        header.workers_offset = UInt64(arenaEnd)
        header.arena_bytes = UInt64(arenaEnd + Int(TEXTPIN_WORKERS_BYTES) + Int(TEXTPIN_READ_SLACK))
        describe(&header)
        var named = tensors
        for index in named.indices { named[index].name = append(text: lowered.tensors[index].name) }

        header.bytes = UInt32(constantsStart + constants.count)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(header.bytes))
        withUnsafeBytes(of: &header) { bytes += $0 }
        named.withUnsafeBytes { bytes += $0 }
        steps.withUnsafeBytes { bytes += $0 }
        bytes += constants
        let checksum = bytes.withUnsafeBytes { Model.checksum(of: $0) }
        withUnsafeBytes(of: checksum.littleEndian) {
            bytes.replaceSubrange(Int(TEXTPIN_MODEL_CHECKSUM_OFFSET)..<Int(TEXTPIN_MODEL_CHECKSUM_OFFSET) + 4, with: $0)
        }
        return bytes
    }

    // MARK: The arena

    /// Storages, the frame's scratch (before the first step) and box formation's (after the last) share the arena by lifetime; packed weights
    /// and the threads' pool follow.
    private mutating func placeTensors(_ header: inout textpin_model_header) {
        let lowered = network.lowered
        let input = lowered.tensors[lowered.input]
        header.input_width = UInt32(input.width)
        header.input_height = UInt32(input.height)
        header.input_tensor = UInt32(lowered.input)
        header.probability_tensor = UInt32(lowered.probability)
        header.binary_tensor = lowered.binary.map { UInt32($0) } ?? TEXTPIN_NONE

        let storages = layout.entries.indices.filter { layout.entries[$0].storage == $0 }
        var buffers = storages.map { index in
            let entry = layout.entries[index]
            return MemoryPlan.Buffer(byteCount: entry.byteCount, lifetime: entry.firstStep...entry.lastStep)
        }
        let frameBytes = FrameScaler.storageByteCount(inputWidth: input.width)
        let boxesBytes = TextDetector.boxStorageByteCount(width: input.width, height: input.height) ?? 0
        buffers.append(.init(byteCount: frameBytes, lifetime: 0...0))
        buffers.append(.init(byteCount: boxesBytes, lifetime: lowered.steps.count...lowered.steps.count))
        let plan = MemoryPlan(buffers, alignment: Int(TEXTPIN_ALIGNMENT))
        arenaOffsets = [Int](repeating: 0, count: lowered.tensors.count)
        for (position, index) in storages.enumerated() { arenaOffsets[index] = plan.offsets[position] }
        for index in layout.entries.indices where layout.entries[index].storage != index {
            arenaOffsets[index] = arenaOffsets[layout.entries[index].storage] + layout.entries[index].firstChannel
        }
        header.frame_offset = UInt64(plan.offsets[storages.count])
        header.frame_bytes = UInt64(frameBytes)
        header.boxes_offset = UInt64(plan.offsets[storages.count + 1])
        header.boxes_bytes = UInt64(boxesBytes)
        arenaEnd = plan.byteCount
    }

    private mutating func reserveArena(_ byteCount: Int) -> UInt64 {
        let offset = arenaEnd
        arenaEnd += (byteCount + Int(TEXTPIN_ALIGNMENT) - 1) / Int(TEXTPIN_ALIGNMENT) * Int(TEXTPIN_ALIGNMENT)
        return UInt64(offset)
    }

    // MARK: Records

    private func tensorRecord(_ index: Int) -> textpin_model_tensor {
        let tensor = network.lowered.tensors[index]
        let entry = layout.entries[index]
        var record = textpin_model_tensor()
        record.scale = network.parameters[index].scale
        record.zero_point = network.parameters[index].zeroPoint
        switch tensor.element {
        case .int8: record.element = TEXTPIN_ELEMENT_INT8.rawValue
        case .logits: record.element = TEXTPIN_ELEMENT_INT16.rawValue
        case .gate: record.element = TEXTPIN_ELEMENT_GATE.rawValue
        }
        record.channels = UInt32(tensor.channels)
        record.channel_stride = UInt32(entry.channelStride)
        record.height = UInt32(tensor.height)
        record.width = UInt32(tensor.width)
        record.border_top = UInt32(entry.border.top)
        record.border_left = UInt32(entry.border.left)
        record.border_bottom = UInt32(entry.border.bottom)
        record.border_right = UInt32(entry.border.right)
        record.storage = UInt32(entry.storage)
        record.arena_offset = UInt64(arenaOffsets[index])
        record.arena_bytes = UInt64(entry.storage == index ? entry.byteCount : 0)
        record.first_step = UInt32(entry.firstStep)
        record.last_step = UInt32(entry.lastStep)
        return record
    }

    private mutating func stepRecord(_ index: Int) -> textpin_model_step {
        let step = network.lowered.steps[index]
        var record = textpin_model_step()
        record.needed_for =
            (step.neededForProbability ? TEXTPIN_NEEDED_FOR_PROBABILITY : 0) | (step.neededForBinary ? TEXTPIN_NEEDED_FOR_BINARY : 0)
        record.inputs = (UInt32(step.inputs[0]), TEXTPIN_NONE, TEXTPIN_NONE)
        record.output = UInt32(step.output)
        record.kernel_rows = 1
        record.kernel_columns = 1
        record.stride = 1
        record.factor = 1
        record.name = append(text: step.name)
        switch step.operation {
        case .convolution(let convolution, _, _):
            record.kind = (convolution.isDepthwise ? TEXTPIN_STEP_DEPTHWISE : TEXTPIN_STEP_CONVOLUTION).rawValue
            setWindow(&record, convolution)
            if let addend = step.addend { record.inputs.1 = UInt32(addend) }
        case .transposed: record.kind = TEXTPIN_STEP_TRANSPOSED.rawValue
        case .logits(let convolution, let isTransposed):
            record.kind = (isTransposed ? TEXTPIN_STEP_TRANSPOSED_LOGITS : TEXTPIN_STEP_LOGITS).rawValue
            if !isTransposed { setWindow(&record, convolution) }
        case .combine(let factor, let hasSecond, let hasGate):
            record.kind = TEXTPIN_STEP_COMBINE.rawValue
            record.factor = UInt32(factor)
            if hasSecond { record.inputs.1 = UInt32(step.inputs[1]) }
            if hasGate, let gate = step.inputs.last { record.inputs.2 = UInt32(gate) }
        case .gate(let gate):
            record.kind = TEXTPIN_STEP_GATE.rawValue
            record.gate_offset = Int32(gate.offset)
            for other in network.lowered.steps.indices where network.lowered.steps[other].inputs.last == step.output {
                if case .combine(_, _, _, _, let factor?) = network.constants[other] {
                    record.gate_multiplier = factor.multiplier
                    record.gate_shift = factor.shift
                    record.gate_bias = factor.bias
                }
            }
        case .lookup: record.kind = TEXTPIN_STEP_LOOKUP.rawValue
        case .repeated(let factor):
            record.kind = TEXTPIN_STEP_REPEAT.rawValue
            record.factor = UInt32(factor)
        case .bilinear(let resize):
            record.kind = TEXTPIN_STEP_BILINEAR.rawValue
            record.factor = UInt32(resize.factor)
        case .maximum(let pool):
            record.kind = TEXTPIN_STEP_MAXIMUM.rawValue
            record.kernel_rows = UInt32(pool.kernelHeight)
            record.kernel_columns = UInt32(pool.kernelWidth)
            record.stride = UInt32(pool.stride)
            record.padding_top = UInt32(pool.padding.top)
            record.padding_left = UInt32(pool.padding.left)
        case .binaryMap:
            record.kind = TEXTPIN_STEP_BINARY_MAP.rawValue
            record.inputs.1 = UInt32(step.inputs[1])
        }
        setConstants(&record, network.constants[index], step)
        return record
    }

    private func setWindow(_ record: inout textpin_model_step, _ convolution: Convolution) {
        record.kernel_rows = UInt32(convolution.kernelHeight)
        record.kernel_columns = UInt32(convolution.kernelWidth)
        record.stride = UInt32(convolution.stride)
        record.padding_top = UInt32(convolution.padding.top)
        record.padding_left = UInt32(convolution.padding.left)
    }

    private mutating func setConstants(_ record: inout textpin_model_step, _ constants: StepConstants, _ step: LoweredNetwork.Step) {
        switch constants {
        case .none: break
        case .weights(let weights):
            record.zero_point = weights.zeroPoint
            record.weight_b = weights.addendMultiplier
            record.weights = append(weights.weights)
            record.bias = append(weights.bias)
            record.multipliers = append(weights.multipliers)
            record.shifts = append(weights.shifts)
            if let table = weights.table { record.table = append(table) }
            if let swish = weights.hardSwish {
                record.output_multipliers = append(swish.outputMultipliers)
                record.hard_swish = (swish.three, swish.slopeShift, swish.slope, swish.offset)
            }
            let output = network.lowered.tensors[step.output]
            let input = network.lowered.tensors[step.inputs[0]]
            // A transposed convolution works once per input pixel, the others once per output pixel.
            let isTransposed = step.operation.weighted?.isTransposed ?? false
            let pixels = isTransposed ? input.height * input.width : output.height * output.width
            record.multiply_accumulates = UInt32(clamping: weights.weights.count * pixels)
            let limit = packedLimit(record)
            record.packed_bytes = UInt64(limit)
            record.packed_offset = reserveArena(limit)
        case .combine(let weights, let bias, let weightB, let shift, let gate):
            record.weight_b = weightB
            record.shift = shift
            if gate == nil {
                record.weights = append(weights)
                record.bias = append(bias)
            }
        case .gate(let gate):
            record.weights = append(gate.weights)
            record.bias = append(gate.bias)
            record.multipliers = append(gate.multipliers)
            record.shifts = append(gate.shifts)
            record.hidden_channels = UInt32(gate.hiddenChannels)
            record.multiply_accumulates = UInt32(gate.weights.count)
        case .lookup(let table): record.table = append(table)
        case .bilinear(let pairs): record.table = append(pairs)
        }
    }

    private func packedLimit(_ record: textpin_model_step) -> Int {
        let input = tensorRecord(Int(record.inputs.0))
        let output = tensorRecord(Int(record.output))
        return Model.packedLimit(of: record, input: input, output: output)
    }

    // MARK: Constants

    private mutating func append<Value>(_ values: [Value]) -> textpin_model_span {
        while (constantsStart + constants.count) % 8 != 0 { constants.append(0) }
        let start = constantsStart + constants.count
        values.withUnsafeBytes { constants += $0 }
        return textpin_model_span(offset: UInt32(start), bytes: UInt32(constantsStart + constants.count - start))
    }

    private mutating func append(text: String) -> textpin_model_span { append(Array(text.utf8)) }

    private mutating func describe(_ header: inout textpin_model_header) {
        header.blue_first = description.preprocessing.order == .bgr ? 1 : 0
        let colour = description.preprocessing.paddingColour
        header.padding_colour = (colour[0], colour[1], colour[2], 0)
        header.threshold_logit = Logit.units(ofProbability: description.threshold)
        header.minimum_score = UInt32((min(max(description.minimumScore, 0), 1) * 65535).rounded())
        header.unclip_ratio = UInt32((min(max(description.unclipRatio, 0), 8) * 256).rounded())
        header.score_table = append(Self.scoreTable)
        header.name = append(text: description.name)
        header.source = append(text: description.source)
        header.licence = append(text: description.licence)
        header.calibration = append(text: description.calibration)
    }
}

/// Probabilities as logits in the units of the logit maps.
public enum Logit {
    /// log(p / (1 - p)) in 1/2048, for p strictly inside 0...1; the ends saturate.
    public static func units(ofProbability probability: Double) -> Int32 {
        let inside = min(max(probability, 1e-9), 1 - 1e-9)
        return Int32((log(inside / (1 - inside)) * Double(TEXTPIN_LOGIT_ONE)).rounded().clamped(to: -32768...32767))
    }
}

extension Double {
    fileprivate func clamped(to limits: ClosedRange<Double>) -> Double { min(max(self, limits.lowerBound), limits.upperBound) }
}
