import Calibration
import Foundation

/// Builds small ONNX models in code. The picture is "x"; every call returns the name of the tensor that it makes.
struct ONNXBuilder {
    var model = ONNXModel()
    private var count = 0

    init(opset: Int = 13) {
        model.irVersion = 8
        var operators = ONNXOperatorSet()
        operators.version = Int64(opset)
        model.opsetImport = [operators]
        var input = ONNXValueInfo()
        input.name = "x"
        for size in [-1, 3, -1, -1] as [Int64] {
            var dimension = ONNXShape.Dimension()
            dimension.value = size
            input.type.tensorType.shape.dimension.append(dimension)
        }
        model.graph.input = [input]
    }

    mutating func name(_ prefix: String) -> String {
        count += 1
        return "\(prefix)_\(count)"
    }

    mutating func constant(_ shape: [Int], _ values: [Float]) -> String {
        var tensor = ONNXTensor.floats(shape, values)
        tensor.name = name("constant")
        model.graph.initializer.append(tensor)
        return tensor.name
    }

    mutating func scalar(_ value: Float) -> String { constant([], [value]) }

    mutating func integers(_ values: [Int]) -> String {
        var tensor = ONNXTensor()
        tensor.name = name("integers")
        tensor.dims = [Int64(values.count)]
        tensor.dataType = .int64
        tensor.int64Data = values.map { Int64($0) }
        model.graph.initializer.append(tensor)
        return tensor.name
    }

    /// A node whose name is its operator and a number.
    mutating func node(_ operatorName: String, _ inputs: [String], _ attributes: [ONNXAttribute] = [], domain: String = "") -> String {
        var node = ONNXNode()
        node.opType = operatorName
        node.domain = domain
        node.name = name(operatorName)
        node.input = inputs
        node.output = ["\(node.name)/output"]
        node.attribute = attributes
        model.graph.node.append(node)
        return node.output[0]
    }

    /// A convolution with reproducible weights.
    mutating func convolution(
        _ input: String, _ inputChannels: Int, _ outputChannels: Int, kernel: Int = 1, _ attributes: [ONNXAttribute] = []
    ) -> String {
        let shape = [outputChannels, inputChannels, kernel, kernel]
        let weights = constant(shape, Noise.floats(shape.reduce(1, *), seed: UInt64(count)))
        return node("Conv", [input, weights, constant([outputChannels], Noise.floats(outputChannels, seed: 99))], attributes)
    }

    mutating func output(_ name: String) {
        var output = ONNXValueInfo()
        output.name = name
        model.graph.output.append(output)
    }

    var bytes: Data {
        get throws { try model.serializedBytes() }
    }

    /// The graph for a picture of 32 x 32, or of the size given.
    func imported(height: Int = 32, width: Int = 32) throws -> Graph {
        try importONNX(try bytes, inputHeight: height, inputWidth: width).graph
    }

    /// A detector: 1x1 convolution to 2 channels, what `body` adds, 1x1 convolution from `channels` to the map, sigmoid.
    static func detector(
        opset: Int = 13, bodyChannels channels: Int = 2, _ body: (inout ONNXBuilder, String) -> String
    ) -> ONNXBuilder {
        var builder = ONNXBuilder(opset: opset)
        let features = builder.convolution("x", 3, 2)
        let result = body(&builder, features)
        let logits = builder.convolution(result, channels, 1)
        builder.output(builder.node("Sigmoid", [logits]))
        return builder
    }
}

extension ONNXTensor {
    static func floats(_ shape: [Int], _ values: [Float]) -> ONNXTensor {
        var tensor = ONNXTensor()
        tensor.dims = shape.map { Int64($0) }
        tensor.dataType = .float
        tensor.floatData = values
        return tensor
    }
}

extension ONNXAttribute {
    static func integer(_ name: String, _ value: Int) -> ONNXAttribute { make(name, .int) { $0.i = Int64(value) } }

    static func integers(_ name: String, _ values: [Int]) -> ONNXAttribute { make(name, .ints) { $0.ints = values.map { Int64($0) } } }

    static func float(_ name: String, _ value: Float) -> ONNXAttribute { make(name, .float) { $0.f = value } }

    static func string(_ name: String, _ value: String) -> ONNXAttribute { make(name, .string) { $0.s = Data(value.utf8) } }

    static func tensor(_ name: String, _ value: ONNXTensor) -> ONNXAttribute { make(name, .tensor) { $0.t = value } }

    private static func make(_ name: String, _ kind: Kind, _ set: (inout ONNXAttribute) -> Void) -> ONNXAttribute {
        var attribute = ONNXAttribute()
        attribute.name = name
        attribute.type = kind
        set(&attribute)
        return attribute
    }
}

/// Reproducible numbers.
struct Noise: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
        return bits ^ bits >> 31
    }

    /// Numbers in -1..<1, or in the range given.
    static func floats(_ count: Int, seed: UInt64, in range: Range<Float> = -1..<1) -> [Float] {
        var noise = Noise(seed: seed)
        return (0..<count).map { _ in Float.random(in: range, using: &noise) }
    }
}

extension Graph {
    /// The functions of the activations, in order.
    var functions: [ScalarFunction] {
        nodes.compactMap { if case .activation(let function) = $0.operation { function } else { nil } }
    }

    /// The convolutions, in order, transposed ones too.
    var convolutions: [Convolution] {
        nodes.compactMap { node in
            switch node.operation {
            case .convolution(let convolution), .transposedConvolution(let convolution): convolution
            default: nil
            }
        }
    }

    /// Every node's output for an input.
    func outputs(_ input: [Float]) -> [[Float]] {
        var outputs: [[Float]] = []
        _ = FloatNetwork(self).run(input) { _, output in outputs.append(Array(output)) }
        return outputs
    }
}
