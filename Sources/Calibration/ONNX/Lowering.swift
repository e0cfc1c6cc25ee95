/// Turns the nodes of an ONNX graph, one after another, into those of a `Graph`.
///
/// Element-by-element functions are not emitted as they come but collected as `Signal`s, and become one `activation` node when an operation
/// needs their values; that is how the many spellings of one activation end up the same (see Signals.swift).
struct Lowering {
    /// Elements of the largest tensor that is accepted: far above any detector's, and low enough that no size computation overflows.
    static let largestTensor = 1 << 28

    /// What an ONNX tensor name stands for.
    enum Value {
        case constant(Constant)
        case signal(Signal.ID)
    }

    var values: [String: Value] = [:]
    var signals: [Signal] = []
    var tensors: [Graph.Tensor] = []
    var nodes: [Graph.Node] = []
    /// The version of ONNX's own operator set: Resize and others changed their meaning over time.
    let opset: Int
    private let liveNodes: [SourceNode]
    private let heads: Heads
    private let inputHeight: Int
    private let inputWidth: Int
    private var foldedElements = 0

    /// Collects the constants, finds the heads and drops what they do not need.
    init(_ model: ONNXModel, inputHeight: Int, inputWidth: Int) throws(ImportError) {
        let graph = model.graph
        let sourceNodes = graph.node.map { SourceNode($0) }
        var constants: [String: Constant] = [:]
        for tensor in graph.initializer { constants[tensor.name] = try Constant(tensor) }
        let inputs = graph.input.filter { constants[$0.name] == nil }
        for node in sourceNodes where node.node.opType == "Constant" {
            guard let output = node.node.output.first else { continue }
            constants[output] = try ConstantFolding.value(ofConstant: node)
        }

        heads = try HeadFinder(nodes: sourceNodes, constants: constants).heads(outputs: graph.output.map { $0.name })
        liveNodes = Self.nodes(of: sourceNodes, neededFor: [heads.probability, heads.threshold].compactMap { $0 })
        values = constants.mapValues { .constant($0) }
        guard let operators = model.opsetImport.first(where: { ["", "ai.onnx"].contains($0.domain) }) else {
            throw .notAModel(reason: "it does not say which version of ONNX's operators it uses")
        }
        opset = Int(operators.version)
        (self.inputHeight, self.inputWidth) = (inputHeight, inputWidth)

        guard let input = inputs.first, inputs.count == 1 else {
            throw .model(problem: "it has \(inputs.count) inputs, where a detector has one, the picture")
        }
        guard values[input.name] == nil else { throw .tensor(name: input.name, problem: "the model's input is a constant as well") }
        let shape = input.type.tensorType.shape.dimension
        let channels = shape.count == 4 && shape[1].hasValue && shape[1].value > 0 ? shape[1].value : 3
        guard channels == 3 else { throw .tensor(name: input.name, problem: "the picture must have 3 channels, not \(channels)") }
        tensors = [Graph.Tensor(name: input.name, channels: 3, height: inputHeight, width: inputWidth)]
        signals = [Signal(definition: .tensor, base: 0, nodeName: input.name, name: input.name, tensor: 0)]
        values[input.name] = .signal(0)
    }

    /// The nodes that the named tensors depend on, in the order of the file, which ONNX requires to be one of execution.
    private static func nodes(of nodes: [SourceNode], neededFor names: [String]) -> [SourceNode] {
        var needed = Set(names)
        var live: [SourceNode] = []
        for node in nodes.reversed() where node.node.opType != "Constant" && !needed.isDisjoint(with: node.node.output) {
            needed.formUnion(node.node.input)
            live.append(node)
        }
        return live.reversed()
    }

    /// The graph, with affines and batch norms still nodes of their own.
    mutating func lowered() throws(ImportError) -> Graph {
        for node in liveNodes { try lower(node) }
        let probability = try map(heads.probability)
        var threshold: Graph.TensorID?
        if let name = heads.threshold { threshold = try map(name) }
        return Graph(tensors: tensors, nodes: nodes, input: 0, probability: probability, threshold: threshold)
    }

    /// A head's logits, as large as the picture.
    private mutating func map(_ name: String) throws(ImportError) -> Graph.TensorID {
        guard case .signal(let signal)? = values[name] else {
            throw .tensor(name: name, problem: "the last Sigmoid reads it, but it does not depend on the picture")
        }
        let map = tensors[signals[signal].base]
        guard (map.channels, map.height, map.width) == (1, inputHeight, inputWidth) else {
            throw .tensor(
                name: name,
                problem: "the map before the last Sigmoid must be 1x\(inputHeight)x\(inputWidth), as the picture, but is "
                    + "\(map.channels)x\(map.height)x\(map.width)")
        }
        return try materialize(signal)
    }
}

extension Lowering {
    static let supportedOperators: [String] = ConstantFolding.operators.union(layerOperators).sorted()

    private static let layerOperators: Set<String> = [
        "BatchNormalization", "Clip", "Conv", "ConvTranspose", "Dropout", "Erf", "Gelu", "GlobalAveragePool", "HardSigmoid", "HardSwish",
        "MaxPool", "Neg", "ReduceMean", "Relu", "Resize", "Shape", "Sigmoid", "Upsample",
    ]

    private mutating func lower(_ node: SourceNode) throws(ImportError) {
        let name = node.node.opType
        guard !Self.isDeformable(name) else { throw .deformableConvolution(node: node.name, operatorName: node.operatorName) }
        let isStandard = ["", "ai.onnx"].contains(node.node.domain) || (name == "Gelu" && node.node.domain == "com.microsoft")
        guard isStandard, ConstantFolding.operators.contains(name) || Self.layerOperators.contains(name) else {
            throw .unsupportedOperator(node: node.name, operatorName: node.operatorName)
        }
        guard let output = node.node.output.first, !output.isEmpty else { throw node.failure("it has no output") }
        guard values[output] == nil else { throw node.failure("its output '\(output)' was made before") }

        var inputs: [Value?] = []
        for input in node.node.input {
            if !input.isEmpty, values[input] == nil {
                throw .tensor(name: input, problem: "node '\(node.name)' reads it, but no node before it makes it")
            }
            inputs.append(values[input])
        }
        values[output] = try lower(node, inputs)
    }

    private static func isDeformable(_ operatorName: String) -> Bool {
        let name = operatorName.lowercased()
        return name.contains("deform") || name.contains("dcn")
    }

    private mutating func lower(_ node: SourceNode, _ inputs: [Value?]) throws(ImportError) -> Value {
        let constants = inputs.map { if case .constant(let constant)? = $0 { constant } else { nil as Constant? } }
        if ConstantFolding.operators.contains(node.node.opType), zip(inputs, constants).allSatisfy({ ($0 == nil) == ($1 == nil) }) {
            let folded = try ConstantFolding.fold(node, constants)
            foldedElements += folded.count
            guard foldedElements <= Self.largestTensor else { throw node.failure("the model's constants take too much memory once folded") }
            return .constant(folded)
        }
        let operands = Operands(node: node, inputs: inputs)
        switch node.node.opType {
        case "Identity", "Dropout": return .signal(try operands.signal(0))
        case "Cast": return .signal(try keepFloat(operands))
        case "Reshape", "Squeeze", "Unsqueeze", "Slice", "Gather":
            throw node.failure("it is supported on constants only; pictures and features must stay 1 x channels x height x width")
        case "Shape": return .constant(try shape(operands))
        case "Conv": return .signal(try convolution(operands))
        case "ConvTranspose": return .signal(try transposedConvolution(operands))
        case "BatchNormalization": return .signal(try batchNormalization(operands))
        case "MaxPool": return .signal(try maximumPool(operands))
        case "GlobalAveragePool": return .signal(try globalAverage(operands))
        case "ReduceMean": return .signal(try reduceMean(operands))
        case "Resize", "Upsample": return .signal(try resize(operands))
        case "Concat": return .signal(try concatenate(operands))
        case "Add": return .signal(try add(operands))
        case "Sub": return .signal(try subtract(operands))
        case "Mul": return .signal(try multiply(operands))
        case "Div": return .signal(try divide(operands))
        default: return .signal(try activation(operands))
        }
    }
}

/// A node and what its inputs stand for.
struct Operands {
    let node: SourceNode
    let inputs: [Lowering.Value?]

    subscript(index: Int) -> Lowering.Value? { index < inputs.count ? inputs[index] : nil }

    /// An input that depends on the picture.
    func signal(_ index: Int) throws(ImportError) -> Signal.ID {
        switch self[index] {
        case .signal(let signal): return signal
        case .constant: throw node.failure("input \(index) is a constant, where features were expected")
        case nil: throw node.failure("input \(index) is missing")
        }
    }

    /// A constant input, nil where it is absent.
    func optionalConstant(_ index: Int) throws(ImportError) -> Constant? {
        switch self[index] {
        case .constant(let constant): return constant
        case .signal: throw node.failure("input \(index) must be a constant, but depends on the picture")
        case nil: return nil
        }
    }

    func constant(_ index: Int) throws(ImportError) -> Constant {
        guard let constant = try optionalConstant(index) else { throw node.failure("input \(index) is missing") }
        return constant
    }
}
