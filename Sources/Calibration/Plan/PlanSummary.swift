import CModelFile
import Inference

/// What lies where in a model's arena, and when; what `textpin plan` shows.
public struct PlanSummary: Sendable {
    public struct Block: Sendable {
        public var name: String
        public var offset: Int
        public var byteCount: Int
        /// Steps, from the one that first writes it to the last that reads it.
        public var lifetime: ClosedRange<Int>
    }

    public struct Step: Sendable {
        public var name: String
        public var kind: String
        public var output: String
        public var multiplyAccumulates: Int
    }

    /// Activations and scratch, which share bytes over time.
    public private(set) var blocks: [Block] = []
    public private(set) var steps: [Step] = []
    public let arenaBytes: Int
    /// The part of the arena where blocks lie.
    public private(set) var activationBytes = 0
    public private(set) var packedWeightBytes = 0
    /// The most bytes that are alive at one step: no plan needs less.
    public private(set) var lowerBound = 0

    public init(_ model: Model) {
        arenaBytes = model.arenaByteCount
        let header = model.header.pointee
        for (index, tensor) in model.tensors.enumerated() where Int(tensor.storage) == index {
            blocks.append(
                Block(
                    name: String(decoding: model.text(tensor.name), as: UTF8.self), offset: Int(tensor.arena_offset),
                    byteCount: Int(tensor.arena_bytes), lifetime: Int(min(tensor.first_step, tensor.last_step))...Int(tensor.last_step)))
        }
        blocks.append(Block(name: "frame columns", offset: Int(header.frame_offset), byteCount: Int(header.frame_bytes), lifetime: 0...0))
        let end = model.steps.count
        blocks.append(
            Block(name: "box formation", offset: Int(header.boxes_offset), byteCount: Int(header.boxes_bytes), lifetime: end...end))
        for step in model.steps {
            let output = model.tensors[Int(step.output)]
            steps.append(
                Step(
                    name: String(decoding: model.text(step.name), as: UTF8.self), kind: Self.title(step),
                    output: "\(output.channels)x\(output.height)x\(output.width)", multiplyAccumulates: Int(step.multiply_accumulates)))
            packedWeightBytes += Int(step.packed_bytes)
        }
        activationBytes = blocks.map { $0.offset + $0.byteCount }.max() ?? 0
        lowerBound = MemoryPlan.lowerBound(blocks.map { .init(byteCount: $0.byteCount, lifetime: $0.lifetime) })
    }

    private static func title(_ step: textpin_model_step) -> String {
        let kernel = "\(step.kernel_rows)x\(step.kernel_columns)\(step.stride == 2 ? " /2" : "")"
        return switch textpin_step_kind(step.kind) {
        case TEXTPIN_STEP_CONVOLUTION: "conv \(kernel)\(step.inputs.1 == TEXTPIN_NONE ? "" : " + add")"
        case TEXTPIN_STEP_DEPTHWISE: "depthwise \(kernel)"
        case TEXTPIN_STEP_TRANSPOSED: "transposed 2x2"
        case TEXTPIN_STEP_LOGITS: "logits \(kernel)"
        case TEXTPIN_STEP_TRANSPOSED_LOGITS: "logits, transposed 2x2"
        case TEXTPIN_STEP_COMBINE: "combine"
        case TEXTPIN_STEP_GATE: "gate"
        case TEXTPIN_STEP_LOOKUP: "lookup"
        case TEXTPIN_STEP_REPEAT: "enlarge x\(step.factor)"
        case TEXTPIN_STEP_BILINEAR: "bilinear x\(step.factor)"
        case TEXTPIN_STEP_MAXIMUM: "maximum \(kernel)"
        default: "binary map"
        }
    }
}
