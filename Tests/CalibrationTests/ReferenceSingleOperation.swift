import Calibration
import Testing

/// One operation of the float reference by itself.
enum SingleOperation {
    /// Runs one operation over inputs of the given shapes (channels, height, width), whose numbers are made here.
    static func run(_ operation: Operation, _ shapes: [[Int]], output: [Int]) -> (inputs: [[Float]], output: [Float]) {
        let inputs = shapes.enumerated().map { Noise.floats($1.reduce(1, *), seed: UInt64($0 + 7), in: -4..<4) }
        // One input tensor holds them all; a 1x1 convolution cuts each out of it.
        let pixels = shapes.map { $0[1] * $0[2] }
        var tensors: [Graph.Tensor] = []
        func tensor(_ shape: [Int]) -> Graph.Tensor { Graph.Tensor(name: "", channels: shape[0], height: shape[1], width: shape[2]) }
        precondition(shapes.count == 1 || Set(pixels).count == 1)
        if shapes.count == 1 {
            tensors = [tensor(shapes[0]), tensor(output)]
            let node = Graph.Node(name: "", operation: operation, inputs: [0], output: 1)
            let graph = Graph(tensors: tensors, nodes: [node], input: 0, probability: 1, threshold: nil)
            return (inputs, FloatNetwork(graph).run(inputs[0]).probabilityLogits)
        }
        let allChannels = shapes.map { $0[0] }.reduce(0, +)
        tensors = [tensor([allChannels, shapes[0][1], shapes[0][2]])]
        var nodes: [Graph.Node] = []
        var first = 0
        for shape in shapes {
            var weights = [Float](repeating: 0, count: shape[0] * allChannels)
            for channel in 0..<shape[0] { weights[channel * allChannels + first + channel] = 1 }
            first += shape[0]
            let cut = Convolution(
                weights: weights, bias: .init(repeating: 0, count: shape[0]), inputChannels: allChannels, outputChannels: shape[0],
                kernelHeight: 1, kernelWidth: 1, stride: 1, padding: Padding(), groups: 1)
            tensors.append(tensor(shape))
            nodes.append(Graph.Node(name: "", operation: .convolution(cut), inputs: [0], output: tensors.count - 1))
        }
        tensors.append(tensor(output))
        nodes.append(Graph.Node(name: "", operation: operation, inputs: Array(1...shapes.count), output: tensors.count - 1))
        let graph = Graph(tensors: tensors, nodes: nodes, input: 0, probability: tensors.count - 1, threshold: nil)
        return (inputs, FloatNetwork(graph).run(inputs.flatMap { $0 }).probabilityLogits)
    }

    static func expectEqual(_ result: [Float], _ expected: [Double], tolerance: Double = 1e-6) {
        #expect(result.count == expected.count)
        let scale = expected.map { abs($0) }.max() ?? 0
        let worst = zip(result, expected).map { abs(Double($0) - $1) }.max() ?? .infinity
        #expect(worst <= tolerance * max(scale, 1))
    }

    /// The input at a place, `border` outside of it.
    static func value(_ input: [Float], _ channel: Int, _ y: Int, _ x: Int, _ size: [Int], border: Double) -> Double {
        (0..<size[0]).contains(y) && (0..<size[1]).contains(x) ? Double(input[(channel * size[0] + y) * size[1] + x]) : border
    }
}
