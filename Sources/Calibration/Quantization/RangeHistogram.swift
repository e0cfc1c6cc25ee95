/// How often a tensor takes which values: bins of one width around zero, which doubles when a value falls outside.
package struct RangeHistogram: Sendable {
    package static let binCount = 4096

    /// Bin i holds values from (i - binCount / 2) * binWidth to one binWidth more.
    package private(set) var counts = [UInt64](repeating: 0, count: binCount)
    package private(set) var binWidth: Float = 1.0 / 1024
    package private(set) var minimum = Float.infinity
    package private(set) var maximum = -Float.infinity

    package init() {}

    package var isEmpty: Bool { minimum > maximum }

    /// Counts a map's values, each divided by its channel's factor; the channels follow one another.
    ///
    /// - Parameter weights: by pixel: how often its values count.
    package mutating func add(_ values: UnsafeBufferPointer<Float>, factors: [Float]?, weights: [UInt64]) {
        guard !weights.isEmpty else { return }
        var scaled = [Float](repeating: 0, count: weights.count)
        for channel in 0..<(values.count / weights.count) {
            let factor = factors?[channel] ?? 1
            for pixel in weights.indices { scaled[pixel] = values[channel * weights.count + pixel] / factor }
            scaled.withUnsafeBufferPointer { add($0, weights: weights) }
        }
    }

    /// Counts values; those that are not finite are passed over.
    private mutating func add(_ values: UnsafeBufferPointer<Float>, weights: [UInt64]) {
        var low = Float.infinity
        var high = -Float.infinity
        for value in values where value.isFinite {
            low = min(low, value)
            high = max(high, value)
        }
        guard low <= high else { return }
        minimum = min(minimum, low)
        maximum = max(maximum, high)
        widen(toHold: max(abs(low), abs(high)))
        let scale = 1 / binWidth
        let half = Float(Self.binCount / 2)
        counts.withUnsafeMutableBufferPointer { counts in
            for (pixel, value) in values.enumerated() where value.isFinite {
                counts[min(Self.binCount - 1, max(0, Int(value * scale + half)))] += weights[pixel]
            }
        }
    }

    package mutating func merge(_ other: RangeHistogram) {
        guard !other.isEmpty else { return }
        minimum = min(minimum, other.minimum)
        maximum = max(maximum, other.maximum)
        var other = other
        let width = max(binWidth, other.binWidth)
        while binWidth < width { halve() }
        while other.binWidth < width { other.halve() }
        for bin in counts.indices { counts[bin] &+= other.counts[bin] }
    }

    private mutating func widen(toHold magnitude: Float) {
        while magnitude >= binWidth * Float(Self.binCount / 2) { halve() }
    }

    /// Doubles the bins' width: pairs of bins become one, around the middle.
    private mutating func halve() {
        let half = Self.binCount / 2
        var folded = [UInt64](repeating: 0, count: Self.binCount)
        for bin in 0..<half { folded[half / 2 + bin] = counts[2 * bin] &+ counts[2 * bin + 1] }
        counts = folded
        binWidth *= 2
    }

    /// The middle of a bin.
    package func value(of bin: Int) -> Float { (Float(bin - Self.binCount / 2) + 0.5) * binWidth }
}
