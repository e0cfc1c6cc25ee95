import Calibration
import Testing

/// Everything of the float reference in which a window slides, against loops that follow its definition, in doubles.
@Suite struct ReferenceWindowTests {
    struct Window: CustomTestStringConvertible {
        var channels: Int
        var outputs: Int
        var size: [Int]
        var kernel: [Int]
        var stride = 1
        var padding = Padding()

        var outputSize: [Int] {
            [
                (size[0] + padding.top + padding.bottom - kernel[0]) / stride + 1,
                (size[1] + padding.left + padding.right - kernel[1]) / stride + 1,
            ]
        }

        var testDescription: String { "\(channels) to \(outputs), \(size), kernel \(kernel), stride \(stride), \(padding)" }
    }

    static let around = Padding(top: 1, left: 1, bottom: 1, right: 1)

    static let windows = [
        Window(channels: 3, outputs: 8, size: [16, 24], kernel: [1, 1]),
        Window(channels: 70, outputs: 5, size: [7, 9], kernel: [1, 1]),
        Window(channels: 9, outputs: 4, size: [1, 1], kernel: [1, 1]),
        Window(channels: 5, outputs: 6, size: [9, 13], kernel: [1, 1], stride: 2),
        Window(channels: 4, outputs: 3, size: [9, 11], kernel: [3, 3], padding: around),
        Window(channels: 3, outputs: 16, size: [32, 32], kernel: [3, 3], stride: 2, padding: around),
        Window(channels: 3, outputs: 7, size: [17, 19], kernel: [3, 3], stride: 2, padding: around),
        Window(channels: 2, outputs: 4, size: [8, 8], kernel: [2, 2], padding: Padding(bottom: 1, right: 1)),
        Window(
            channels: 2, outputs: 1, size: [12, 10], kernel: [5, 3], stride: 3, padding: Padding(top: 2, left: 0, bottom: 4, right: 1)),
        Window(
            channels: 2, outputs: 2, size: [11, 23], kernel: [7, 7], stride: 4, padding: Padding(top: 3, left: 5, bottom: 3, right: 2)),
        Window(channels: 40, outputs: 33, size: [5, 5], kernel: [3, 3], padding: around),
    ]

    @Test(arguments: windows)
    func convolution(_ window: Window) {
        let weights = Noise.floats(window.outputs * window.channels * window.kernel[0] * window.kernel[1], seed: 2)
        let bias = Noise.floats(window.outputs, seed: 3)
        let convolution = Convolution(
            weights: weights, bias: bias, inputChannels: window.channels, outputChannels: window.outputs, kernelHeight: window.kernel[0],
            kernelWidth: window.kernel[1], stride: window.stride, padding: window.padding, groups: 1)
        let (inputs, result) = SingleOperation.run(
            .convolution(convolution), [[window.channels] + window.size], output: [window.outputs] + window.outputSize)
        var expected: [Double] = []
        for output in 0..<window.outputs {
            for y in 0..<window.outputSize[0] {
                for x in 0..<window.outputSize[1] {
                    var sum = Double(bias[output])
                    for channel in 0..<window.channels {
                        for row in 0..<window.kernel[0] {
                            for column in 0..<window.kernel[1] {
                                let index = ((output * window.channels + channel) * window.kernel[0] + row) * window.kernel[1] + column
                                let (inputY, inputX) = (
                                    y * window.stride + row - window.padding.top, x * window.stride + column - window.padding.left
                                )
                                sum +=
                                    Double(weights[index])
                                    * SingleOperation.value(inputs[0], channel, inputY, inputX, window.size, border: 0)
                            }
                        }
                    }
                    expected.append(sum)
                }
            }
        }
        SingleOperation.expectEqual(result, expected)
    }

    /// Each channel's taps, reduced by `combine` from `start(channel)`.
    private func slide(
        _ window: Window, _ input: [Float], border: Double, start: (Int) -> Double, combine: (Double, Double, Int) -> Double
    ) -> [Double] {
        var expected: [Double] = []
        let taps = window.kernel[0] * window.kernel[1]
        for channel in 0..<window.channels {
            for y in 0..<window.outputSize[0] {
                for x in 0..<window.outputSize[1] {
                    expected.append(
                        (0..<taps).reduce(start(channel)) { result, tap in
                            let inputY = y * window.stride + tap / window.kernel[1] - window.padding.top
                            let inputX = x * window.stride + tap % window.kernel[1] - window.padding.left
                            return combine(
                                result, SingleOperation.value(input, channel, inputY, inputX, window.size, border: border),
                                channel * taps + tap)
                        })
                }
            }
        }
        return expected
    }

    @Test(arguments: windows)
    func depthwiseConvolution(_ window: Window) {
        let weights = Noise.floats(window.channels * window.kernel[0] * window.kernel[1], seed: 4)
        let bias = Noise.floats(window.channels, seed: 5)
        let convolution = Convolution(
            weights: weights, bias: bias, inputChannels: window.channels, outputChannels: window.channels, kernelHeight: window.kernel[0],
            kernelWidth: window.kernel[1], stride: window.stride, padding: window.padding, groups: window.channels)
        let (inputs, result) = SingleOperation.run(
            .convolution(convolution), [[window.channels] + window.size], output: [window.channels] + window.outputSize)
        SingleOperation.expectEqual(
            result,
            slide(window, inputs[0], border: 0, start: { Double(bias[$0]) }, combine: { $0 + $1 * Double(weights[$2]) }))
    }

    @Test(
        arguments: windows.filter {
            max($0.padding.top, $0.padding.bottom) < $0.kernel[0] && max($0.padding.left, $0.padding.right) < $0.kernel[1]
        })
    func maximumPool(_ window: Window) {
        let pool = MaximumPool(
            kernelHeight: window.kernel[0], kernelWidth: window.kernel[1], stride: window.stride, padding: window.padding)
        let (inputs, result) = SingleOperation.run(
            .maximumPool(pool), [[window.channels] + window.size], output: [window.channels] + window.outputSize)
        let expected = slide(
            window, inputs[0], border: -.infinity, start: { _ in -.infinity }, combine: { value, tap, _ in max(value, tap) })
        #expect(result.map { Double($0) } == expected)
    }

    @Test(arguments: [[3, 5, 7], [24, 16, 8], [1, 1, 1], [6, 2, 13]], [1, 5])
    func transposedConvolution(_ shape: [Int], _ outputs: Int) {
        let (channels, height, width) = (shape[0], shape[1], shape[2])
        let weights = Noise.floats(channels * outputs * 4, seed: 6)
        let bias = Noise.floats(outputs, seed: 7)
        let convolution = Convolution(
            weights: weights, bias: bias, inputChannels: channels, outputChannels: outputs, kernelHeight: 2, kernelWidth: 2, stride: 2,
            padding: Padding(), groups: 1)
        let (inputs, result) = SingleOperation.run(.transposedConvolution(convolution), [shape], output: [outputs, 2 * height, 2 * width])
        var expected = [Double](repeating: 0, count: outputs * 4 * height * width)
        for output in 0..<outputs {
            for y in 0..<2 * height {
                for x in 0..<2 * width {
                    let sum = (0..<channels).reduce(Double(bias[output])) { sum, channel in
                        let weight = weights[((channel * outputs + output) * 2 + y % 2) * 2 + x % 2]
                        return sum + Double(weight) * SingleOperation.value(inputs[0], channel, y / 2, x / 2, [height, width], border: 0)
                    }
                    expected[(output * 2 * height + y) * 2 * width + x] = sum
                }
            }
        }
        SingleOperation.expectEqual(result, expected)
    }
}
