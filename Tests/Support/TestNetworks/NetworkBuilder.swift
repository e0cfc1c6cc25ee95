import Calibration

/// The same numbers for the same seed on every machine (SplitMix64; Steele, Lea and Flood 2014).
package struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    package init(_ seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Builds small float networks layer by layer, with drawn weights that keep the size of activations.
package struct NetworkBuilder {
    package typealias Tensor = Graph.TensorID

    private var graph: Graph
    private var numbers: SeededNumbers

    package init(width: Int, height: Int, seed: UInt64) {
        let input = Graph.Tensor(name: "input", channels: 3, height: height, width: width)
        graph = Graph(tensors: [input], nodes: [], input: 0, probability: 0, threshold: nil)
        numbers = SeededNumbers(seed)
    }

    package var input: Tensor { graph.input }

    package func shape(of tensor: Tensor) -> Graph.Tensor { graph.tensors[tensor] }

    // MARK: Layers

    /// A convolution, padded so that stride 1 keeps the size unless `padding` says otherwise, and what follows it.
    package mutating func convolution(
        _ input: Tensor, channels: Int, kernel: Int = 1, stride: Int = 1, padding: Padding? = nil, _ chain: ScalarFunction.Elementary...
    ) -> Tensor {
        let same = Padding(top: (kernel - 1) / 2, left: (kernel - 1) / 2, bottom: (kernel - 1) / 2, right: (kernel - 1) / 2)
        return convolution(input, channels: channels, kernel: kernel, stride: stride, padding: padding ?? same, groups: 1, chain)
    }

    package mutating func depthwise(_ input: Tensor, kernel: Int, stride: Int = 1, _ chain: ScalarFunction.Elementary...) -> Tensor {
        let side = (kernel - 1) / 2
        let channels = graph.tensors[input].channels
        return convolution(
            input, channels: channels, kernel: kernel, stride: stride, padding: Padding(top: side, left: side, bottom: side, right: side),
            groups: channels, chain)
    }

    private mutating func convolution(
        _ input: Tensor, channels: Int, kernel: Int, stride: Int, padding: Padding, groups: Int, _ chain: [ScalarFunction.Elementary]
    ) -> Tensor {
        let from = graph.tensors[input]
        let fanIn = from.channels / groups * kernel * kernel
        let convolution = Convolution(
            weights: weights(channels * fanIn, fanIn: fanIn), bias: biases(channels), inputChannels: from.channels,
            outputChannels: channels,
            kernelHeight: kernel, kernelWidth: kernel, stride: stride, padding: padding, groups: groups)
        let output = append(
            .convolution(convolution), [input], channels, (from.height + padding.top + padding.bottom - kernel) / stride + 1,
            (from.width + padding.left + padding.right - kernel) / stride + 1)
        return chain.isEmpty ? output : activation(output, chain)
    }

    /// A 2x2 transposed convolution of stride 2.
    package mutating func transposed(_ input: Tensor, channels: Int, _ chain: ScalarFunction.Elementary...) -> Tensor {
        let from = graph.tensors[input]
        let convolution = Convolution(
            weights: weights(4 * from.channels * channels, fanIn: from.channels), bias: biases(channels), inputChannels: from.channels,
            outputChannels: channels, kernelHeight: 2, kernelWidth: 2, stride: 2, padding: Padding(), groups: 1)
        let output = append(.transposedConvolution(convolution), [input], channels, 2 * from.height, 2 * from.width)
        return chain.isEmpty ? output : activation(output, chain)
    }

    package mutating func activation(_ input: Tensor, _ chain: [ScalarFunction.Elementary]) -> Tensor {
        let from = graph.tensors[input]
        return append(.activation(ScalarFunction(chain)), [input], from.channels, from.height, from.width)
    }

    package mutating func add(_ first: Tensor, _ second: Tensor) -> Tensor {
        let from = graph.tensors[first]
        return append(.add, [first, second], from.channels, from.height, from.width)
    }

    package mutating func enlarged(_ input: Tensor, by factor: Int, _ mode: Resize.Mode = .nearest) -> Tensor {
        let from = graph.tensors[input]
        return append(.resize(Resize(mode: mode, factor: factor)), [input], from.channels, factor * from.height, factor * from.width)
    }

    package mutating func concatenated(_ inputs: [Tensor]) -> Tensor {
        let from = graph.tensors[inputs[0]]
        return append(.concatenate, inputs, inputs.map { graph.tensors[$0].channels }.reduce(0, +), from.height, from.width)
    }

    package mutating func maximum(_ input: Tensor, kernel: Int, stride: Int, padding: Padding) -> Tensor {
        let from = graph.tensors[input]
        let pool = MaximumPool(kernelHeight: kernel, kernelWidth: kernel, stride: stride, padding: padding)
        return append(
            .maximumPool(pool), [input], from.channels, (from.height + padding.top + padding.bottom - kernel) / stride + 1,
            (from.width + padding.left + padding.right - kernel) / stride + 1)
    }

    /// Squeeze-and-excitation (Hu et al. 2018); with `addsInput`, the residual form of PP-OCR's neck.
    package mutating func scaledByGate(_ input: Tensor, hidden: Int, addsInput: Bool) -> Tensor {
        let from = graph.tensors[input]
        let mean = append(.globalAverage, [input], from.channels, 1, 1)
        let squeezed = convolution(mean, channels: hidden, .relu)
        let gate = convolution(squeezed, channels: from.channels, .hardSigmoid(alpha: 0.2, beta: 0.5))
        let scaled = append(.scaleChannels, [input, gate], from.channels, from.height, from.width)
        return addsInput ? add(input, scaled) : scaled
    }

    /// The finished network; the maps have one channel and the input's size.
    package func graph(probability: Tensor, threshold: Tensor? = nil) -> Graph {
        var result = graph
        result.probability = probability
        result.threshold = threshold
        return result
    }

    // MARK: Numbers

    private mutating func append(_ operation: Operation, _ inputs: [Tensor], _ channels: Int, _ height: Int, _ width: Int) -> Tensor {
        let output = graph.tensors.count
        graph.tensors.append(Graph.Tensor(name: "tensor \(output)", channels: channels, height: height, width: width))
        graph.nodes.append(Graph.Node(name: "node \(graph.nodes.count)", operation: operation, inputs: inputs, output: output))
        return output
    }

    private mutating func weights(_ count: Int, fanIn: Int) -> [Float] {
        let bound = (4 / Float(fanIn)).squareRoot()
        return (0..<count).map { _ in Float.random(in: -bound...bound, using: &numbers) }
    }

    private mutating func biases(_ count: Int) -> [Float] {
        (0..<count).map { _ in Float.random(in: -0.3...0.3, using: &numbers) }
    }
}
