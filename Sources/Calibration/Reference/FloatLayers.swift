struct AddLayer: FloatLayer {
    func run(_ inputs: [FloatMemory.Block], _ output: FloatMemory.Block, _ memory: FloatMemory) {
        let (left, right) = (inputs[0].start, inputs[1].start)
        for index in 0..<output.vectors {
            output.start.store(left.vector(at: 8 * index) + right.vector(at: 8 * index), at: 8 * index)
        }
    }
}

struct ScaleChannelsLayer: FloatLayer {
    let channels: Int
    let pixels: Int

    func run(_ inputs: [FloatMemory.Block], _ output: FloatMemory.Block, _ memory: FloatMemory) {
        for channel in 0..<channels {
            let (source, target) = (inputs[0].start + channel * pixels, output.start + channel * pixels)
            let gate = inputs[1].start[channel]
            for x in stride(from: 0, to: pixels, by: 8) { target.store(source.vector(at: x) * gate, at: x, count: pixels - x) }
        }
    }
}

struct GlobalAverageLayer: FloatLayer {
    let channels: Int
    let pixels: Int

    func run(_ inputs: [FloatMemory.Block], _ output: FloatMemory.Block, _ memory: FloatMemory) {
        for channel in 0..<channels {
            let source = inputs[0].start + channel * pixels
            // In doubles: one float for the sum of a large map would be wrong by 1e-5 of it.
            var sums = SIMD8<Double>()
            for index in 0..<pixels / 8 { sums += SIMD8<Double>(source.vector(at: 8 * index)) }
            let total = (pixels / 8 * 8..<pixels).reduce(sums.sum()) { $0 + Double(source[$1]) }
            output.start[channel] = Float(total / Double(pixels))
        }
    }
}

struct ConcatenateLayer: FloatLayer {
    let counts: [Int]

    func run(_ inputs: [FloatMemory.Block], _ output: FloatMemory.Block, _ memory: FloatMemory) {
        var target = output.start
        for (input, count) in zip(inputs, counts) {
            target.update(from: input.start, count: count)
            target += count
        }
    }
}

/// Enlarging, row by row: each output pixel is a weighted mean of two input pixels in each direction, or a copy of one.
struct ResizeLayer: FloatLayer {
    private let channels: Int
    private let width: Int
    private let inputHeight: Int
    private let columns: [Sample]
    private let rows: [Sample]

    /// (1 - weight) * input[first] + weight * input[second]
    private struct Sample {
        var first: Int
        var second: Int
        var weight: Float
    }

    init(_ resize: Resize, input: Graph.Tensor) {
        (channels, width, inputHeight) = (input.channels, input.width, input.height)
        columns = Self.samples(resize, size: input.width)
        rows = Self.samples(resize, size: input.height)
    }

    /// Where the pixels of one direction come from, after the coordinate transformations of ONNX's Resize.
    private static func samples(_ resize: Resize, size: Int) -> [Sample] {
        let count = size * resize.factor
        return (0..<count).map { index in
            let position: Double =
                switch resize.mode {
                case .nearest: Double(index / resize.factor)
                case .bilinearAsymmetric: Double(index) / Double(resize.factor)
                case .bilinearHalfPixel: max((Double(index) + 0.5) / Double(resize.factor) - 0.5, 0)
                case .bilinearAlignCorners: count > 1 ? Double(index) * Double(size - 1) / Double(count - 1) : 0
                }
            let first = min(Int(position), size - 1)
            return Sample(first: first, second: min(first + 1, size - 1), weight: Float(position - Double(first)))
        }
    }

    func run(_ inputs: [FloatMemory.Block], _ output: FloatMemory.Block, _ memory: FloatMemory) {
        for channel in 0..<channels {
            let source = inputs[0].start + channel * inputHeight * width
            for (y, row) in rows.enumerated() {
                let (upper, lower) = (source + row.first * width, source + row.second * width)
                let target = output.start + (channel * rows.count + y) * columns.count
                if y > 0, row.weight == 0, rows[y - 1].weight == 0, row.first == rows[y - 1].first {
                    target.update(from: target - columns.count, count: columns.count)
                    continue
                }
                for (x, column) in columns.enumerated() {
                    let left = upper[column.first] + (lower[column.first] - upper[column.first]) * row.weight
                    let right = upper[column.second] + (lower[column.second] - upper[column.second]) * row.weight
                    target[x] = left + (right - left) * column.weight
                }
            }
        }
    }
}
