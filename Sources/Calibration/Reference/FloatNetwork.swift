/// Runs a `Graph` in floats: the reference that an int8 network is calibrated on and compared with.
///
/// The arithmetic is plain multiplies and adds in a fixed order, never fused, so that every CPU gives the same numbers. One instance may run
/// on several threads at once: a run keeps its tensors to itself.
public struct FloatNetwork: Sendable {
    /// What the heads give, as logits, row by row, height x width of the input.
    public struct Maps: Sendable {
        public var probabilityLogits: [Float]
        /// Nil where the network has no threshold head.
        public var thresholdLogits: [Float]?

        public init(probabilityLogits: [Float], thresholdLogits: [Float]?) {
            self.probabilityLogits = probabilityLogits
            self.thresholdLogits = thresholdLogits
        }

        /// The probability map, in 0...1.
        public var probability: [Float] { sigmoid(probabilityLogits) }

        /// The threshold map, in 0...1.
        public var threshold: [Float]? { thresholdLogits.map(sigmoid) }

        private func sigmoid(_ logits: [Float]) -> [Float] { logits.map { ScalarFunction.Elementary.sigmoid($0) } }
    }

    public let graph: Graph
    private let layers: [any FloatLayer]
    /// For each node, the tensors that no later node reads.
    private let lastReads: [[Graph.TensorID]]

    /// Packs the weights. The graph must be consistent, as an imported one is.
    public init(_ graph: Graph) {
        self.graph = graph
        layers = graph.nodes.map { node in
            let inputs = node.inputs.map { graph.tensors[$0] }
            let output = graph.tensors[node.output]
            switch node.operation {
            case .convolution(let convolution) where convolution.isDepthwise:
                return DepthwiseLayer(convolution, input: inputs[0], output: output)
            case .convolution(let convolution): return ConvolutionLayer(convolution, input: inputs[0], output: output)
            case .transposedConvolution(let convolution): return TransposedConvolutionLayer(convolution, input: inputs[0], output: output)
            case .activation(let function): return ActivationLayer(function: function)
            case .add: return AddLayer()
            case .scaleChannels: return ScaleChannelsLayer(channels: output.channels, pixels: output.height * output.width)
            case .globalAverage: return GlobalAverageLayer(channels: output.channels, pixels: inputs[0].height * inputs[0].width)
            case .resize(let resize): return ResizeLayer(resize, input: inputs[0])
            case .concatenate: return ConcatenateLayer(counts: inputs.map(\.elements))
            case .maximumPool(let pool): return MaximumPoolLayer(pool, input: inputs[0], output: output)
            }
        }
        var isRead = [Bool](repeating: false, count: graph.tensors.count)
        for map in [graph.probability, graph.threshold].compactMap({ $0 }) { isRead[map] = true }
        var lastReads: [[Graph.TensorID]] = []
        for node in graph.nodes.reversed() {
            let last = Set(node.inputs).filter { !isRead[$0] }
            for tensor in last { isRead[tensor] = true }
            lastReads.append(Array(last))
        }
        self.lastReads = lastReads.reversed()
    }

    /// Computes the maps of one picture.
    ///
    /// - Parameters:
    ///   - input: 3 x height x width, one plane after another, already normalised (mean and standard deviation).
    ///   - observe: called with every node's index in `graph.nodes` and its output as soon as that is there, channel by channel, row by row;
    ///     the buffer is valid during the call only.
    public func run(_ input: [Float], observe: (_ node: Int, _ output: UnsafeBufferPointer<Float>) -> Void = { _, _ in }) -> Maps {
        let inputShape = graph.tensors[graph.input]
        precondition(input.count == inputShape.elements, "the input must be 3 x \(inputShape.height) x \(inputShape.width) floats")
        let memory = FloatMemory()
        var tensors = [FloatMemory.Block?](repeating: nil, count: graph.tensors.count)
        let picture = memory.take(input.count)
        input.withUnsafeBufferPointer { picture.update(from: $0) }
        tensors[graph.input] = picture

        for (index, node) in graph.nodes.enumerated() {
            let output = memory.take(graph.tensors[node.output].elements)
            layers[index].run(node.inputs.compactMap { tensors[$0] }, output, memory)
            tensors[node.output] = output
            observe(index, UnsafeBufferPointer(start: output.start, count: output.count))
            for tensor in lastReads[index] {
                if let block = tensors[tensor] { memory.give(block) }
                tensors[tensor] = nil
            }
        }
        return Maps(
            probabilityLogits: tensors[graph.probability].map(Array.init) ?? [],
            thresholdLogits: graph.threshold.map { tensors[$0].map(Array.init) ?? [] })
    }
}

/// One node, ready to run.
protocol FloatLayer: Sendable {
    func run(_ inputs: [FloatMemory.Block], _ output: FloatMemory.Block, _ memory: FloatMemory)
}

extension Graph.Tensor {
    var elements: Int { channels * height * width }
}
