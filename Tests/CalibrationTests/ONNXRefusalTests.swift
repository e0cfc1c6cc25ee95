import Calibration
import Foundation
import Testing

/// What cannot be imported is refused in one sentence that names the node.
@Suite struct ONNXRefusalTests {
    private func message(of builder: ONNXBuilder, height: Int = 32, width: Int = 32) -> String {
        do {
            _ = try builder.imported(height: height, width: width)
            return "imported"
        } catch {
            return "\(error)"
        }
    }

    private func message(bodyChannels: Int = 2, _ body: (inout ONNXBuilder, String) -> String) -> String {
        message(of: .detector(bodyChannels: bodyChannels, body))
    }

    @Test func unknownOperator() {
        let message = message { $0.node("LSTM", [$1]) }
        #expect(message.hasPrefix("node 'LSTM_4': the operator LSTM is not supported; the supported ones are Add, BatchNormalization, "))
        #expect(message.hasSuffix("Unsqueeze, Upsample"))
    }

    @Test func customDomain() {
        let message = message { $0.node("Relu", [$1], domain: "my.company") }
        #expect(message.hasPrefix("node 'Relu_4': the operator my.company.Relu is not supported"))
    }

    @Test(arguments: [("DeformConv", ""), ("MMCVModulatedDeformConv2d", "mmcv"), ("DCNv2", "custom")])
    func deformableConvolution(_ name: String, _ domain: String) {
        let message = message { $0.node(name, [$1], domain: domain) }
        #expect(
            message.hasPrefix("node '\(name)_4' (\(domain.isEmpty ? "" : domain + ".")\(name)): deformable convolution cannot be imported"))
        #expect(message.contains("sampling positions depend on the data"))
    }

    @Test func groups() {
        let message = message(bodyChannels: 4) { builder, x in
            builder.node(
                "Conv", [builder.convolution(x, 2, 4), builder.constant([4, 2, 1, 1], .init(repeating: 1, count: 8))],
                [.integer("group", 2)])
        }
        #expect(
            message == "node 'Conv_8' (Conv): 2 groups over 4 channels to 4 are not supported: "
                + "1 group, or one group and one output for each channel (depthwise)")
    }

    @Test func dilation() {
        let message = message { $0.convolution($1, 2, 2, kernel: 3, [.integers("dilations", [2, 2]), .integers("pads", [2, 2, 2, 2])]) }
        #expect(message == "node 'Conv_6' (Conv): dilations [2, 2] are not supported, only 1")
    }

    @Test(arguments: [
        ONNXAttribute.integers("strides", [1, 1]), .integers("pads", [0, 0, 1, 1]), .integers("output_padding", [1, 1]),
        .integer("group", 2), .integers("dilations", [2, 2]), .integers("output_shape", [64, 64]),
    ])
    func otherTransposedConvolutions(_ attribute: ONNXAttribute) {
        let message = message { builder, x in
            var attributes = [ONNXAttribute.integers("strides", [2, 2])]
            attributes.removeAll { $0.name == attribute.name }
            return builder.node("ConvTranspose", [x, builder.constant([2, 2, 2, 2], Noise.floats(16, seed: 2))], attributes + [attribute])
        }
        #expect(
            message == "node 'ConvTranspose_5' (ConvTranspose): only a 2x2 kernel with stride 2, no padding, no dilation and 1 group "
                + "is supported for this operator")
    }

    @Test(arguments: [(650, 640), (640, 100), (0, 32), (-32, 32), (1 << 40, 1 << 40), (32, .max - 31)])
    func inputSize(_ height: Int, _ width: Int) {
        #expect(throws: ImportError.inputSize(height: height, width: width)) {
            try ONNXBuilder.detector { $1 }.imported(height: height, width: width)
        }
    }

    @Test func inputSizeSaysWhatIsRight() {
        #expect(
            ImportError.inputSize(height: 650, width: 640).description
                == "an input of 640x650 pixels is not possible: width and height must be positive multiples of 32, "
                + "and width x height at most 268435456")
    }

    @Test func missingTensor() {
        #expect(
            message { $0.node("Relu", ["\($1) misspelled"]) }
                == "tensor 'Conv_3/output misspelled': node 'Relu_4' reads it, but no node before it makes it")
    }

    @Test func cycle() {
        var builder = ONNXBuilder.detector { builder, x in builder.node("Relu", [builder.node("Relu", [x])]) }
        builder.model.graph.node[1].input = ["Relu_5/output"]
        #expect(message(of: builder) == "tensor 'Relu_5/output': node 'Relu_4' reads it, but no node before it makes it")
    }

    @Test func identityCycleAtTheOutput() {
        var builder = ONNXBuilder.detector { $1 }
        builder.output("a")
        builder.model.graph.output.removeFirst()
        for (input, output) in [("b", "a"), ("a", "b")] {
            _ = builder.node("Identity", [input])
            builder.model.graph.node[builder.model.graph.node.count - 1].output = [output]
        }
        #expect(message(of: builder) == "tensor 'a': no node makes this output of the model")
    }

    @Test func externalData() {
        var builder = ONNXBuilder.detector { $1 }
        builder.model.graph.initializer[0].dataLocation = .external
        #expect(message(of: builder) == "tensor 'constant_1': its numbers are in a separate file; save the model as one file")
    }

    @Test func wrongCount() {
        var builder = ONNXBuilder.detector { $1 }
        builder.model.graph.initializer[0].floatData.removeLast()
        #expect(message(of: builder) == "tensor 'constant_1': its shape [2, 3, 1, 1] asks for 6 numbers, but there are 5")
    }

    @Test(arguments: [[Int64.max, 3, 1, 1], [1 << 32, 1 << 32, 1, 1], [-2, 3, 1, 1]])
    func impossibleShape(_ shape: [Int64]) {
        var builder = ONNXBuilder.detector { $1 }
        builder.model.graph.initializer[0].dims = shape
        #expect(message(of: builder) == "tensor 'constant_1': its shape \(shape) is not a possible one")
    }

    @Test func wrongAttributeType() {
        let message = message { $0.convolution($1, 2, 2, kernel: 3, [.float("pads", 1)]) }
        #expect(message == "node 'Conv_6' (Conv): attribute 'pads' has type float, where ints was expected")
    }

    @Test(arguments: [[-1, 0, 0, 0], [.max, .max, .max, .max], [1, 1]])
    func impossiblePadding(_ pads: [Int]) {
        let message = message { $0.convolution($1, 2, 2, kernel: 3, [.integers("pads", pads)]) }
        #expect(message == "node 'Conv_6' (Conv): pads \(pads) are not four sizes of 0 or more")
    }

    @Test func hugePadding() {
        let attributes: [ONNXAttribute] = [.integers("pads", [1 << 27, 0, 0, 0]), .integers("strides", [1 << 22, 1 << 22])]
        let message = message { $0.convolution($1, 2, 2, kernel: 3, attributes) }
        #expect(message == "node 'Conv_6' (Conv): its input, padded to 2x134217760x32, is larger than 268435456 elements")
    }

    @Test func largeKernel() {
        let message = message { $0.convolution($1, 2, 2, kernel: 33) }
        #expect(message == "node 'Conv_6' (Conv): a kernel of 33x33 does not fit into 32x32 pixels")
    }

    @Test func hugeResize() {
        let message = message { builder, x in
            builder.node("Upsample", [x, builder.constant([4], [1, 1, 1_048_576, 1_048_576])])
        }
        #expect(message == "node 'Upsample_5' (Upsample): its output of 2x33554432x33554432 is larger than 268435456 elements")
    }

    @Test func doublingWithoutEnd() {
        let message = message { builder, x in
            (0..<60).reduce(x) { x, _ in builder.node("Concat", [x, x], [.integer("axis", 1)]) }
        }
        #expect(message == "node 'Concat_21' (Concat): its output of 524288x32x32 is larger than 268435456 elements")
    }

    @Test func numbersThatAreNone() {
        var builder = ONNXBuilder.detector { $1 }
        builder.model.graph.initializer[0].floatData[0] = .nan
        #expect(
            message(of: builder) == "the model cannot be imported: the weights of node 'Conv_3' hold infinities or what is not a number: "
                + "the training diverged, or the file is damaged")
    }

    @Test func smallMap() {
        let message = message { $0.node("MaxPool", [$1], [.integers("kernel_shape", [2, 2]), .integers("strides", [2, 2])]) }
        #expect(message == "tensor 'Conv_7/output': the map before the last Sigmoid must be 1x32x32, as the picture, but is 1x16x16")
    }

    @Test func sumsAndProductsOfOtherShapes() {
        let sum = message { $0.node("Add", [$1, $0.node("GlobalAveragePool", [$1])]) }
        #expect(sum == "node 'Add_5' (Add): a sum of 2x32x32 and 2x1x1 is not supported, only of equal shapes")
        let product = message { $0.node("Mul", [$1, $0.node("Relu", [$1])]) }
        #expect(product.hasPrefix("node 'Mul_5' (Mul): a product of 2x32x32 and 2x32x32 is not supported: one factor must be "))
        let row = message { $0.node("Add", [$1, $0.constant([1, 1, 1, 32], Noise.floats(32, seed: 3))]) }
        #expect(
            row == "node 'Add_5' (Add): a constant of shape [1, 1, 1, 32] is neither one number nor one for each of the 2 channels (2x1x1)")
    }
}
