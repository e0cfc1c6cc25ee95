import Calibration
import Foundation
import Testing

/// Weights are found wherever exporters put them, and shapes are computed however they spell that.
@Suite struct ONNXConstantTests {
    static let shape = [2, 3, 1, 1]
    /// Exact in half precision too.
    static let values: [Float] = [0.5, -1.25, 2, 0.0625, -6.103515625e-05, 5.9604644775390625e-08]

    struct Place: CustomTestStringConvertible {
        var testDescription: String
        var build: @Sendable (inout ONNXBuilder) -> String

        init(_ name: String, _ build: @escaping @Sendable (inout ONNXBuilder) -> String) {
            testDescription = name
            self.build = build
        }
    }

    private static func raw(_ type: ONNXTensor.DataType, _ bits: [some FixedWidthInteger]) -> ONNXTensor {
        var tensor = ONNXTensor()
        tensor.dims = shape.map { Int64($0) }
        tensor.dataType = type
        tensor.rawData = Data(bits.flatMap { value in withUnsafeBytes(of: value.littleEndian) { Array($0) } })
        return tensor
    }

    private static func initializer(_ builder: inout ONNXBuilder, _ tensor: ONNXTensor) -> String {
        var tensor = tensor
        tensor.name = builder.name("weights")
        builder.model.graph.initializer.append(tensor)
        return tensor.name
    }

    static let places = [
        Place("typed floats") { $0.constant(shape, values) },
        Place("raw floats") { initializer(&$0, raw(.float, values.map(\.bitPattern))) },
        Place("raw doubles") { initializer(&$0, raw(.double, values.map { Double($0).bitPattern })) },
        Place("raw halves") { initializer(&$0, raw(.float16, [0x3800, 0xBD00, 0x4000, 0x2C00, 0x8400, 0x0001] as [UInt16])) },
        Place("typed doubles") { builder in
            var tensor = ONNXTensor.floats(shape, [])
            tensor.dataType = .double
            tensor.doubleData = values.map { Double($0) }
            return initializer(&builder, tensor)
        },
        Place("typed halves") { builder in
            var tensor = ONNXTensor.floats(shape, [])
            tensor.dataType = .float16
            tensor.int32Data = [0x3800, 0xBD00, 0x4000, 0x2C00, 0x8400, 0x0001]
            return initializer(&builder, tensor)
        },
        Place("a Constant node") { $0.node("Constant", [], [.tensor("value", .floats(shape, values))]) },
        Place("two Identities") { $0.node("Identity", [$0.node("Identity", [$0.constant(shape, values)])]) },
        Place("Reshape with an open size") { $0.node("Reshape", [$0.constant([6], values), $0.integers([2, -1, 1, 1])]) },
        Place("Reshape with a kept size") { $0.node("Reshape", [$0.constant([2, 3], values), $0.integers([0, 3, 1, 1])]) },
        Place("Unsqueeze by attribute") { $0.node("Unsqueeze", [$0.constant([2, 3], values)], [.integers("axes", [2, 3])]) },
        Place("Unsqueeze by input") { $0.node("Unsqueeze", [$0.constant([2, 3], values), $0.integers([-1, -2])]) },
        Place("Squeeze") { $0.node("Squeeze", [$0.constant([1, 2, 3, 1, 1], values), $0.integers([0])]) },
        Place("a Cast") { $0.node("Cast", [$0.constant(shape, values)], [.integer("to", 1)]) },
        Place("a product and a sum of constants") { builder in
            let doubled = builder.node("Mul", [builder.constant(shape, values), builder.scalar(2)])
            let difference = builder.node("Sub", [doubled, builder.constant(shape, values)])
            return builder.node("Div", [builder.node("Add", [difference, difference]), builder.scalar(2)])
        },
    ]

    @Test(arguments: places)
    func weightsAreFound(_ place: Place) throws {
        var builder = ONNXBuilder()
        let weights = place.build(&builder)
        let features = builder.node("Conv", ["x", weights])
        builder.output(builder.node("Sigmoid", [builder.convolution(features, 2, 1)]))
        let convolution = try builder.imported().convolutions[0]
        #expect(convolution.weights == Self.values)
        #expect(convolution.bias == [0, 0])
    }

    /// Sizes as PyTorch exports them: `F.interpolate(x, size=(2 * h, 2 * w))` of a picture whose size is not fixed.
    @Test func sizesAreComputed() throws {
        let builder = ONNXBuilder.detector { builder, x in
            let small = builder.node("MaxPool", [x], [.integers("kernel_shape", [2, 2]), .integers("strides", [2, 2])])
            let shape = builder.node("Shape", [small])
            let channels = builder.node("Slice", [shape, builder.integers([0]), builder.integers([2]), builder.integers([0])])
            var sizes = [channels]
            for axis in [2, -1] {
                let index = builder.node("Constant", [], [.integer("value_int", axis)])
                let size = builder.node("Cast", [builder.node("Gather", [shape, index])], [.integer("to", 1)])
                let doubled = builder.node("Floor", [builder.node("Mul", [size, builder.scalar(2)])])
                let whole = builder.node("Cast", [doubled], [.integer("to", 7)])
                sizes.append(builder.node("Unsqueeze", [whole, builder.integers([0])]))
            }
            return builder.node(
                "Resize", [small, "", "", builder.node("Concat", sizes, [.integer("axis", 0)])],
                [.string("mode", "nearest"), .string("coordinate_transformation_mode", "asymmetric"), .string("nearest_mode", "floor")])
        }
        let graph = try builder.imported(height: 64, width: 32)
        let resizes = graph.nodes.compactMap { if case .resize(let resize) = $0.operation { resize } else { nil } }
        #expect(resizes == [Resize(mode: .nearest, factor: 2)])
    }

    @Test func unusedNodesAreDropped() throws {
        let builder = ONNXBuilder.detector { builder, x in
            _ = builder.node("NonMaxSuppression", [x])
            _ = builder.convolution(x, 2, 7)
            return builder.node("Dropout", [builder.node("Identity", [x])])
        }
        let graph = try builder.imported()
        #expect(graph.nodes.count == 2)
        #expect(graph.tensors.count == 3)
    }

    @Test func metadataIsKept() throws {
        var builder = ONNXBuilder.detector { $1 }
        builder.model.producerName = "a test"
        var entry = ONNXStringEntry()
        entry.key = "licence"
        entry.value = "Apache-2.0"
        builder.model.metadataProps = [entry]
        let network = try importONNX(try builder.bytes, inputHeight: 32, inputWidth: 32)
        #expect(network.metadata == ["licence": "Apache-2.0"])
        #expect(network.producerName == "a test")
    }
}
