import Calibration
import Dispatch
import Synchronization
import Testing

/// The float reference as a whole: what is observed, what stays in memory, what several threads get.
@Suite struct ReferenceNetworkTests {
    /// Features that are read again long after they were made, beside others that are given back at once.
    private static func network() throws -> Graph {
        try ONNXBuilder.detector(bodyChannels: 6) { builder, x in
            let early = builder.node("Relu", [x])
            var late = early
            for _ in 0..<4 {
                late = builder.node("HardSwish", [builder.convolution(late, 2, 2, kernel: 3, [.integers("pads", [1, 1, 1, 1])])])
            }
            let sum = builder.node("Add", [early, late])
            return builder.node("Concat", [early, sum, x], [.integer("axis", 1)])
        }.imported()
    }

    private static let input = Noise.floats(3 * 32 * 32, seed: 3)

    /// Each node alone, on the outputs that were observed for its inputs.
    @Test func everyNodeReadsWhatWasMadeForIt() throws {
        let graph = try Self.network()
        let outputs = graph.outputs(Self.input)
        #expect(outputs.count == graph.nodes.count)
        var values = [Graph.TensorID: [Float]]()
        values[graph.input] = Self.input
        for (node, output) in zip(graph.nodes, outputs) {
            let shapes = node.inputs.map { graph.tensors[$0] }
            let inputs = node.inputs.compactMap { values[$0] }
            switch node.operation {
            case .add: #expect(output == zip(inputs[0], inputs[1]).map { $0 + $1 })
            case .concatenate: #expect(output == inputs.flatMap { $0 })
            default:
                let alone = Graph(
                    tensors: [shapes[0], graph.tensors[node.output]],
                    nodes: [Graph.Node(name: "", operation: node.operation, inputs: [0], output: 1)], input: 0, probability: 1,
                    threshold: nil)
                #expect(output == FloatNetwork(alone).run(inputs[0]).probabilityLogits)
            }
            values[node.output] = output
        }
        #expect(FloatNetwork(graph).run(Self.input).probabilityLogits == values[graph.probability])
    }

    /// A map that later nodes read is still there at the end.
    @Test func mapsOutliveTheirReaders() {
        let tensor = Graph.Tensor(name: "", channels: 1, height: 4, width: 8)
        let nodes = (0..<4).map { index in
            Graph.Node(
                name: "", operation: .activation(ScalarFunction([.affine(scale: 1, offset: 1)])), inputs: [index], output: index + 1)
        }
        let graph = Graph(tensors: .init(repeating: tensor, count: 5), nodes: nodes, input: 0, probability: 1, threshold: 4)
        let maps = FloatNetwork(graph).run(.init(repeating: 0, count: 32))
        #expect(maps.probabilityLogits == .init(repeating: 1, count: 32))
        #expect(maps.thresholdLogits == .init(repeating: 4, count: 32))
    }

    @Test func observingChangesNothing() throws {
        let network = FloatNetwork(try Self.network())
        var nodes: [Int] = []
        let observed = network.run(Self.input) { node, output in
            nodes.append(node)
            #expect(output.count == network.graph.tensors[network.graph.nodes[node].output].channels * 32 * 32)
        }
        #expect(nodes == Array(network.graph.nodes.indices))
        #expect(observed.probabilityLogits == network.run(Self.input).probabilityLogits)
    }

    @Test func threadsShareANetwork() throws {
        let network = FloatNetwork(try Self.network())
        let inputs = (0..<8).map { Noise.floats(3 * 32 * 32, seed: UInt64($0)) }
        let expected = inputs.map { network.run($0).probabilityLogits }
        #expect(Set(expected).count == inputs.count)
        let mismatches = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: 64) { iteration in
            let result = network.run(inputs[iteration % inputs.count]).probabilityLogits
            if result != expected[iteration % inputs.count] { mismatches.withLock { $0 += 1 } }
        }
        #expect(mismatches.withLock { $0 } == 0)
    }

    @Test func probabilitiesAreSigmoidsOfLogits() {
        let maps = FloatNetwork.Maps(probabilityLogits: [0, 100, -100, -0.8473], thresholdLogits: nil)
        #expect(zip(maps.probability, [0.5, 1, 0, 0.3] as [Float]).allSatisfy { abs($0 - $1) < 1e-5 })
        #expect(maps.threshold == nil)
    }
}
