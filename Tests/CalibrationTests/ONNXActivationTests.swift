import Calibration
import Testing

/// Every spelling of an activation becomes the same one node.
@Suite struct ONNXActivationTests {
    struct Spelling: CustomTestStringConvertible {
        var testDescription: String
        var chain: [ScalarFunction.Elementary]
        var build: @Sendable (inout ONNXBuilder, String) -> String

        init(_ name: String, _ chain: [ScalarFunction.Elementary], _ build: @escaping @Sendable (inout ONNXBuilder, String) -> String) {
            testDescription = name
            self.chain = chain
            self.build = build
        }
    }

    /// Clip(x + 3, 0, 6), the middle of a hard-swish.
    @Sendable private static func clipped(_ builder: inout ONNXBuilder, _ x: String) -> String {
        let shifted = builder.node("Add", [x, builder.scalar(3)])
        return builder.node("Clip", [shifted, builder.scalar(0), builder.scalar(6)])
    }

    /// 1 + erf(x / sqrt 2)
    @Sendable private static func raisedErf(_ builder: inout ONNXBuilder, _ x: String) -> String {
        let erf = builder.node("Erf", [builder.node("Div", [x, builder.scalar(Float(2).squareRoot())])])
        return builder.node("Add", [builder.scalar(1), erf])
    }

    static let spellings = [
        Spelling("Relu", [.relu]) { $0.node("Relu", [$1]) },
        Spelling("Clip from 0 without end", [.relu]) { $0.node("Clip", [$1, $0.scalar(0), ""]) },
        Spelling("Clip with inputs", [.clip(low: 0, high: 6)]) { $0.node("Clip", [$1, $0.scalar(0), $0.scalar(6)]) },
        Spelling("Clip with attributes", [.clip(low: 0, high: 6)]) { $0.node("Clip", [$1], [.float("min", 0), .float("max", 6)]) },
        Spelling("Sigmoid", [.sigmoid]) { $0.node("Sigmoid", [$1]) },
        Spelling("HardSigmoid", [.hardSigmoid(alpha: 0.2, beta: 0.5)]) { $0.node("HardSigmoid", [$1]) },
        Spelling("HardSigmoid by Clip(x / 4 + 0.5)", [.hardSigmoid(alpha: 0.25, beta: 0.5)]) { builder, x in
            let scaled = builder.node("Add", [builder.node("Div", [x, builder.scalar(4)]), builder.scalar(0.5)])
            return builder.node("Clip", [scaled, builder.scalar(0), builder.scalar(1)])
        },
        Spelling("HardSigmoid by Clip(x + 2, 0, 4) / 4", [.hardSigmoid(alpha: 0.25, beta: 0.5)]) { builder, x in
            let shifted = builder.node("Add", [x, builder.scalar(2)])
            return builder.node("Div", [builder.node("Clip", [shifted, builder.scalar(0), builder.scalar(4)]), builder.scalar(4)])
        },
        Spelling("HardSwish", [.hardSwish]) { $0.node("HardSwish", [$1]) },
        Spelling("HardSwish by Add, Clip, Mul, Div", [.hardSwish]) { builder, x in
            builder.node("Div", [builder.node("Mul", [x, clipped(&builder, x)]), builder.scalar(6)])
        },
        Spelling("HardSwish by Add, Clip, Mul in the other order, Mul", [.hardSwish]) { builder, x in
            builder.node("Mul", [builder.scalar(1 / 6), builder.node("Mul", [clipped(&builder, x), x])])
        },
        Spelling("HardSwish with the division first", [.hardSwish]) { builder, x in
            builder.node("Mul", [x, builder.node("Div", [clipped(&builder, x), builder.scalar(6)])])
        },
        Spelling("HardSwish by HardSigmoid", [.hardSwish]) { builder, x in
            builder.node("Mul", [builder.node("HardSigmoid", [x], [.float("alpha", 1 / 6), .float("beta", 0.5)]), x])
        },
        Spelling("Gelu", [.gelu]) { $0.node("Gelu", [$1]) },
        Spelling("Gelu by Mul(x, 1 + erf), Mul 0.5", [.gelu]) { builder, x in
            builder.node("Mul", [builder.node("Mul", [x, raisedErf(&builder, x)]), builder.scalar(0.5)])
        },
        Spelling("Gelu by Mul 0.5 first", [.gelu]) { builder, x in
            builder.node("Mul", [builder.node("Mul", [x, builder.scalar(0.5)]), raisedErf(&builder, x)])
        },
        Spelling("Gelu by 0.5 on the gate", [.gelu]) { builder, x in
            builder.node("Mul", [builder.node("Mul", [raisedErf(&builder, x), builder.scalar(0.5)]), x])
        },
        Spelling("Neg", [.affine(scale: -1, offset: 0), .relu]) { $0.node("Relu", [$0.node("Neg", [$1])]) },
        Spelling("Sub from a constant", [.affine(scale: -1, offset: 2), .relu]) { $0.node("Relu", [$0.node("Sub", [$0.scalar(2), $1])]) },
        Spelling("learnable affine around a hard-swish", [.affine(scale: 2, offset: 0.5), .hardSwish, .affine(scale: 4, offset: -1)]) {
            builder, x in
            let before = builder.node("Add", [builder.node("Mul", [builder.scalar(2), x]), builder.constant([1], [0.5])])
            let swish = builder.node("Div", [builder.node("Mul", [before, clipped(&builder, before)]), builder.scalar(6)])
            return builder.node("Add", [builder.node("Mul", [swish, builder.scalar(4)]), builder.scalar(-1)])
        },
        Spelling(
            "x times a HardSigmoid of another slope",
            [.affine(scale: 3, offset: 0), .hardSwish, .affine(scale: 1 / 3, offset: 0)]
        ) { builder, x in
            builder.node("Mul", [x, builder.node("HardSigmoid", [x], [.float("alpha", 0.5), .float("beta", 0.5)])])
        },
    ]

    @Test(arguments: spellings)
    func becomesOneNode(_ spelling: Spelling) throws {
        // The maximum before it keeps affines from going into a convolution.
        let builder = ONNXBuilder.detector(opset: 20) { builder, x in
            let pooled = builder.node("MaxPool", [x], [.integers("kernel_shape", [1, 1])])
            return builder.node("MaxPool", [spelling.build(&builder, pooled)], [.integers("kernel_shape", [1, 1])])
        }
        #expect(try builder.imported().functions.map(\.chain) == [spelling.chain])
    }

    @Test func affinesGoIntoTheConvolutionBefore() throws {
        let plain = try ONNXBuilder.detector { $0.node("Relu", [$1]) }.imported()
        let scaled = try ONNXBuilder.detector { builder, x in
            let affine = builder.node("Add", [builder.node("Mul", [x, builder.scalar(0.5)]), builder.scalar(0.25)])
            return builder.node("Relu", [affine])
        }.imported()
        #expect(scaled.functions.map(\.chain) == [[.relu]])
        #expect(scaled.nodes.count == plain.nodes.count)
        #expect(scaled.convolutions[0].weights == plain.convolutions[0].weights.map { $0 * 0.5 })
        #expect(scaled.convolutions[0].bias == plain.convolutions[0].bias.map { $0 * 0.5 + 0.25 })
    }

    @Test func affinesStayWhereTheConvolutionHasAnotherReader() throws {
        let graph = try ONNXBuilder.detector { builder, x in
            builder.node("Add", [x, builder.node("Relu", [builder.node("Mul", [x, builder.scalar(0.5)])])])
        }.imported()
        #expect(graph.functions.map(\.chain) == [[.affine(scale: 0.5, offset: 0), .relu]])
    }

    /// x * g(x) with a g that is almost that of a hard-swish or GELU.
    @Test func otherGatesAreRefused() {
        let gates: [(inout ONNXBuilder, String) -> String] = [
            { $0.node("Add", [$0.scalar(2), $0.node("Erf", [$0.node("Div", [$1, $0.scalar(Float(2).squareRoot())])])]) },
            { $0.node("Add", [$0.scalar(1), $0.node("Erf", [$0.node("Add", [$1, $0.scalar(1)])])]) },
            { $0.node("HardSigmoid", [$1], [.float("alpha", 0.2), .float("beta", 0.4)]) },
            { $0.node("Add", [$0.scalar(1), $0.node("HardSigmoid", [$1])]) },
            { $0.node("Clip", [$1, $0.scalar(-1), $0.scalar(1)]) },
        ]
        for gate in gates {
            #expect {
                try ONNXBuilder.detector { $0.node("Mul", [$1, gate(&$0, $1)]) }.imported()
            } throws: { error in
                "\(error)".contains("a product of 2x32x32 and 2x32x32 is not supported")
            }
        }
    }

    @Test func erfAloneIsRefused() throws {
        let builder = ONNXBuilder.detector { $0.node("Erf", [$1]) }
        #expect(throws: ImportError.node(name: "Erf_4", operatorName: "Erf", problem: "it is supported only as part of a GELU")) {
            try builder.imported()
        }
    }
}
