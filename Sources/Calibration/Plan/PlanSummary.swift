import CModelFile
import Inference
import Messages

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
        for index in 0..<model.stepCount {
            let step = model.stepDescription(index)
            steps.append(
                Step(
                    name: String(decoding: step.name, as: UTF8.self), kind: String(Text("\(step.kind)")),
                    output: "\(step.channels)x\(step.height)x\(step.width)", multiplyAccumulates: step.multiplyAccumulates))
            packedWeightBytes += Int(model.steps[index].packed_bytes)
        }
        activationBytes = blocks.map { $0.offset + $0.byteCount }.max() ?? 0
        lowerBound = MemoryPlan.lowerBound(blocks.map { .init(byteCount: $0.byteCount, lifetime: $0.lifetime) })
    }
}

extension String {
    fileprivate init(_ text: Text) {
        self = ""
        text.read { start, count in self = String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self) }
    }
}
