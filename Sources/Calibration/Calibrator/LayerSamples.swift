import Inference

/// What a convolution reads at sampled positions of all images: int8 values as they lie in the arenas.
///
/// A dense convolution has one set of columns, in the order of its weights; a depthwise one has a set of taps for each channel.
struct LayerSamples {
    let isDepthwise: Bool
    /// Values that one output reads.
    let columnCount: Int
    /// 1, or the channels of a depthwise convolution.
    let setCount: Int
    let sampleCount: Int
    /// [set][sample][column]
    let values: [Int8]
    private let means: [[Double]]

    /// - Parameter inputs: by position in `images`, where that image's input lies.
    init(
        _ step: LoweredNetwork.Step, convolution: Convolution, isTransposed: Bool, network: LoweredNetwork, images: [Int],
        inputs: (Int) -> TensorView
    ) {
        let height = isTransposed ? 1 : convolution.kernelHeight
        let width = isTransposed ? 1 : convolution.kernelWidth
        let channels = convolution.inputChannels
        isDepthwise = convolution.isDepthwise
        columnCount = height * width * (convolution.isDepthwise ? 1 : channels)
        setCount = convolution.isDepthwise ? channels : 1
        sampleCount = images.count * FloatStatistics.positionCount
        var values: [Int8] = []
        values.reserveCapacity(setCount * sampleCount * columnCount)
        // Sample by sample all taps and channels: for depthwise layers that is turned round below.
        for (place, image) in images.enumerated() {
            let input = inputs(place)
            for position in FloatStatistics.positions(of: step, in: network, image: image) {
                let top = isTransposed ? position.row : position.row * convolution.stride - convolution.padding.top
                let left = isTransposed ? position.column : position.column * convolution.stride - convolution.padding.left
                for y in 0..<height {
                    for x in 0..<width {
                        values += UnsafeBufferPointer(start: input.pixel(row: top + y, column: left + x), count: channels)
                    }
                }
            }
        }
        if isDepthwise {
            let taps = height * width
            let count = sampleCount
            let flat = values
            values = [Int8](unsafeUninitializedCapacity: flat.count) { target, filled in
                for sample in 0..<count {
                    for tap in 0..<taps {
                        for channel in 0..<channels {
                            target[(channel * count + sample) * taps + tap] = flat[(sample * taps + tap) * channels + channel]
                        }
                    }
                }
                filled = flat.count
            }
        }
        self.values = values
        means = Self.means(values, sets: setCount, samples: sampleCount, columns: columnCount)
    }

    /// By set and column: the mean over all samples.
    func meanInput() -> [[Double]] { means }

    private static func means(_ values: [Int8], sets: Int, samples: Int, columns: Int) -> [[Double]] {
        (0..<sets).map { set in
            var sums = [Int](repeating: 0, count: columns)
            for sample in 0..<samples {
                for column in 0..<columns { sums[column] += Int(values[(set * samples + sample) * columns + column]) }
            }
            return sums.map { Double($0) / Double(max(samples, 1)) }
        }
    }

    /// The covariance matrix of a set's columns, row by row.
    func covariance(set: Int, threads: Int) -> [Double] {
        let columns = columnCount
        let mean = means[set].map { Float($0) }
        // Column by column, eight samples a vector: a product runs over memory that lies together. Samples come in multiples of 64.
        let groups = sampleCount / 8
        let centred = (0..<columns * groups).map { place in
            let column = place / groups
            let first = (set * sampleCount + place % groups * 8) * columns + column
            var vector = SIMD8<Float>.zero
            for lane in 0..<8 { vector[lane] = Float(values[first + lane * columns]) - mean[column] }
            return vector
        }
        let results = ConcurrentResults<[Double]>(count: columns)
        let count = sampleCount
        concurrently(columns, threads: threads) { row in
            let line = centred.withUnsafeBufferPointer { centred in
                (0...row).map { column -> Double in
                    var sums = SIMD8<Float>.zero
                    for group in 0..<groups { sums += centred[row * groups + group] * centred[column * groups + group] }
                    return Double(sums.sum()) / Double(count)
                }
            }
            results.set(row, .success(line))
        }
        var matrix = [Double](repeating: 0, count: columns * columns)
        for (row, line) in ((try? results.values()) ?? []).enumerated() {
            for (column, value) in line.enumerated() {
                matrix[row * columns + column] = value
                matrix[column * columns + row] = value
            }
        }
        return matrix
    }
}
