/// A float network as imported: every constant folded, every shape known, only the operations that `Operation` lists.
///
/// Nodes stand in execution order. Tensors are NCHW with N = 1. The last sigmoid is not part of the graph: `probability` is the
/// logit map, and `threshold`, where the network has that head, the logits of the threshold map (Liao et al. 2020, section 3.2).
public struct Graph: Sendable {
    /// The index of a tensor in `tensors`.
    public typealias TensorID = Int

    public struct Tensor: Sendable, Equatable {
        public var name: String
        public var channels: Int
        public var height: Int
        public var width: Int

        public init(name: String, channels: Int, height: Int, width: Int) {
            self.name = name
            self.channels = channels
            self.height = height
            self.width = width
        }
    }

    public struct Node: Sendable {
        /// The ONNX node's name, or its output's where it has none: what reports and errors print.
        public var name: String
        public var operation: Operation
        public var inputs: [TensorID]
        public var output: TensorID

        public init(name: String, operation: Operation, inputs: [TensorID], output: TensorID) {
            self.name = name
            self.operation = operation
            self.inputs = inputs
            self.output = output
        }
    }

    public var tensors: [Tensor]
    public var nodes: [Node]
    public var input: TensorID
    public var probability: TensorID
    public var threshold: TensorID?

    public init(tensors: [Tensor], nodes: [Node], input: TensorID, probability: TensorID, threshold: TensorID?) {
        self.tensors = tensors
        self.nodes = nodes
        self.input = input
        self.probability = probability
        self.threshold = threshold
    }
}

/// What a node computes.
public enum Operation: Sendable {
    /// One input. Batch norm, constant biases and affines that touch the convolution are folded into it.
    case convolution(Convolution)
    /// One input; kernel 2x2, stride 2, no padding. Weights are [inputChannels][outputChannels][2][2], as ONNX has them.
    case transposedConvolution(Convolution)
    /// One input, element by element.
    case activation(ScalarFunction)
    /// Two inputs of one shape.
    case add
    /// Inputs: a feature map, and a gate of as many channels at 1x1 (squeeze-and-excitation).
    case scaleChannels
    /// One input; output 1x1.
    case globalAverage
    case resize(Resize)
    /// Two inputs or more, along channels.
    case concatenate
    case maximumPool(MaximumPool)
}

/// A convolution's weights and geometry.
public struct Convolution: Sendable {
    /// [outputChannels][inputChannels / groups][kernelHeight][kernelWidth]; `transposedConvolution` says otherwise.
    public var weights: [Float]
    /// One per output channel.
    public var bias: [Float]
    public var inputChannels: Int
    public var outputChannels: Int
    public var kernelHeight: Int
    public var kernelWidth: Int
    public var stride: Int
    public var padding: Padding
    /// 1, or `inputChannels` (depthwise, with outputChannels == inputChannels); the importer refuses the rest.
    public var groups: Int

    public var isDepthwise: Bool { groups > 1 }

    public init(
        weights: [Float], bias: [Float], inputChannels: Int, outputChannels: Int, kernelHeight: Int, kernelWidth: Int, stride: Int,
        padding: Padding, groups: Int
    ) {
        self.weights = weights
        self.bias = bias
        self.inputChannels = inputChannels
        self.outputChannels = outputChannels
        self.kernelHeight = kernelHeight
        self.kernelWidth = kernelWidth
        self.stride = stride
        self.padding = padding
        self.groups = groups
    }
}

/// Pixels added around a picture before a window slides over it.
public struct Padding: Sendable, Equatable {
    public var top: Int
    public var left: Int
    public var bottom: Int
    public var right: Int

    public init(top: Int = 0, left: Int = 0, bottom: Int = 0, right: Int = 0) {
        self.top = top
        self.left = left
        self.bottom = bottom
        self.right = right
    }
}

/// A maximum over windows; padding never wins.
public struct MaximumPool: Sendable {
    public var kernelHeight: Int
    public var kernelWidth: Int
    public var stride: Int
    public var padding: Padding

    public init(kernelHeight: Int, kernelWidth: Int, stride: Int, padding: Padding) {
        self.kernelHeight = kernelHeight
        self.kernelWidth = kernelWidth
        self.stride = stride
        self.padding = padding
    }
}

/// Enlarging by a whole factor, the same in both directions.
public struct Resize: Sendable, Equatable {
    public enum Mode: Sendable, Equatable {
        /// ONNX nearest, asymmetric, floor: output x is input x / factor.
        case nearest
        /// ONNX linear with coordinate_transformation_mode half_pixel (or pytorch_half_pixel).
        case bilinearHalfPixel
        /// ONNX linear with align_corners.
        case bilinearAlignCorners
        /// ONNX linear, asymmetric.
        case bilinearAsymmetric
    }

    public var mode: Mode
    public var factor: Int

    public init(mode: Mode, factor: Int) {
        self.mode = mode
        self.factor = factor
    }
}
