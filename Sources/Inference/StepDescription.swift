import CModelFile

/// What a step of a model does, as plans and `bench` tell of it.
public struct StepDescription: @unchecked Sendable {
    /// UTF-8, part of the model's bytes.
    public let name: UnsafeBufferPointer<UInt8>
    public let kind: Kind
    /// The output's shape.
    public let channels: Int
    public let height: Int
    public let width: Int
    public let multiplyAccumulates: Int
    /// Bytes that no implementation can do without: the pixels of inputs and output, borders left out, and the weights, each once.
    public let byteCount: Int
    private let neededFor: UInt32

    /// How it does it; `Messages` has the words.
    public enum Kind: Sendable, Equatable {
        case convolution(Window, adds: Bool)
        case depthwise(Window)
        case transposed
        case logits(Window)
        case transposedLogits
        case combine
        case gate
        case lookup
        case repetition(factor: Int)
        case bilinear(factor: Int)
        case maximum(Window)
        case binaryMap
    }

    /// What an output pixel sees of the input.
    public struct Window: Sendable, Equatable {
        public let rows: Int
        public let columns: Int
        public let stride: Int

        public init(rows: Int, columns: Int, stride: Int) {
            self.rows = rows
            self.columns = columns
            self.stride = stride
        }
    }

    public func isNeeded(for map: DetectionMap) -> Bool { neededFor & map.bit != 0 }
}

extension Model {
    public var stepCount: Int { steps.count }

    /// - Parameter index: below `stepCount`.
    public func stepDescription(_ index: Int) -> StepDescription { StepDescription(steps[index], of: self) }
}

extension StepDescription {
    fileprivate init(_ step: textpin_model_step, of model: Model) {
        let output = model.tensors[Int(step.output)]
        name = model.text(step.name)
        kind = Kind(step)
        channels = Int(output.channels)
        height = Int(output.height)
        width = Int(output.width)
        multiplyAccumulates = Int(step.multiply_accumulates)
        neededFor = step.needed_for
        byteCount =
            model.pixelByteCount(step.inputs.0) + model.pixelByteCount(step.inputs.1) + model.pixelByteCount(step.inputs.2)
            + output.pixelByteCount + Int(step.weights.bytes)
    }
}

extension StepDescription.Kind {
    fileprivate init(_ step: textpin_model_step) {
        let window = StepDescription.Window(rows: Int(step.kernel_rows), columns: Int(step.kernel_columns), stride: Int(step.stride))
        self =
            switch textpin_step_kind(step.kind) {
            case TEXTPIN_STEP_CONVOLUTION: .convolution(window, adds: step.adds)
            case TEXTPIN_STEP_DEPTHWISE: .depthwise(window)
            case TEXTPIN_STEP_TRANSPOSED: .transposed
            case TEXTPIN_STEP_LOGITS: .logits(window)
            case TEXTPIN_STEP_TRANSPOSED_LOGITS: .transposedLogits
            case TEXTPIN_STEP_COMBINE: .combine
            case TEXTPIN_STEP_GATE: .gate
            case TEXTPIN_STEP_LOOKUP: .lookup
            case TEXTPIN_STEP_REPEAT: .repetition(factor: Int(step.factor))
            case TEXTPIN_STEP_BILINEAR: .bilinear(factor: Int(step.factor))
            case TEXTPIN_STEP_MAXIMUM: .maximum(window)
            default: .binaryMap
            }
    }
}

extension Model {
    /// 0 for no tensor. Inputs that a kind of step does not have were not checked either, and may be anything.
    fileprivate func pixelByteCount(_ tensor: UInt32) -> Int {
        tensors.indices.contains(Int(tensor)) ? tensors[Int(tensor)].pixelByteCount : 0
    }
}

extension textpin_model_tensor {
    /// Of the channels alone, without borders and gaps.
    fileprivate var pixelByteCount: Int {
        let values = Int(width) * Int(height) * Int(channels)
        return element == TEXTPIN_ELEMENT_INT16.rawValue ? 2 * values : values
    }
}
