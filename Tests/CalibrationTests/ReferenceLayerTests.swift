import Calibration
import Testing

/// The other operations of the float reference against loops that follow its definition, in doubles.
@Suite struct ReferenceLayerTests {
    @Test(arguments: [
        ScalarFunction([.relu]), ScalarFunction([.affine(scale: -1.5, offset: 0.25)]), ScalarFunction([.clip(low: -1, high: 2)]),
        ScalarFunction([.hardSwish]), ScalarFunction([.hardSigmoid(alpha: 0.2, beta: 0.5)]), ScalarFunction([.gelu]),
        ScalarFunction([.sigmoid]),
        ScalarFunction([.hardSwish, .affine(scale: 0.5, offset: -0.25), .gelu]),
    ])
    func activation(_ function: ScalarFunction) {
        // More than one block of the implementation, and a remainder.
        let (inputs, result) = SingleOperation.run(.activation(function), [[3, 41, 43]], output: [3, 41, 43])
        let worst = zip(inputs[0], result).map { abs(function($0) - $1) }.max() ?? .infinity
        #expect(worst <= 5e-7)
    }

    @Test func geluFarOut() {
        let graph = Graph(
            tensors: [Graph.Tensor(name: "", channels: 1, height: 1, width: 9), Graph.Tensor(name: "", channels: 1, height: 1, width: 9)],
            nodes: [Graph.Node(name: "", operation: .activation(ScalarFunction([.gelu])), inputs: [0], output: 1)], input: 0,
            probability: 1,
            threshold: nil)
        let input: [Float] = [-1000, -30, -5.6, -5, 0, 5, 5.6, 30, 1000]
        let result = FloatNetwork(graph).run(input).probabilityLogits
        for (x, y) in zip(input, result) { #expect(abs(ScalarFunction.Elementary.gelu(x) - y) <= max(abs(x), 1) * 3e-8, "\(x)") }
    }

    @Test(arguments: [[1, 1, 1], [3, 7, 9], [2, 8, 16]])
    func add(_ shape: [Int]) {
        let (inputs, result) = SingleOperation.run(.add, [shape, shape], output: shape)
        #expect(result == zip(inputs[0], inputs[1]).map { $0 + $1 })
    }

    @Test(arguments: [[1, 1, 1], [5, 7, 9], [3, 16, 16]])
    func gate(_ shape: [Int]) {
        let pixels = shape[1] * shape[2]
        let tensor = Graph.Tensor(name: "", channels: shape[0], height: shape[1], width: shape[2])
        let mean = Graph.Tensor(name: "", channels: shape[0], height: 1, width: 1)
        let nodes = [
            Graph.Node(name: "", operation: .globalAverage, inputs: [0], output: 1),
            Graph.Node(name: "", operation: .scaleChannels, inputs: [0, 1], output: 2),
        ]
        let graph = Graph(tensors: [tensor, mean, tensor], nodes: nodes, input: 0, probability: 2, threshold: nil)
        let input = Noise.floats(tensor.channels * pixels, seed: 9, in: -1..<3)
        let outputs = graph.outputs(input)
        let means = (0..<shape[0]).map { channel in
            input[channel * pixels..<(channel + 1) * pixels].reduce(0) { $0 + Double($1) } / Double(pixels)
        }
        SingleOperation.expectEqual(outputs[0], means, tolerance: 1e-7)
        SingleOperation.expectEqual(outputs[1], input.enumerated().map { Double($1) * means[$0 / pixels] })
    }

    @Test func averageOfManyPixels() {
        let tensors = [
            Graph.Tensor(name: "", channels: 1, height: 639, width: 641), Graph.Tensor(name: "", channels: 1, height: 1, width: 1),
        ]
        let node = Graph.Node(name: "", operation: .globalAverage, inputs: [0], output: 1)
        let graph = Graph(tensors: tensors, nodes: [node], input: 0, probability: 1, threshold: nil)
        let input = Noise.floats(639 * 641, seed: 10, in: 0..<1)
        SingleOperation.expectEqual(graph.outputs(input)[0], [input.reduce(0) { $0 + Double($1) } / Double(input.count)], tolerance: 1e-7)
    }

    @Test(arguments: [[[1, 3, 5], [4, 3, 5]], [[2, 8, 8], [2, 8, 8], [7, 8, 8]]])
    func concatenate(_ shapes: [[Int]]) {
        let output = [shapes.map { $0[0] }.reduce(0, +)] + shapes[0].dropFirst()
        let (inputs, result) = SingleOperation.run(.concatenate, shapes, output: output)
        #expect(result == inputs.flatMap { $0 })
    }

    /// Where output pixel `index` lies in the input, by the formulas of ONNX's Resize operator.
    private func position(_ mode: Resize.Mode, _ index: Int, _ size: Int, _ factor: Int) -> Double {
        let scale = Double(factor)
        switch mode {
        case .nearest: return (Double(index) / scale).rounded(.down)
        case .bilinearAsymmetric: return Double(index) / scale
        case .bilinearHalfPixel: return (Double(index) + 0.5) / scale - 0.5
        case .bilinearAlignCorners:
            let outputSize = Double(size) * scale
            return outputSize == 1 ? 0 : Double(index) * (Double(size) - 1) / (outputSize - 1)
        }
    }

    @Test(
        arguments: [Resize.Mode.nearest, .bilinearHalfPixel, .bilinearAlignCorners, .bilinearAsymmetric],
        [(2, [2, 4, 8]), (3, [1, 5, 3]), (4, [3, 1, 6]), (8, [1, 2, 2])])
    func resize(_ mode: Resize.Mode, _ scaled: (factor: Int, shape: [Int])) {
        let (factor, shape) = scaled
        let (height, width) = (shape[1], shape[2])
        let (inputs, result) = SingleOperation.run(
            .resize(Resize(mode: mode, factor: factor)), [shape], output: [shape[0], height * factor, width * factor])
        var expected: [Double] = []
        for channel in 0..<shape[0] {
            for y in 0..<height * factor {
                for x in 0..<width * factor {
                    // The mean of the four pixels around the position, each weighted by its distance; pixels outside repeat the border.
                    let (positionY, positionX) = (position(mode, y, height, factor), position(mode, x, width, factor))
                    var sum = 0.0
                    for row in 0...1 {
                        for column in 0...1 {
                            let (pixelY, pixelX) = (positionY.rounded(.down) + Double(row), positionX.rounded(.down) + Double(column))
                            let weight = (1 - abs(positionY - pixelY)) * (1 - abs(positionX - pixelX))
                            let (clampedY, clampedX) = (min(max(Int(pixelY), 0), height - 1), min(max(Int(pixelX), 0), width - 1))
                            sum += weight * SingleOperation.value(inputs[0], channel, clampedY, clampedX, [height, width], border: 0)
                        }
                    }
                    expected.append(sum)
                }
            }
        }
        SingleOperation.expectEqual(result, expected)
    }
}
