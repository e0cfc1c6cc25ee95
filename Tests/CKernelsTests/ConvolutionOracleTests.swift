import CKernels
import Testing

@Suite struct ConvolutionOracleTests {
    let oracle: textpin_kernel_set

    init() throws {
        oracle = try #require(textpin_kernel_set_named("scalar")).pointee
    }

    /// Two channels in, two out, 1x1. multiplier 2^29 with shift 32 divides by 8.
    @Test func pointwiseByHand() {
        let layer = Layer(
            weights: [1, 2, -3, 4], bias: [0, 16], multiplier: [1 << 29, 1 << 29], shift: [32, 32], outputChannels: 2, kernelRows: 1,
            kernelColumns: 1, inputChannels: 2, inputChannelStride: 4)
        // Channels 2 and 3 of each pixel are the gap to the stride: no weight meets them.
        let input: [Int8] = [8, 12, 99, -99, -40, 4, 99, 99]
        var output = [Int8](repeating: 55, count: 6)
        layer.withPackedConvolution(oracle) { packed in
            var convolution = textpin_convolution(
                packed: packed, table: nil, hard_swish: nil, kernel_rows: 1, row_bytes: 4, output_channels: 2, output_zero_point: -5,
                addend_multiplier: 0)
            oracle.convolution_row(&convolution, input, 0, 4, nil, 0, &output, 3, 2)
        }
        // Pixel 0: (8 + 24) / 8 - 5 = -1; (-24 + 48 + 16) / 8 - 5 = 0. Pixel 1: (-40 + 8) / 8 - 5 = -9; (120 + 16 + 16) / 8 - 5 = 14.
        #expect(output == [-1, 0, 55, -9, 14, 55])
    }

    @Test func saturatesAndLooksUp() {
        let layer = Layer(
            weights: [127, -127], bias: [0, 0], multiplier: [1 << 29, 1 << 29], shift: [32, 32], outputChannels: 2, kernelRows: 1,
            kernelColumns: 1, inputChannels: 1, inputChannelStride: 4)
        let table = (0..<256).map { Int8(truncatingIfNeeded: 255 - $0) }
        let input: [Int8] = [127, 0, 0, 0]
        var plain: [Int8] = [0, 0]
        var looked: [Int8] = [0, 0]
        layer.withPackedConvolution(oracle) { packed in
            var convolution = textpin_convolution(
                packed: packed, table: nil, hard_swish: nil, kernel_rows: 1, row_bytes: 4, output_channels: 2, output_zero_point: 0,
                addend_multiplier: 0)
            oracle.convolution_row(&convolution, input, 0, 4, nil, 0, &plain, 2, 1)
            table.withUnsafeBufferPointer { table in
                convolution.table = table.baseAddress
                oracle.convolution_row(&convolution, input, 0, 4, nil, 0, &looked, 2, 1)
            }
        }
        #expect(plain == [127, -128])
        #expect(looked == [table[255], table[0]])
    }

    @Test func anyDenseLayer() {
        var generator = SeededGenerator(seed: 2)
        for _ in 0..<30 {
            let layer = randomLayer(outputChannels: .random(in: 1...20, using: &generator), depthwise: false, generator: &generator)
            let pixels = Int.random(in: 1...6, using: &generator)
            let pixelStep = layer.inputChannelStride * Int.random(in: 1...2, using: &generator)
            let rowBytes = layer.kernelColumns * layer.inputChannelStride
            let rowStride = rowBytes + pixels * pixelStep
            let input = generator.bytes(layer.kernelRows * rowStride + rowBytes)
            let zeroPoint = Int64.random(in: -128...127, using: &generator)
            var expected: [Int8] = []
            for x in 0..<pixels {
                for channel in 0..<layer.outputChannels {
                    let sum = denseSum(layer, input, start: x * pixelStep, rowStride: rowStride, channel: channel)
                    expected.append(Formula.saturate8(requantized(sum, layer, channel) + zeroPoint))
                }
            }
            var output = [Int8](repeating: 0, count: expected.count)
            layer.withPackedConvolution(oracle) { packed in
                var convolution = textpin_convolution(
                    packed: packed, table: nil, hard_swish: nil, kernel_rows: Int32(layer.kernelRows), row_bytes: Int32(rowBytes),
                    output_channels: Int32(layer.outputChannels), output_zero_point: Int32(zeroPoint), addend_multiplier: 0)
                oracle.convolution_row(&convolution, input, rowStride, pixelStep, nil, 0, &output, layer.outputChannels, Int32(pixels))
            }
            #expect(output == expected)
        }
    }

    /// x is 256 for 1: hard-swish(1) = 2/3, hard-swish(-3) = 0, hard-swish(4) = 4; the output's unit is 1/32.
    @Test func hardSwishByHand() {
        let layer = Layer(
            weights: [1], bias: [0], multiplier: [1 << 29], shift: [32], outputMultiplier: [4096], outputChannels: 1, kernelRows: 1,
            kernelColumns: 1, inputChannels: 1, inputChannelStride: 4)
        // Requantization takes 128 a to 16 a: inputs 16, -48 and 64 are x = 256, -768 and 1024.
        var hardSwish = textpin_hard_swish(three: 768, slope_shift: 5, slope: 21845, offset: 0)
        let input: [Int8] = [16, 0, 0, 0, -48, 0, 0, 0, 64, 0, 0, 0]
        var output: [Int8] = [0, 0, 0]
        layer.withPackedConvolution(oracle) { packed in
            withUnsafePointer(to: &hardSwish) { hardSwish in
                var convolution = textpin_convolution(
                    packed: packed, table: nil, hard_swish: hardSwish, kernel_rows: 1, row_bytes: 4, output_channels: 1,
                    output_zero_point: -10, addend_multiplier: 0)
                oracle.convolution_row(&convolution, input, 0, 4, nil, 0, &output, 1, 3)
            }
        }
        // 2/3 * 32 = 21.3, 0 and 4 * 32 = 128, less 10. The gate of 1 is 32767 / 32768.
        #expect(output == [11, -10, 118])
    }

    /// x and y are 128 for 1 of the output. Each unit of the addend is 2^8 * 16384 / 2^15 = 128, then half as much.
    @Test func residualAddByHand() {
        let layer = Layer(
            weights: [1], bias: [0], multiplier: [1 << 29], shift: [32], outputChannels: 1, kernelRows: 1, kernelColumns: 1,
            inputChannels: 1, inputChannelStride: 4)
        // Requantization takes 128 a to 16 a, an eighth of the output's unit: 20 is 2.5, -4 is -0.5, 127 is 15.875.
        let input: [Int8] = [20, 0, 0, 0, -4, 0, 0, 0, 127, 0, 0, 0, 4, 0, 0, 0]
        let addend: [Int8] = [7, 99, -3, 99, 127, 99, 0, 99]
        func output(addendMultiplier: Int32) -> [Int8] {
            var output = addend
            layer.withPackedConvolution(oracle) { packed in
                var convolution = textpin_convolution(
                    packed: packed, table: nil, hard_swish: nil, kernel_rows: 1, row_bytes: 4, output_channels: 1, output_zero_point: -10,
                    addend_multiplier: addendMultiplier)
                output.withUnsafeMutableBufferPointer { output in
                    // The output takes the addend's place.
                    oracle.convolution_row(&convolution, input, 0, 4, output.baseAddress, 2, output.baseAddress, 2, 4)
                }
            }
            return output
        }
        // 9.5, -3.5, 142.875 and 0.5: halves go up, less 10.
        #expect(output(addendMultiplier: 16384) == [0, 99, -13, 99, 127, 99, -9, 99])
        // 2.5 + 3.5, -0.5 - 1.5, 15.875 + 63.5, 0.5.
        #expect(output(addendMultiplier: 8192) == [-4, 99, -12, 99, 69, 99, -9, 99])
    }

    @Test func anyResidualAdd() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<30 {
            let layer = randomLayer(outputChannels: .random(in: 1...20, using: &generator), depthwise: false, generator: &generator)
            let rowBytes = layer.kernelColumns * layer.inputChannelStride
            let input = generator.bytes(layer.kernelRows * rowBytes)
            let addend = generator.bytes(layer.outputChannels)
            let addendMultiplier = Int32.random(in: 1...32767, using: &generator)
            let expected = (0..<layer.outputChannels).map { channel in
                let sum = denseSum(layer, input, start: 0, rowStride: rowBytes, channel: channel) * Int64(TEXTPIN_FINE_SCALE)
                return Formula.residualAdd(
                    requantized(sum, layer, channel), Int64(addend[channel]), multiplier: Int64(addendMultiplier), zeroPoint: 3)
            }
            var output = [Int8](repeating: 0, count: expected.count)
            layer.withPackedConvolution(oracle) { packed in
                var convolution = textpin_convolution(
                    packed: packed, table: nil, hard_swish: nil, kernel_rows: Int32(layer.kernelRows), row_bytes: Int32(rowBytes),
                    output_channels: Int32(layer.outputChannels), output_zero_point: 3, addend_multiplier: addendMultiplier)
                oracle.convolution_row(
                    &convolution, input, rowBytes, 0, addend, layer.outputChannels, &output, layer.outputChannels, 1)
            }
            #expect(output == expected)
        }
    }

    @Test func logitsAreScaledAndSaturatedTo16Bits() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<30 {
            var layer = randomLayer(outputChannels: 2, depthwise: false, generator: &generator)
            layer.shift = [UInt8.random(in: 34...46, using: &generator), 32]
            let rowBytes = layer.kernelColumns * layer.inputChannelStride
            let input = generator.bytes(layer.kernelRows * 2 * rowBytes)
            var first = [Int16](repeating: 0, count: 4)
            var second = [Int16](repeating: 0, count: 4)
            layer.withPackedConvolution(oracle) { packed in
                var convolution = textpin_convolution(
                    packed: packed, table: nil, hard_swish: nil, kernel_rows: Int32(layer.kernelRows), row_bytes: Int32(rowBytes),
                    output_channels: 2,
                    output_zero_point: 0, addend_multiplier: 0)
                first.withUnsafeMutableBufferPointer { first in
                    second.withUnsafeMutableBufferPointer { second in
                        let outputs = [first.baseAddress, second.baseAddress]
                        oracle.logits_row(&convolution, input, 2 * rowBytes, layer.inputChannelStride, outputs, 3, 2)
                    }
                }
            }
            for (x, position) in [0, 3].enumerated() {
                let sums = (0..<2).map {
                    denseSum(layer, input, start: x * layer.inputChannelStride, rowStride: 2 * rowBytes, channel: $0)
                }
                #expect(first[position] == Formula.saturate16(requantized(sums[0] * Int64(TEXTPIN_FINE_SCALE), layer, 0)))
                #expect(second[position] == Formula.saturate16(requantized(sums[1] * Int64(TEXTPIN_FINE_SCALE), layer, 1)))
            }
            #expect(first[1...2] == [0, 0])
        }
    }

    @Test func anyDepthwiseLayer() {
        var generator = SeededGenerator(seed: 4)
        for _ in 0..<30 {
            let channels = Int.random(in: 1...20, using: &generator)
            let layer = randomLayer(outputChannels: channels, depthwise: true, generator: &generator)
            let pixels = Int.random(in: 1...6, using: &generator)
            let stride = Int.random(in: 1...2, using: &generator)
            let rowStride = (layer.kernelColumns + pixels * stride) * layer.inputChannelStride
            let input = generator.bytes(layer.kernelRows * rowStride)
            var expected: [Int8] = []
            for x in 0..<pixels {
                for channel in 0..<channels {
                    var sum = Int64(layer.bias[channel])
                    for row in 0..<layer.kernelRows {
                        for column in 0..<layer.kernelColumns {
                            let byte = input[row * rowStride + (x * stride + column) * layer.inputChannelStride + channel]
                            let weight = layer.weights[(row * layer.kernelColumns + column) * channels + channel]
                            sum += Int64(byte) * Int64(weight)
                        }
                    }
                    expected.append(Formula.saturate8(requantized(sum, layer, channel) - 7))
                }
            }
            var output = [Int8](repeating: 0, count: expected.count)
            layer.withPackedDepthwise(oracle) { packed in
                var depthwise = textpin_depthwise(
                    packed: packed, table: nil, hard_swish: nil, kernel_rows: Int32(layer.kernelRows),
                    kernel_columns: Int32(layer.kernelColumns),
                    stride: Int32(stride), channels: Int32(channels), input_channel_stride: Int32(layer.inputChannelStride),
                    output_zero_point: -7)
                oracle.depthwise_row(&depthwise, input, rowStride, &output, channels, Int32(pixels))
            }
            #expect(output == expected)
        }
    }

    @Test func anyHardSwish() {
        var generator = SeededGenerator(seed: 6)
        for _ in 0..<30 {
            var layer = randomLayer(outputChannels: .random(in: 1...20, using: &generator), depthwise: false, generator: &generator)
            layer.outputMultiplier = (0..<layer.outputChannels).map { _ in .random(in: 1...32767, using: &generator) }
            let slopeShift = Int16.random(in: 0...8, using: &generator)
            var hardSwish = textpin_hard_swish(
                three: .random(in: 1...(32767 >> slopeShift), using: &generator), slope_shift: slopeShift,
                slope: .random(in: 1...32767, using: &generator), offset: .random(in: -2000...2000, using: &generator))
            let rowBytes = layer.kernelColumns * layer.inputChannelStride
            let input = generator.bytes(layer.kernelRows * rowBytes)
            let expected = (0..<layer.outputChannels).map { channel in
                let sum = denseSum(layer, input, start: 0, rowStride: rowBytes, channel: channel) * Int64(TEXTPIN_FINE_SCALE)
                return Formula.hardSwish(
                    requantized(sum, layer, channel), hardSwish, outputMultiplier: Int64(layer.outputMultiplier[channel]), zeroPoint: 3)
            }
            var output = [Int8](repeating: 0, count: expected.count)
            layer.withPackedConvolution(oracle) { packed in
                withUnsafePointer(to: &hardSwish) { hardSwish in
                    var convolution = textpin_convolution(
                        packed: packed, table: nil, hard_swish: hardSwish, kernel_rows: Int32(layer.kernelRows), row_bytes: Int32(rowBytes),
                        output_channels: Int32(layer.outputChannels), output_zero_point: 3, addend_multiplier: 0)
                    oracle.convolution_row(&convolution, input, rowBytes, 0, nil, 0, &output, layer.outputChannels, 1)
                }
            }
            #expect(output == expected)
        }
    }

    func randomLayer(outputChannels: Int, depthwise: Bool, generator: inout SeededGenerator) -> Layer {
        let rows = Int.random(in: 1...5, using: &generator)
        let columns = Int.random(in: 1...5, using: &generator)
        let input = depthwise ? 1 : Int.random(in: 1...9, using: &generator)
        return Layer(
            weights: generator.bytes(outputChannels * rows * columns * input, in: -127...127),
            bias: (0..<outputChannels).map { _ in .random(in: -50_000...50_000, using: &generator) },
            multiplier: (0..<outputChannels).map { _ in
                .random(in: TEXTPIN_MULTIPLIER_MINIMUM..<TEXTPIN_MULTIPLIER_LIMIT, using: &generator)
            },
            shift: (0..<outputChannels).map { _ in .random(in: 36...42, using: &generator) }, outputChannels: outputChannels,
            kernelRows: rows, kernelColumns: columns, inputChannels: input,
            inputChannelStride: ((depthwise ? outputChannels : input) + 3) / 4 * 4)
    }

    func denseSum(_ layer: Layer, _ input: [Int8], start: Int, rowStride: Int, channel: Int) -> Int64 {
        var sum = Int64(layer.bias[channel])
        for row in 0..<layer.kernelRows {
            for column in 0..<layer.kernelColumns {
                for inputChannel in 0..<layer.inputChannels {
                    let byte = input[start + row * rowStride + column * layer.inputChannelStride + inputChannel]
                    let tap = (channel * layer.kernelRows + row) * layer.kernelColumns + column
                    sum += Int64(byte) * Int64(layer.weights[tap * layer.inputChannels + inputChannel])
                }
            }
        }
        return sum
    }

    func requantized(_ sum: Int64, _ layer: Layer, _ channel: Int) -> Int64 {
        Formula.requantize(sum, multiplier: Int64(layer.multiplier[channel]), shift: Int64(layer.shift[channel]))
    }
}
