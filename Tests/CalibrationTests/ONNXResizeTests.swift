import Calibration
import Testing

/// Resize and its ancestors, in the opsets that changed them.
@Suite struct ONNXResizeTests {
    private static let nearest: [ONNXAttribute] = [
        .string("mode", "nearest"), .string("coordinate_transformation_mode", "asymmetric"), .string("nearest_mode", "floor"),
    ]

    private static func linear(_ coordinates: String) -> [ONNXAttribute] {
        [.string("mode", "linear"), .string("coordinate_transformation_mode", coordinates)]
    }

    /// A detector that halves its features and enlarges them again.
    private func resizes(opset: Int, _ enlarge: (inout ONNXBuilder, String) -> String) throws -> [Resize] {
        let builder = ONNXBuilder.detector(opset: opset) { builder, x in
            let small = builder.node("MaxPool", [x], [.integers("kernel_shape", [2, 2]), .integers("strides", [2, 2])])
            return enlarge(&builder, small)
        }
        return try builder.imported().nodes.compactMap { if case .resize(let resize) = $0.operation { resize } else { nil } }
    }

    @Test func upsampleWithScalesAsAttribute() throws {
        #expect(
            try resizes(opset: 7) { builder, x in
                var scales = ONNXAttribute()
                (scales.name, scales.type, scales.floats) = ("scales", .floats, [1, 1, 2, 2])
                return builder.node("Upsample", [x], [scales, .string("mode", "nearest")])
            } == [Resize(mode: .nearest, factor: 2)])
    }

    @Test func upsampleWithScalesAsInput() throws {
        #expect(
            try resizes(opset: 9) { builder, x in
                builder.node("Upsample", [x, builder.constant([4], [1, 1, 2, 2])], [.string("mode", "linear")])
            } == [Resize(mode: .bilinearAsymmetric, factor: 2)])
    }

    @Test func opset10HasScalesSecond() throws {
        #expect(
            try resizes(opset: 10) { builder, x in
                builder.node("Resize", [x, builder.constant([4], [1, 1, 2, 2])], [.string("mode", "nearest")])
            } == [Resize(mode: .nearest, factor: 2)])
    }

    @Test(arguments: [11, 13, 18])
    func laterOpsetsHaveScalesThird(_ opset: Int) throws {
        #expect(
            try resizes(opset: opset) { builder, x in
                builder.node("Resize", [x, builder.constant([0], []), builder.constant([4], [1, 1, 2, 2])], Self.nearest)
            } == [Resize(mode: .nearest, factor: 2)])
    }

    @Test func sizesInsteadOfScales() throws {
        #expect(
            try resizes(opset: 11) { builder, x in
                let empty = builder.constant([0], [])
                return builder.node("Resize", [x, empty, empty, builder.integers([1, 2, 32, 32])], Self.nearest)
            } == [Resize(mode: .nearest, factor: 2)])
    }

    @Test func someAxesOnly() throws {
        #expect(
            try resizes(opset: 18) { builder, x in
                builder.node(
                    "Resize", [x, "", builder.constant([2], [2, 2])], Self.linear("half_pixel") + [.integers("axes", [2, 3])])
            } == [Resize(mode: .bilinearHalfPixel, factor: 2)])
    }

    @Test(arguments: [
        ("half_pixel", Resize.Mode.bilinearHalfPixel), ("pytorch_half_pixel", .bilinearHalfPixel),
        ("align_corners", .bilinearAlignCorners), ("asymmetric", .bilinearAsymmetric),
    ])
    func linearModes(_ coordinates: String, _ mode: Resize.Mode) throws {
        #expect(
            try resizes(opset: 13) { builder, x in
                builder.node("Resize", [x, "", builder.constant([4], [1, 1, 2, 2])], Self.linear(coordinates))
            } == [Resize(mode: mode, factor: 2)])
    }

    @Test func nearestByCentresIsTheSame() throws {
        #expect(
            try resizes(opset: 13) { builder, x in
                builder.node("Resize", [x, "", builder.constant([4], [1, 1, 2, 2])], [.string("mode", "nearest")])
            } == [Resize(mode: .nearest, factor: 2)])
    }

    @Test func aFactorOfOneIsNothing() throws {
        let graph = try ONNXBuilder.detector { builder, x in
            builder.node("Resize", [x, "", builder.constant([4], [1, 1, 1, 1])], Self.nearest)
        }.imported()
        #expect(graph.nodes.count == 2)
    }

    @Test(arguments: [
        ([1, 1, 1.5, 1.5] as [Float], "it scales height by 1.5 and width by 1.5, where one whole factor for both is supported"),
        ([1, 1, 2, 4], "it scales height by 2.0 and width by 4.0, where one whole factor for both is supported"),
        ([1, 2, 2, 2], "it changes the number of channels or pictures"),
        ([2, 2], "it has neither scales nor sizes for its axes [0, 1, 2, 3]"),
        ([1, 1, .nan, .nan], "it scales height by nan and width by nan, where one whole factor for both is supported"),
    ])
    func oddScalesAreRefused(_ scales: [Float], _ problem: String) {
        #expect(throws: ImportError.node(name: "Resize_6", operatorName: "Resize", problem: problem)) {
            try resizes(opset: 13) { $0.node("Resize", [$1, "", $0.constant([scales.count], scales)], Self.nearest) }
        }
    }

    @Test(arguments: [("cubic", "half_pixel"), ("nearest", "align_corners"), ("linear", "tf_crop_and_resize")])
    func otherModesAreRefused(_ mode: String, _ coordinates: String) {
        #expect {
            try resizes(opset: 13) { builder, x in
                builder.node(
                    "Resize", [x, "", builder.constant([4], [1, 1, 2, 2])],
                    [.string("mode", mode), .string("coordinate_transformation_mode", coordinates)])
            }
        } throws: { error in
            "\(error)".hasPrefix("node 'Resize_6' (Resize): mode '\(mode)' with coordinates '\(coordinates)'")
        }
    }
}
