/// A matrix product, weights times columns, by which convolutions are computed: tiles of 4 output channels and 8 pixels.
///
///             8 pixels
///           +----------+
///     k     | panel k  |     for every k: sums[m] += weights[k][m] * panel[k], m = 0..3
///           +----------+
///     4  .. | sums 0   |     8 SSE or NEON registers of sums, 2 for the panel, 1 for the weights
///     chan- | sums 1   |
///     nels  | sums 2   |
///           | sums 3   |
///
/// The products of one output are added in the order of k, in runs of their own: with hundreds of them, one long sum would round off several
/// times as much as a float network otherwise does.
struct ColumnProduct: Sendable {
    /// Output channels; for a transposed convolution 4 for each of its channels.
    let channels: Int
    /// Where the k-th number of a column lies, seen from the column's first.
    let offsets: [Int]
    /// [channels / 4][k], four channels to a vector, 0 where there are none.
    private let weights: [SIMD4<Float>]
    private let bias: [SIMD4<Float>]

    /// `weight(channel, k)` gives the weights that are packed here.
    init(channels: Int, offsets: [Int], bias: [Float], weight: (_ channel: Int, _ k: Int) -> Float) {
        self.channels = channels
        self.offsets = offsets
        var packed: [SIMD4<Float>] = []
        var packedBias: [SIMD4<Float>] = []
        packed.reserveCapacity((channels + 3) / 4 * offsets.count)
        for first in stride(from: 0, to: channels, by: 4) {
            let lanes = 0..<min(4, channels - first)
            var biasVector = SIMD4<Float>()
            for lane in lanes { biasVector[lane] = bias[first + lane] }
            packedBias.append(biasVector)
            for k in offsets.indices {
                var vector = SIMD4<Float>()
                for lane in lanes { vector[lane] = weight(first + lane, k) }
                packed.append(vector)
            }
        }
        weights = packed
        self.bias = packedBias
    }

    /// The sums of 4 channels and 8 pixels.
    struct Tile {
        var sums0, sums1, sums2, sums3: SIMD8<Float>
    }

    /// Products that are added up before they join the others.
    private static let runLength = 32

    /// Floats of packed columns that stay in a fast cache while the weights pass by.
    private static let panelFloats = 24 * 1024

    /// Computes one row of outputs, whose columns begin at `source`, `source + 1`, ...
    ///
    /// `panels` is scratch of `scratchCount` floats. `store` gets a tile, its first channel, its first pixel and how many pixels are valid.
    @inline(__always) func run(
        width: Int, source: UnsafePointer<Float>, panels: UnsafeMutablePointer<Float>,
        store: (_ tile: Tile, _ channel: Int, _ x: Int, _ count: Int) -> Void
    ) {
        let depth = offsets.count
        let panelsAtOnce = max(1, Self.panelFloats / (8 * depth))
        for first in stride(from: 0, to: width, by: 8 * panelsAtOnce) {
            let panelCount = min(panelsAtOnce, (width - first + 7) / 8)
            for panel in 0..<panelCount {
                let columns = source + first + 8 * panel
                let target = panels + 8 * panel * depth
                for k in 0..<depth { target.store(columns.vector(at: offsets[k]), at: 8 * k) }
            }
            for quad in 0..<bias.count {
                for panel in 0..<panelCount {
                    let x = first + 8 * panel
                    let tile = tile(quad, UnsafePointer(panels + 8 * panel * depth))
                    store(tile, 4 * quad, x, min(8, width - x))
                }
            }
        }
    }

    var scratchCount: Int { max(Self.panelFloats, 8 * offsets.count) }

    @inline(__always) private func tile(_ quad: Int, _ panel: UnsafePointer<Float>) -> Tile {
        let depth = offsets.count
        let bias = bias[quad]
        var tile = Tile(
            sums0: SIMD8(repeating: bias.x), sums1: SIMD8(repeating: bias.y), sums2: SIMD8(repeating: bias.z),
            sums3: SIMD8(repeating: bias.w))
        weights.withUnsafeBufferPointer { weights in
            guard let weights = weights.baseAddress.map({ $0 + quad * depth }) else { return }
            for first in stride(from: 0, to: depth, by: Self.runLength) {
                var sums0 = SIMD8<Float>()
                var sums1 = sums0
                var sums2 = sums0
                var sums3 = sums0
                for k in first..<min(first + Self.runLength, depth) {
                    let pixels = panel.vector(at: 8 * k)
                    let weight = weights[k]
                    sums0 += pixels * weight.x
                    sums1 += pixels * weight.y
                    sums2 += pixels * weight.z
                    sums3 += pixels * weight.w
                }
                tile.sums0 += sums0
                tile.sums1 += sums1
                tile.sums2 += sums2
                tile.sums3 += sums3
            }
        }
        return tile
    }
}

/// A convolution over all channels.
struct ConvolutionLayer: FloatLayer {
    private let product: ColumnProduct
    /// Nil where the input can be read as it lies: 1x1, stride 1, no padding. Its pixels are then one long row.
    private let planes: PaddedPlanes?
    private let rows: Int
    private let width: Int

    init(_ convolution: Convolution, input: Graph.Tensor, output: Graph.Tensor) {
        let (height, width) = (convolution.kernelHeight, convolution.kernelWidth)
        let taps = height * width
        let isPointwise = taps == 1 && convolution.stride == 1 && convolution.padding == Padding()
        let planes = isPointwise ? nil : PaddedPlanes(input, padding: convolution.padding, stride: convolution.stride)
        var offsets: [Int] = []
        for channel in 0..<convolution.inputChannels {
            guard let planes else {
                offsets.append(channel * input.height * input.width)
                continue
            }
            for tap in 0..<taps { offsets.append(planes.offset(channel: channel, row: tap / width, column: tap % width)) }
        }
        let depth = offsets.count
        product = ColumnProduct(channels: convolution.outputChannels, offsets: offsets, bias: convolution.bias) { channel, k in
            convolution.weights[channel * depth + k]
        }
        self.planes = planes
        (rows, self.width) = isPointwise ? (1, output.height * output.width) : (output.height, output.width)
    }

    func run(_ inputs: [FloatMemory.Block], _ output: FloatMemory.Block, _ memory: FloatMemory) {
        let panels = memory.take(product.scratchCount)
        defer { memory.give(panels) }
        var source = UnsafePointer(inputs[0].start)
        var padded: FloatMemory.Block?
        if let planes {
            let block = memory.take(planes.channels * planes.planeSize)
            for channel in 0..<planes.channels {
                planes.fill(block.start + channel * planes.planeSize, from: source + channel * planes.height * planes.width, border: 0)
            }
            source = UnsafePointer(block.start)
            padded = block
        }
        let rowAdvance = planes.map { $0.stride * $0.rowStride } ?? 0
        let (pixels, channels) = (rows * width, product.channels)
        for row in 0..<rows {
            let target = output.start + row * width
            product.run(width: width, source: source + row * rowAdvance, panels: panels.start) { tile, channel, x, count in
                let place = target + channel * pixels + x
                place.store(tile.sums0, at: 0, count: count)
                if channel + 1 < channels { place.store(tile.sums1, at: pixels, count: count) }
                if channel + 2 < channels { place.store(tile.sums2, at: 2 * pixels, count: count) }
                if channel + 3 < channels { place.store(tile.sums3, at: 3 * pixels, count: count) }
            }
        }
        if let padded { memory.give(padded) }
    }
}

/// A transposed convolution, 2x2 with stride 2: every input pixel makes a 2x2 square of its own, so it is a 1x1 product with 4 outputs for each
/// channel, and a tile holds the four corners of 8 squares.
struct TransposedConvolutionLayer: FloatLayer {
    private let product: ColumnProduct
    private let height: Int
    private let width: Int

    init(_ convolution: Convolution, input: Graph.Tensor, output: Graph.Tensor) {
        (height, width) = (input.height, input.width)
        let pixels = input.height * input.width
        let outputs = 4 * convolution.outputChannels
        product = ColumnProduct(
            channels: outputs, offsets: (0..<convolution.inputChannels).map { $0 * pixels },
            bias: (0..<outputs).map { convolution.bias[$0 / 4] }
        ) { output, channel in convolution.weights[channel * outputs + output] }
    }

    func run(_ inputs: [FloatMemory.Block], _ output: FloatMemory.Block, _ memory: FloatMemory) {
        let panels = memory.take(product.scratchCount)
        defer { memory.give(panels) }
        for row in 0..<height {
            let source = UnsafePointer(inputs[0].start + row * width)
            product.run(width: width, source: source, panels: panels.start) { tile, channel, x, count in
                let upper = output.start + (channel / 4 * 2 * height + 2 * row) * 2 * width + 2 * x
                Self.interleave(tile.sums0, tile.sums1, to: upper, count: count)
                Self.interleave(tile.sums2, tile.sums3, to: upper + 2 * width, count: count)
            }
        }
    }

    @inline(__always) private static func interleave(
        _ even: SIMD8<Float>, _ odd: SIMD8<Float>, to target: UnsafeMutablePointer<Float>, count: Int
    ) {
        var pixels = SIMD16<Float>()
        pixels.evenHalf = even
        pixels.oddHalf = odd
        target.store(pixels.lowHalf, at: 0, count: 2 * count)
        if count > 4 { target.store(pixels.highHalf, at: 8, count: 2 * count - 8) }
    }
}
