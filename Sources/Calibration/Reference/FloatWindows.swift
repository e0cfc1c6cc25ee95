/// A depthwise convolution: every channel has a window of its own.
struct DepthwiseLayer: FloatLayer {
    private let planes: PaddedPlanes
    private let window: SlidingWindow
    private let weights: [Float]
    private let bias: [Float]

    init(_ convolution: Convolution, input: Graph.Tensor, output: Graph.Tensor) {
        planes = PaddedPlanes(input, padding: convolution.padding, stride: convolution.stride)
        window = SlidingWindow(planes, kernelHeight: convolution.kernelHeight, kernelWidth: convolution.kernelWidth, output)
        (weights, bias) = (convolution.weights, convolution.bias)
    }

    func run(_ inputs: [FloatMemory.Block], _ output: FloatMemory.Block, _ memory: FloatMemory) {
        weights.withUnsafeBufferPointer { weights in
            window.run(inputs[0], output, memory, planes: planes, border: 0) { channel, offsets, source in
                var sums = SIMD8(repeating: bias[channel])
                for tap in offsets.indices { sums += source.vector(at: offsets[tap]) * weights[channel * offsets.count + tap] }
                return sums
            }
        }
    }
}

struct MaximumPoolLayer: FloatLayer {
    private let planes: PaddedPlanes
    private let window: SlidingWindow

    init(_ pool: MaximumPool, input: Graph.Tensor, output: Graph.Tensor) {
        planes = PaddedPlanes(input, padding: pool.padding, stride: pool.stride)
        window = SlidingWindow(planes, kernelHeight: pool.kernelHeight, kernelWidth: pool.kernelWidth, output)
    }

    func run(_ inputs: [FloatMemory.Block], _ output: FloatMemory.Block, _ memory: FloatMemory) {
        window.run(inputs[0], output, memory, planes: planes, border: -.infinity) { _, offsets, source in
            var largest = SIMD8<Float>(repeating: -.infinity)
            for offset in offsets {
                let values = source.vector(at: offset)
                largest.replace(with: values, where: values .> largest)
            }
            return largest
        }
    }
}

/// A window that slides over each channel by itself.
private struct SlidingWindow: Sendable {
    /// Where the taps read, seen from the first.
    let offsets: [Int]
    let outputHeight: Int
    let outputWidth: Int

    init(_ planes: PaddedPlanes, kernelHeight: Int, kernelWidth: Int, _ output: Graph.Tensor) {
        offsets = (0..<kernelHeight * kernelWidth).map { tap in
            planes.offset(channel: 0, row: tap / kernelWidth, column: tap % kernelWidth)
        }
        (outputHeight, outputWidth) = (output.height, output.width)
    }

    /// `value` gives 8 outputs of a channel from the place where their windows begin.
    @inline(__always) func run(
        _ input: FloatMemory.Block, _ output: FloatMemory.Block, _ memory: FloatMemory, planes: PaddedPlanes, border: Float,
        value: (_ channel: Int, _ offsets: UnsafeBufferPointer<Int>, _ source: UnsafePointer<Float>) -> SIMD8<Float>
    ) {
        let plane = memory.take(planes.planeSize)
        defer { memory.give(plane) }
        offsets.withUnsafeBufferPointer { offsets in
            for channel in 0..<planes.channels {
                planes.fill(plane.start, from: input.start + channel * planes.height * planes.width, border: border)
                for y in 0..<outputHeight {
                    let source = UnsafePointer(plane.start + y * planes.stride * planes.rowStride)
                    let target = output.start + (channel * outputHeight + y) * outputWidth
                    for x in stride(from: 0, to: outputWidth, by: 8) {
                        target.store(value(channel, offsets, source + x), at: x, count: outputWidth - x)
                    }
                }
            }
        }
    }
}
