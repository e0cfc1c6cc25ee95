import Calibration
import Testing

/// The maps are found in every way that a DBNet ends.
@Suite struct ONNXHeadTests {
    /// A model with two heads over shared features; `end` gets the two logits and makes the outputs.
    private func model(_ end: (inout ONNXBuilder, _ probability: String, _ threshold: String) -> [String]) throws -> Graph {
        var builder = ONNXBuilder()
        let features = builder.convolution("x", 3, 2)
        let probability = builder.convolution(features, 2, 1)
        let threshold = builder.convolution(features, 2, 1)
        for output in end(&builder, probability, threshold) { builder.output(output) }
        return try builder.imported()
    }

    /// "Conv_6/output" is the probability head, "Conv_9/output" the threshold head.
    private func expectHeads(_ graph: Graph) {
        #expect(graph.tensors[graph.probability].name == "Conv_6/output")
        #expect(graph.threshold.map { graph.tensors[$0].name } == "Conv_9/output")
        #expect(graph.nodes.count == 3)
    }

    /// 1 / (1 + exp(-50 (first - second)))
    private static func step(_ builder: inout ONNXBuilder, _ first: String, _ second: String, factor: Float = -50) -> String {
        let difference = builder.node("Mul", [builder.node("Sub", [first, second]), builder.constant([1], [factor])])
        return builder.node("Reciprocal", [builder.node("Add", [builder.node("Exp", [difference]), builder.constant([1], [1])])])
    }

    @Test func probabilityThresholdBinary() throws {
        expectHeads(
            try model { builder, p, t in
                let maps = [builder.node("Sigmoid", [p]), builder.node("Sigmoid", [t])]
                return [builder.node("Concat", maps + [Self.step(&builder, maps[0], maps[1])], [.integer("axis", 1)])]
            })
    }

    @Test func theStepFunctionTellsWhichIsWhich() throws {
        expectHeads(
            try model { builder, p, t in
                let maps = [builder.node("Sigmoid", [t]), builder.node("Sigmoid", [p])]
                return [builder.node("Concat", maps + [Self.step(&builder, maps[1], maps[0])], [.integer("axis", 1)])]
            })
        expectHeads(
            try model { builder, p, t in
                let maps = [builder.node("Sigmoid", [t]), builder.node("Sigmoid", [p])]
                return [builder.node("Concat", maps + [Self.step(&builder, maps[0], maps[1], factor: 50)], [.integer("axis", 1)])]
            })
    }

    @Test func stepFunctionAsSigmoid() throws {
        expectHeads(
            try model { builder, p, t in
                let maps = [builder.node("Sigmoid", [t]), builder.node("Sigmoid", [p])]
                let step = builder.node("Sigmoid", [builder.node("Mul", [builder.scalar(50), builder.node("Sub", [maps[1], maps[0]])])])
                return [builder.node("Concat", maps + [step], [.integer("axis", 1)])]
            })
    }

    @Test func twoOutputs() throws {
        expectHeads(try model { builder, p, t in [builder.node("Sigmoid", [p]), builder.node("Sigmoid", [t])] })
    }

    @Test func aloneBehindIdentity() throws {
        let graph = try model { builder, p, _ in [builder.node("Identity", [builder.node("Sigmoid", [p])])] }
        #expect(graph.tensors[graph.probability].name == "Conv_6/output")
        #expect(graph.threshold == nil)
        #expect(graph.nodes.count == 2)
    }

    @Test func logitsAsOutputAreRefused() {
        #expect {
            try model { _, p, _ in [p] }
        } throws: { error in
            "\(error)".hasPrefix("node 'Conv_6' (Conv): the output 'Conv_6/output' must be the probability map after a Sigmoid")
        }
    }

    @Test func aBinaryMapOfOtherMapsIsRefused() {
        #expect(
            throws: ImportError.tensor(
                name: "Reciprocal_19/output", problem: "the binary map must come from the probability map and the threshold map beside it")
        ) {
            try model { builder, p, t in
                let maps = [builder.node("Sigmoid", [p]), builder.node("Sigmoid", [t])]
                let other = builder.node("Sigmoid", ["x"])
                return [builder.node("Concat", maps + [Self.step(&builder, maps[0], other)], [.integer("axis", 1)])]
            }
        }
    }
}
