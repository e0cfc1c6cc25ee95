import Inference

/// What a convolution reads at sampled positions of all images: int8 values as they lie in the arenas.
///
/// A dense convolution has one set of columns, in the order of its weights; a depthwise one has a set of taps for each channel.
package struct LayerSamples {
    let isDepthwise: Bool
    /// Values that one output reads.
    let columnCount: Int
    /// 1, or the channels of a depthwise convolution.
    let setCount: Int
    let sampleCount: Int
    /// [set][sample][column]
    let values: [Int8]
    private let means: [[Double]]

    /// - Parameter inputs: by image, where its input lies.
    init(
        _ step: LoweredNetwork.Step, convolution: Convolution, isTransposed: Bool, network: LoweredNetwork, positions: [SamplePositions],
        inputs: (Int) -> TensorView
    ) {
        let height = isTransposed ? 1 : convolution.kernelHeight
        let width = isTransposed ? 1 : convolution.kernelWidth
        let channels = convolution.inputChannels
        isDepthwise = convolution.isDepthwise
        columnCount = height * width * (convolution.isDepthwise ? 1 : channels)
        setCount = convolution.isDepthwise ? channels : 1
        sampleCount = positions.count * SamplePositions.count
        var values: [Int8] = []
        values.reserveCapacity(setCount * sampleCount * columnCount)
        // Sample by sample all taps and channels: for depthwise layers that is turned round below.
        for (image, positions) in positions.enumerated() {
            let input = inputs(image)
            for position in positions.places(of: step, in: network) {
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

    /// Second moments of a set's columns, and of each target with them.
    package struct Moments: Sendable {
        /// Of the columns, row by row.
        package var covariance: [Double]
        /// By target: its covariance with each column.
        package var targets: [[Double]]

        package init(covariance: [Double], targets: [[Double]]) {
            self.covariance = covariance
            self.targets = targets
        }

        var columnCount: Int { Int(Double(covariance.count).squareRoot()) }
    }

    /// - Parameter targets: by output row of the set, a value for each sample.
    func moments(set: Int, targets: [[Float]], threads: Int) -> Moments {
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
        let count = Double(sampleCount)
        let results = ConcurrentResults<[Double]>(count: columns + targets.count)
        concurrently(columns + targets.count, threads: threads) { row in
            if row < columns {
                let own = Array(centred[(row * groups)..<((row + 1) * groups)])
                return results.set(row, .success(Self.products(own, centred, columns: row + 1, count: count)))
            }
            // The columns are centred, so the target need not be.
            let target = targets[row - columns]
            let vectors = (0..<groups).map { group in
                var vector = SIMD8<Float>.zero
                for lane in 0..<8 { vector[lane] = target[8 * group + lane] }
                return vector
            }
            results.set(row, .success(Self.products(vectors, centred, columns: columns, count: count)))
        }
        let lines = (try? results.values()) ?? []
        var matrix = [Double](repeating: 0, count: columns * columns)
        for (row, line) in lines.prefix(columns).enumerated() {
            for (column, value) in line.enumerated() {
                matrix[row * columns + column] = value
                matrix[column * columns + row] = value
            }
        }
        return Moments(covariance: matrix, targets: Array(lines.dropFirst(columns)))
    }

    /// The mean product of one line of samples with each of the first columns.
    private static func products(_ one: [SIMD8<Float>], _ centred: [SIMD8<Float>], columns: Int, count: Double) -> [Double] {
        one.withUnsafeBufferPointer { one in
            centred.withUnsafeBufferPointer { centred in
                (0..<columns).map { column in
                    var sums = SIMD8<Float>.zero
                    for group in one.indices { sums += one[group] * centred[column * one.count + group] }
                    return Double(sums.sum()) / count
                }
            }
        }
    }
}
