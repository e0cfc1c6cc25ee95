import Calibration
import Testing

/// Layers keep their geometry, and what can be folded is folded with the right numbers.
@Suite struct ONNXLayerTests {
    static let input = Noise.floats(3 * 32 * 32, seed: 1)

    /// The largest difference of two networks' logits.
    private func difference(_ first: Graph, _ second: Graph) -> Float {
        let (a, b) = (FloatNetwork(first).run(Self.input), FloatNetwork(second).run(Self.input))
        return zip(a.probabilityLogits, b.probabilityLogits).map { abs($0 - $1) }.max() ?? .infinity
    }

    /// scale * (x - mean) / sqrt(variance + epsilon) + offset, for two channels.
    private static let scales: [Float] = [1.5, -0.5]
    private static let offsets: [Float] = [0.25, 2]
    private static let means: [Float] = [-0.5, 3]
    private static let variances: [Float] = [0.3, 4]

    private static func batchNormalization(_ builder: inout ONNXBuilder, _ x: String) -> String {
        let parameters = [scales, offsets, means, variances].map { builder.constant([2], $0) }
        return builder.node("BatchNormalization", [x] + parameters, [.float("epsilon", 0.01)])
    }

    /// What a network computes at a node for `ONNXLayerTests.input`, normalised by hand.
    private func normalized(_ features: [Float]) -> [Float] {
        let pixels = features.count / 2
        return features.enumerated().map { index, value in
            let channel = index / pixels
            let centred = (value - Self.means[channel]) / (Self.variances[channel] + 0.01).squareRoot()
            return centred * Self.scales[channel] + Self.offsets[channel]
        }
    }

    @Test func batchNormGoesIntoTheConvolution() throws {
        let plain = try ONNXBuilder.detector { $1 }.imported()
        let graph = try ONNXBuilder.detector { Self.batchNormalization(&$0, $1) }.imported()
        #expect(graph.nodes.count == plain.nodes.count)
        let expected = normalized(plain.outputs(Self.input)[0])
        #expect(zip(graph.outputs(Self.input)[0], expected).allSatisfy { abs($0 - $1) < 1e-5 })
    }

    @Test func batchNormWithoutAConvolutionBeforeStays() throws {
        let plain = try ONNXBuilder.detector { $0.node("Relu", [$1]) }.imported()
        let graph = try ONNXBuilder.detector { Self.batchNormalization(&$0, $0.node("Relu", [$1])) }.imported()
        #expect(graph.nodes.count == plain.nodes.count + 1)
        #expect(graph.convolutions[1].isDepthwise)
        let expected = normalized(plain.outputs(Self.input)[1])
        #expect(zip(graph.outputs(Self.input)[2], expected).allSatisfy { abs($0 - $1) < 1e-5 })
    }

    /// PaddleOCR's head: a transposed convolution, its bias as an Add, batch norm.
    @Test func biasAndBatchNormGoIntoTheTransposedConvolution() throws {
        func head(_ follow: (inout ONNXBuilder, String) -> String) throws -> Graph {
            try ONNXBuilder.detector { builder, x in
                let small = builder.node("MaxPool", [x], [.integers("kernel_shape", [2, 2]), .integers("strides", [2, 2])])
                let weights = builder.constant([2, 2, 2, 2], Noise.floats(16, seed: 5))
                let large = builder.node("ConvTranspose", [small, weights], [.integers("strides", [2, 2])])
                return follow(&builder, large)
            }.imported()
        }
        let plain = try head { $1 }
        let graph = try head { Self.batchNormalization(&$0, $0.node("Add", [$1, $0.constant([1, 2, 1, 1], [0.5, -2])])) }
        #expect(graph.nodes.count == plain.nodes.count)
        let bare = plain.outputs(Self.input)[2]
        let biased = bare.enumerated().map { $1 + ($0 < bare.count / 2 ? 0.5 : -2) }
        #expect(zip(graph.outputs(Self.input)[2], normalized(biased)).allSatisfy { abs($0 - $1) < 1e-5 })
    }

    @Test(arguments: [
        ("SAME_UPPER", 2, 1, Padding(top: 0, left: 0, bottom: 1, right: 1)), ("SAME_LOWER", 2, 1, Padding(top: 1, left: 1)),
        ("SAME_UPPER", 3, 1, Padding(top: 1, left: 1, bottom: 1, right: 1)), ("SAME_UPPER", 3, 2, Padding(bottom: 1, right: 1)),
        ("SAME_LOWER", 3, 2, Padding(top: 1, left: 1)), ("SAME_UPPER", 1, 2, Padding()), ("VALID", 1, 1, Padding()),
    ])
    func automaticPadding(_ name: String, _ kernel: Int, _ stride: Int, _ padding: Padding) throws {
        let builder = ONNXBuilder.detector(bodyChannels: 3) { builder, x in
            let reduced = builder.convolution(
                x, 2, 3, kernel: kernel, [.string("auto_pad", name), .integers("strides", [stride, stride])])
            return builder.node("Upsample", [reduced, builder.constant([4], [1, 1, Float(stride), Float(stride)])])
        }
        let graph = try builder.imported()
        #expect(graph.convolutions[1].padding == padding)
        #expect(graph.tensors[graph.nodes[1].output].height == 32 / stride)
    }

    @Test func explicitPaddingIsTopLeftBottomRight() throws {
        let builder = ONNXBuilder.detector(bodyChannels: 3) { builder, x in
            builder.convolution(x, 2, 3, kernel: 4, [.integers("pads", [1, 3, 2, 0])])
        }
        #expect(try builder.imported().convolutions[1].padding == Padding(top: 1, left: 3, bottom: 2, right: 0))
    }

    @Test func poolingKeepsItsWindow() throws {
        let builder = ONNXBuilder.detector { builder, x in
            let attributes: [ONNXAttribute] = [.integers("kernel_shape", [3, 3]), .integers("pads", [1, 1, 1, 1])]
            return builder.node("MaxPool", [x], attributes)
        }
        guard case .maximumPool(let pool) = try builder.imported().nodes[1].operation else {
            Issue.record("no maximum pool")
            return
        }
        #expect((pool.kernelHeight, pool.kernelWidth, pool.stride) == (3, 3, 1))
        #expect(pool.padding == Padding(top: 1, left: 1, bottom: 1, right: 1))
    }

    @Test(arguments: ["GlobalAveragePool", "ReduceMean", "ReduceMean with axes as input"])
    func squeezeAndExcitation(_ mean: String) throws {
        let builder = ONNXBuilder.detector(opset: 18) { builder, x in
            let squeezed =
                switch mean {
                case "GlobalAveragePool": builder.node("GlobalAveragePool", [x])
                case "ReduceMean": builder.node("ReduceMean", [x], [.integers("axes", [2, 3])])
                default: builder.node("ReduceMean", [x, builder.integers([-2, -1])])
                }
            let bare = builder.node("Conv", [squeezed, builder.constant([2, 2, 1, 1], [1, 2, 3, 4])])
            let bias = builder.node("Reshape", [builder.constant([2], [0.5, -0.5]), builder.integers([1, 2, 1, 1])])
            let gate = builder.node("HardSigmoid", [builder.node("Add", [bias, bare])])
            return builder.node("Mul", [gate, x])
        }
        let graph = try builder.imported()
        #expect(graph.nodes.count == 6)
        guard case .scaleChannels = graph.nodes[4].operation, case .globalAverage = graph.nodes[1].operation else {
            Issue.record("no gate")
            return
        }
        #expect(graph.nodes[4].inputs == [graph.nodes[0].output, graph.nodes[3].output])
        #expect(graph.convolutions[1].bias == [0.5, -0.5])
    }

    @Test func concatenationJoinsChannels() throws {
        let graph = try ONNXBuilder.detector(bodyChannels: 5) { builder, x in
            builder.node("Concat", [x, builder.convolution(x, 2, 3)], [.integer("axis", -3)])
        }.imported()
        #expect(graph.tensors[graph.nodes[2].output].channels == 5)
        #expect(graph.nodes[2].inputs == [graph.nodes[0].output, graph.nodes[1].output])
    }
}
