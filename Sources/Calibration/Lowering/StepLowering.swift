import CModelFile

/// Turns a float graph into the steps that the board runs, fusing what one kernel computes at once.
///
/// - Activations join the convolution ahead of them.
/// - An add joins the dense convolution that makes one of its operands, if the other is there before.
/// - Squeeze-and-excitation becomes a gate step and a combine step; the residual and pyramid adds that follow join the combine step.
/// - Nearest enlarging joins the add that reads it; concatenation is no step at all: producers write slices.
package struct StepLowering {
    private let graph: Graph
    /// For each float tensor, the nodes that read it.
    private let readers: [[Int]]
    private let producers: [Int?]
    private var consumed: Set<Int> = []
    private var network: LoweredNetwork
    private var lowered: [Graph.TensorID: Int] = [:]

    package static func lower(_ graph: Graph) throws(LoweringError) -> LoweredNetwork {
        var lowering = StepLowering(graph)
        return try lowering.run()
    }

    private init(_ graph: Graph) {
        self.graph = graph
        var readers = [[Int]](repeating: [], count: graph.tensors.count)
        var producers = [Int?](repeating: nil, count: graph.tensors.count)
        for (index, node) in graph.nodes.enumerated() {
            for input in node.inputs { readers[input].append(index) }
            producers[node.output] = index
        }
        self.readers = readers
        self.producers = producers
        network = LoweredNetwork(tensors: [], steps: [], input: 0, probability: 0, threshold: nil, binary: nil, scaleOwner: [])
    }

    private mutating func run() throws(LoweringError) -> LoweredNetwork {
        network.input = tensor(for: graph.input)
        for index in graph.nodes.indices where !consumed.contains(index) { try lower(nodeAt: index) }
        network.probability = try loweredMap(graph.probability, "the probability map")
        if let threshold = graph.threshold {
            let map = try loweredMap(threshold, "the threshold map")
            network.threshold = map
            addBinaryMap(threshold: map)
        }
        shareScales()
        markNeeds()
        return network
    }

    // MARK: Nodes

    private mutating func lower(nodeAt index: Int) throws(LoweringError) {
        let node = graph.nodes[index]
        if node.inputs.contains(graph.input) {
            // Its mean and deviation are folded into the weights that read it.
            guard case .convolution(let convolution) = node.operation, !convolution.isDepthwise else {
                throw .unsupported(node: node.name, reason: "only dense convolutions can read the picture")
            }
        }
        switch node.operation {
        case .convolution(let convolution): try lowerConvolution(index, convolution, isTransposed: false)
        case .transposedConvolution(let convolution): try lowerConvolution(index, convolution, isTransposed: true)
        case .activation(let function):
            let input = try loweredTensor(node.inputs[0], for: node.name)
            append(node.name, .lookup(function), [input], tensor(for: node.output))
        case .add: try lowerAdd(index)
        case .globalAverage: try lowerGate(index)
        case .scaleChannels:
            throw .unsupported(node: node.name, reason: "its gate is not a squeeze-and-excitation of the map that it scales")
        case .resize(let resize):
            if joinsAdd(index, resize) { return }
            let input = try loweredTensor(node.inputs[0], for: node.name)
            append(
                node.name, resize.mode == .nearest ? .repeated(factor: resize.factor) : .bilinear(resize), [input],
                tensor(for: node.output))
        case .concatenate: try lowerConcatenation(index)
        case .maximumPool(let pool):
            let input = try loweredTensor(node.inputs[0], for: node.name)
            append(node.name, .maximum(pool), [input], tensor(for: node.output))
        }
    }

    private mutating func lowerConvolution(_ index: Int, _ convolution: Convolution, isTransposed: Bool) throws(LoweringError) {
        let node = graph.nodes[index]
        let input = try loweredTensor(node.inputs[0], for: node.name)
        guard convolution.stride <= 2, convolution.kernelHeight <= 15, convolution.kernelWidth <= 15,
            !convolution.isDepthwise || convolution.kernelHeight * convolution.kernelWidth <= 49
        else {
            throw .unsupported(node: node.name, reason: "strides up to 2, kernels up to 15x15 and depthwise kernels up to 7x7 are")
        }
        if node.output == graph.probability || node.output == graph.threshold {
            guard !convolution.isDepthwise, convolution.outputChannels == 1 else {
                throw .unsupported(node: node.name, reason: "a map must come from a dense convolution with one output channel")
            }
            append(node.name, .logits(convolution, isTransposed: isTransposed), [input], tensor(for: node.output, element: .logits))
            return
        }
        var output = node.output
        var activation: ScalarFunction?
        if let next = onlyReader(of: node.output), case .activation(let function) = graph.nodes[next].operation {
            consumed.insert(next)
            output = graph.nodes[next].output
            activation = function
        }
        let target = tensor(for: output)
        append(
            node.name,
            isTransposed
                ? .transposed(convolution, before: node.output, activation: activation)
                : .convolution(convolution, before: node.output, activation: activation), [input], target)
    }

    /// An add of two maps, one of which may come from a nearest enlargement that nothing else reads.
    private mutating func lowerAdd(_ index: Int) throws(LoweringError) {
        let node = graph.nodes[index]
        let (a, b, factor) = try operands(of: node)
        if factor == 1, joinsConvolution(of: b, adding: a, node) || joinsConvolution(of: a, adding: b, node) { return }
        append(
            node.name, .combine(factor: factor, hasSecond: true, hasGate: false), [a, b], tensor(for: saturated(node.output)))
    }

    /// Makes the convolution whose output only this add reads add the other operand itself, so that its output need not be rounded to 8 bits
    /// before; whether it does.
    private mutating func joinsConvolution(of branch: Int, adding other: Int, _ add: Graph.Node) -> Bool {
        guard branch != other, other != network.input, let source = network.tensors[branch].source, readers[source].count == 1,
            network.tensors[branch].slice == nil, let producer = network.steps.lastIndex(where: { $0.output == branch }),
            case .convolution(let convolution, _, nil) = network.steps[producer].operation, !convolution.isDepthwise,
            network.steps[producer].inputs.count == 1, network.steps[..<producer].contains(where: { $0.output == other })
        else { return false }
        network.steps[producer].inputs.append(other)
        let sum = saturated(add.output)
        network.tensors[branch].source = sum
        network.tensors[branch].name = graph.tensors[sum].name
        lowered[source] = nil
        lowered[sum] = branch
        return true
    }

    /// The tensor behind a ReLU that alone reads `tensor`: saturation computes it, unless the tensor shares its range with the other parts of a
    /// concatenation. Else `tensor` itself.
    private mutating func saturated(_ tensor: Graph.TensorID) -> Graph.TensorID {
        guard let next = onlyReader(of: tensor), case .activation(let function) = graph.nodes[next].operation, function.isSaturation,
            !joinsConcatenation(graph.nodes[next].output)
        else {
            return tensor
        }
        consumed.insert(next)
        return graph.nodes[next].output
    }

    private func joinsConcatenation(_ tensor: Graph.TensorID) -> Bool {
        readers[tensor].contains { index in
            switch graph.nodes[index].operation {
            case .concatenate: true
            case .resize, .maximumPool: joinsConcatenation(graph.nodes[index].output)
            default: false
            }
        }
    }

    private mutating func operands(of add: Graph.Node) throws(LoweringError) -> (a: Int, b: Int, factor: Int) {
        if let (small, factor) = enlarged(add.inputs[1]) {
            return (try loweredTensor(add.inputs[0], for: add.name), try loweredTensor(small, for: add.name), factor)
        }
        if let (small, factor) = enlarged(add.inputs[0]) {
            return (try loweredTensor(add.inputs[1], for: add.name), try loweredTensor(small, for: add.name), factor)
        }
        return (try loweredTensor(add.inputs[0], for: add.name), try loweredTensor(add.inputs[1], for: add.name), 1)
    }

    /// Whether an add reads the enlarged map as it goes: of two enlarged operands, the second.
    private func joinsAdd(_ index: Int, _ resize: Resize) -> Bool {
        let output = graph.nodes[index].output
        guard resize.mode == .nearest, [1, 2, 4, 8].contains(resize.factor), let add = onlyReader(of: output),
            case .add = graph.nodes[add].operation
        else { return false }
        let second = graph.nodes[add].inputs[1]
        guard second != output, let producer = producers[second], case .resize = graph.nodes[producer].operation else { return true }
        return false
    }

    /// The tensor that a nearest enlargement enlarges, if an add is to read it as it goes.
    private func enlarged(_ tensor: Graph.TensorID) -> (Graph.TensorID, Int)? {
        guard lowered[tensor] == nil, let producer = producers[tensor], case .resize(let resize) = graph.nodes[producer].operation,
            joinsAdd(producer, resize)
        else { return nil }
        return (graph.nodes[producer].inputs[0], resize.factor)
    }

    /// globalAverage, 1x1, ReLU, 1x1, hard sigmoid, scaleChannels; then the add of the map to its scaled self; then the next add.
    private mutating func lowerGate(_ index: Int) throws(LoweringError) {
        let average = graph.nodes[index]
        let refusal = LoweringError.unsupported(
            node: average.name,
            reason: "global averages are supported in squeeze-and-excitation only (1x1, ReLU, 1x1, hard sigmoid, scaled map)")
        guard let squeezeIndex = onlyReader(of: average.output), case .convolution(let squeeze) = graph.nodes[squeezeIndex].operation,
            let reluIndex = onlyReader(of: graph.nodes[squeezeIndex].output),
            case .activation(let relu) = graph.nodes[reluIndex].operation, relu == ScalarFunction([.relu]),
            let expandIndex = onlyReader(of: graph.nodes[reluIndex].output),
            case .convolution(let expand) = graph.nodes[expandIndex].operation,
            let sigmoidIndex = onlyReader(of: graph.nodes[expandIndex].output),
            case .activation(let function) = graph.nodes[sigmoidIndex].operation, function.chain.count == 1,
            case .hardSigmoid(let alpha, let beta) = function.chain[0],
            let scaleIndex = onlyReader(of: graph.nodes[sigmoidIndex].output), case .scaleChannels = graph.nodes[scaleIndex].operation,
            graph.nodes[scaleIndex].inputs == [average.inputs[0], graph.nodes[sigmoidIndex].output], squeeze.groups == 1, expand.groups == 1
        else { throw refusal }
        consumed.formUnion([squeezeIndex, reluIndex, expandIndex, sigmoidIndex, scaleIndex])

        let map = try loweredTensor(average.inputs[0], for: average.name)
        var output = graph.nodes[scaleIndex].output
        var name = graph.nodes[scaleIndex].name
        var offset = 0
        var inputs = [map]
        var factor = 1
        if let add = onlyReader(of: output), case .add = graph.nodes[add].operation, graph.nodes[add].inputs.contains(average.inputs[0]) {
            consumed.insert(add)
            offset = 1
            output = graph.nodes[add].output
            name = graph.nodes[add].name
        }
        // The next add joins in if its other operand is there already.
        if let add = onlyReader(of: output), case .add = graph.nodes[add].operation {
            let other = graph.nodes[add].inputs[graph.nodes[add].inputs[0] == output ? 1 : 0]
            let (source, enlargedBy) = enlarged(other) ?? (other, 1)
            if let second = lowered[source], producedBefore(source, index) {
                consumed.insert(add)
                inputs.append(second)
                factor = enlargedBy
                output = graph.nodes[add].output
                name = graph.nodes[add].name
            }
        }
        let shape = network.tensors[map]
        let gate = addTensor(
            LoweredNetwork.Tensor(
                name: graph.nodes[sigmoidIndex].name, channels: shape.channels, height: 1, width: 1, element: .gate, source: nil, slice: nil
            ))
        append(
            average.name,
            .gate(
                .init(
                    squeeze: squeeze, expand: expand, hidden: graph.nodes[reluIndex].output, alpha: alpha, beta: beta, offset: offset)),
            [map], gate)
        append(
            name, .combine(factor: factor, hasSecond: inputs.count == 2, hasGate: true), inputs + [gate],
            tensor(for: saturated(output)))
    }

    private func producedBefore(_ tensor: Graph.TensorID, _ index: Int) -> Bool {
        producers[tensor].map { $0 < index } ?? true
    }

    private mutating func lowerConcatenation(_ index: Int) throws(LoweringError) {
        let node = graph.nodes[index]
        let parent = tensor(for: node.output)
        var channel = 0
        for input in node.inputs {
            var part = try loweredTensor(input, for: node.name)
            let channels = network.tensors[part].channels
            // What is a slice already cannot be written in place: copy.
            if network.tensors[part].slice != nil || network.tensors.contains(where: { $0.slice?.parent == part }) {
                var copy = network.tensors[part]
                copy.name = "\(node.name) copy of \(copy.name)"
                copy.slice = nil
                let target = addTensor(copy)
                append(copy.name, .repeated(factor: 1), [part], target)
                part = target
            }
            network.tensors[part].slice = LoweredNetwork.Slice(parent: parent, firstChannel: channel)
            channel += channels
        }
    }

    // MARK: Maps

    private func loweredMap(_ source: Graph.TensorID, _ name: String) throws(LoweringError) -> Int {
        let map = try loweredTensor(source, for: name)
        guard network.tensors[map].element == .logits else {
            throw .unsupported(
                node: graph.tensors[source].name, reason: "\(name) must come from a dense convolution with one output channel")
        }
        return map
    }

    private mutating func addBinaryMap(threshold: Int) {
        var map = network.tensors[network.probability]
        map.name = "approximate binary map"
        map.source = nil
        let binary = addTensor(map)
        append("differentiable binarization", .binaryMap, [network.probability, threshold], binary)
        network.binary = binary
    }

    // MARK: Helpers

    private func onlyReader(of tensor: Graph.TensorID) -> Int? {
        guard readers[tensor].count == 1, tensor != graph.probability, tensor != graph.threshold else { return nil }
        return readers[tensor][0]
    }

    private mutating func addTensor(_ tensor: LoweredNetwork.Tensor) -> Int {
        network.tensors.append(tensor)
        return network.tensors.count - 1
    }

    private mutating func tensor(for source: Graph.TensorID, element: LoweredNetwork.Tensor.Element = .int8) -> Int {
        let float = graph.tensors[source]
        let index = addTensor(
            LoweredNetwork.Tensor(
                name: float.name, channels: float.channels, height: float.height, width: float.width, element: element, source: source,
                slice: nil))
        lowered[source] = index
        return index
    }

    private func loweredTensor(_ source: Graph.TensorID, for reader: String) throws(LoweringError) -> Int {
        guard let index = lowered[source] else {
            throw .unsupported(node: reader, reason: "its input \(graph.tensors[source].name) is not a feature map that a step makes")
        }
        return index
    }

    private mutating func append(_ name: String, _ operation: LoweredOperation, _ inputs: [Int], _ output: Int) {
        network.steps.append(LoweredNetwork.Step(name: name, operation: operation, inputs: inputs, output: output))
    }

    /// Slices have their concatenation's scale, and steps that only move bytes keep their input's.
    private mutating func shareScales() {
        var scales = DisjointSets(count: network.tensors.count)
        for (index, tensor) in network.tensors.enumerated() {
            if let slice = tensor.slice { scales.join(index, slice.parent) }
        }
        for step in network.steps {
            switch step.operation {
            case .repeated, .bilinear, .maximum: scales.join(step.inputs[0], step.output)
            default: break
            }
        }
        network.scaleOwner = network.tensors.indices.map { scales.root(of: $0) }
    }

    /// Walks back from each map to the steps that it needs.
    private mutating func markNeeds() {
        func needed(from target: Int) -> [Bool] {
            var wanted = Set([target])
            var result = [Bool](repeating: false, count: network.steps.count)
            for index in network.steps.indices.reversed() {
                let step = network.steps[index]
                let output = network.tensors[step.output]
                guard wanted.contains(step.output) || output.slice.map({ wanted.contains($0.parent) }) == true else { continue }
                result[index] = true
                for input in step.inputs {
                    wanted.insert(input)
                    if let slice = network.tensors[input].slice { wanted.insert(slice.parent) }
                }
            }
            return result
        }
        let forProbability = needed(from: network.probability)
        let forBinary = network.binary.map { needed(from: $0) } ?? forProbability.map { _ in false }
        for index in network.steps.indices {
            network.steps[index].neededForProbability = forProbability[index]
            network.steps[index].neededForBinary = forBinary[index]
        }
    }
}
