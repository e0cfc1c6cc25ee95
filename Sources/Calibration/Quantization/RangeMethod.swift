import Foundation

/// A way to choose the range of values that 8 bits shall hold.
public enum RangeMethod: String, CaseIterable, Sendable, Codable {
    /// The least and the greatest value seen.
    case minmax
    /// Without the outermost hundredth of a percent on each side.
    case percentile
    /// The least mean squared error.
    case mse
    /// The least Kullback-Leibler divergence of the quantized distribution (Migacz 2017), on each side.
    case kl
}

/// What 8 bits shall hold, zero included.
package struct ValueRange: Sendable, Equatable {
    package var low: Float
    package var high: Float

    package init(low: Float, high: Float) {
        self.low = min(low, 0)
        self.high = max(high, 0)
    }
}

extension RangeHistogram {
    /// The range that a method chooses; a range of one step around zero where nothing but zeros was seen.
    package func range(by method: RangeMethod) -> ValueRange {
        guard !isEmpty, maximum > minimum || maximum != 0 else { return ValueRange(low: 0, high: 1e-6) }
        let whole = ValueRange(low: minimum, high: maximum)
        switch method {
        case .minmax: return whole
        case .percentile: return percentileRange(cut: 0.0001, within: whole)
        case .mse: return searchedRange(within: whole, cost: squaredError)
        case .kl: return searchedRange(within: whole, cost: divergence)
        }
    }

    private func percentileRange(cut: Double, within whole: ValueRange) -> ValueRange {
        let total = counts.reduce(0.0) { $0 + Double($1) }
        var low = 0
        var high = counts.count - 1
        var sum = 0.0
        while low < high, sum + Double(counts[low]) <= total * cut {
            sum += Double(counts[low])
            low += 1
        }
        sum = 0
        while high > low, sum + Double(counts[high]) <= total * cut {
            sum += Double(counts[high])
            high -= 1
        }
        return ValueRange(
            low: max(whole.low, value(of: low) - binWidth / 2), high: min(whole.high, value(of: high) + binWidth / 2))
    }

    /// Shrinks both ends in turn, in 1/64 of the whole range, to where the cost is least.
    private func searchedRange(within whole: ValueRange, cost: (ValueRange) -> Double) -> ValueRange {
        var best = whole
        for _ in 0..<2 {
            for shrinksHigh in [true, false] where (shrinksHigh ? whole.high : whole.low) != 0 {
                var bestCost = Double.infinity
                var chosen = best
                for part in stride(from: 64, to: 3, by: -1) {
                    let factor = Float(part) / 64
                    let candidate = ValueRange(
                        low: shrinksHigh ? best.low : whole.low * factor, high: shrinksHigh ? whole.high * factor : best.high)
                    let candidateCost = cost(candidate)
                    if candidateCost < bestCost {
                        bestCost = candidateCost
                        chosen = candidate
                    }
                }
                best = chosen
            }
        }
        return best
    }

    /// The sum over all values of the squared distance to the nearest of 256 levels.
    private func squaredError(_ range: ValueRange) -> Double {
        let step = (range.high - range.low) / 255
        var sum = 0.0
        for bin in counts.indices where counts[bin] != 0 {
            let x = value(of: bin)
            let level = ((min(max(x, range.low), range.high) - range.low) / step).rounded() * step + range.low
            // A bin wider than a step still spreads over levels: its error is at least a step's own.
            let error = max((x - level) * (x - level), step * step / 12)
            sum += Double(counts[bin]) * Double(error)
        }
        return sum
    }

    /// The divergence of the clipped distribution from its quantized form, which spreads each level's count over the bins that it covers.
    private func divergence(_ range: ValueRange) -> Double {
        let half = Float(Self.binCount / 2)
        let first = min(Self.binCount - 1, max(0, Int((range.low / binWidth + half).rounded(.down))))
        let last = min(Self.binCount - 1, max(first, Int((range.high / binWidth + half).rounded(.down))))
        let below = counts[..<first].reduce(0.0) { $0 + Double($1) }
        let above = counts[(last + 1)...].reduce(0.0) { $0 + Double($1) }
        let total = counts.reduce(0.0) { $0 + Double($1) }
        let levels = 256
        let bins = last - first + 1
        guard total > 0, bins >= levels else { return .infinity }
        var sum = 0.0
        for level in 0..<levels {
            let start = first + level * bins / levels
            let end = first + (level + 1) * bins / levels
            let kept = counts[start..<end].reduce(0.0) { $0 + Double($1) }
            let occupied = Double(counts[start..<end].reduce(0) { $0 + ($1 == 0 ? 0 : 1) })
            for bin in start..<end where counts[bin] != 0 {
                // What lies outside counts at the ends in the reference, and is missing from the quantized form.
                let clipped = (bin == first ? below : 0) + (bin == last ? above : 0)
                let p = (Double(counts[bin]) + clipped) / total
                sum += p * log(p / (kept / occupied / total))
            }
        }
        return sum
    }
}
