import Foundation

/// Fits weights to the int8 inputs that they will get, then rounds them one after another, each time moving the error onto the weights still to
/// come, as far as the inputs' covariance lets them make up for it (Frantar et al. 2023, "GPTQ", from the optimal brain surgeon).
///
/// Rounding each weight to the nearest integer is best only if the inputs are independent of each other; neighbouring pixels and channels
/// are far from that.
package enum WeightRounding {
    /// Part of the mean variance that is added to the diagonal: directions that the samples do not show shall not be used.
    private static let damping = 0.01

    /// - Parameters:
    ///   - weights: by output row, in steps of the row's scale: within -127...127 but for rounding.
    ///   - samples: the inputs; a depthwise row has a set of its own.
    ///   - targets: by output row: what the float network has for each sample, in units of the row's accumulator; none without a fit.
    ///   - ridge: how strongly fitted weights are held to the given ones, against the mean variance of the inputs; nil for no fit.
    static func round(
        _ weights: [[Double]], on samples: LayerSamples, targets: [[Float]], ridge: Double?, threads: Int
    ) -> [[Int8]] {
        let results = ConcurrentResults<[Int8]>(count: weights.count)
        if samples.isDepthwise {
            concurrently(weights.count, threads: threads) { row in
                let rounding = Rounding(samples.moments(set: row, targets: targets.isEmpty ? [] : [targets[row]], threads: 1), ridge: ridge)
                results.set(row, .success(rounding.round(weights[row], target: 0)))
            }
        } else {
            let rounding = Rounding(samples.moments(set: 0, targets: targets, threads: threads), ridge: ridge)
            concurrently(weights.count, threads: threads) { row in
                results.set(row, .success(rounding.round(weights[row], target: row)))
            }
        }
        return (try? results.values()) ?? []
    }

    /// All that rows with the same inputs share.
    package struct Rounding: Sendable {
        private let moments: LayerSamples.Moments
        private let fit: Propagation?
        private let propagation: Propagation

        package init(_ moments: LayerSamples.Moments, ridge: Double?) {
            self.moments = moments
            fit = ridge.map { Propagation(moments.covariance, size: moments.columnCount, damping: $0) }
            propagation = Propagation(moments.covariance, size: moments.columnCount, damping: damping)
        }

        /// - Parameter target: which of the moments' targets.
        package func round(_ weights: [Double], target: Int) -> [Int8] {
            let fitted = fit?.fitted(weights, covariance: moments.covariance, target: moments.targets[target]) ?? weights
            return propagation.round(fitted)
        }
    }

    /// The order in which weights are rounded, and how much of an error each later one takes over.
    private struct Propagation: Sendable {
        /// Columns with the largest variance first: their errors cost most, and the rest can make up for them.
        private let order: [Int]
        /// The upper Cholesky factor of the inverse covariance in that order, row by row; nil if the covariance is singular.
        private let factor: [Double]?

        init(_ covariance: [Double], size: Int, damping: Double) {
            let variances = (0..<size).map { covariance[$0 * size + $0] }
            let order = (0..<size).sorted { (variances[$0], $1) > (variances[$1], $0) }
            self.order = order
            let mean = variances.reduce(0, +) / Double(max(size, 1))
            guard mean > 0 else {
                factor = nil
                return
            }
            var matrix = [Double](repeating: 0, count: size * size)
            for row in 0..<size {
                for column in 0..<size { matrix[row * size + column] = covariance[order[row] * size + order[column]] }
                matrix[row * size + row] += damping * mean
            }
            factor = Self.upperFactorOfInverse(matrix, size)
        }

        /// U with transpose(U) U = inverse(matrix), by way of matrix = V transpose(V) with V upper: then U = inverse(V).
        private static func upperFactorOfInverse(_ matrix: [Double], _ size: Int) -> [Double]? {
            var v = matrix
            return v.withUnsafeMutableBufferPointer { v -> [Double]? in
                for column in stride(from: size - 1, through: 0, by: -1) {
                    var diagonal = v[column * size + column]
                    for k in (column + 1)..<max(size, column + 1) { diagonal -= v[column * size + k] * v[column * size + k] }
                    guard diagonal > 0 else { return nil }
                    let root = diagonal.squareRoot()
                    v[column * size + column] = root
                    for row in 0..<column {
                        var sum = v[row * size + column]
                        for k in (column + 1)..<max(size, column + 1) { sum -= v[row * size + k] * v[column * size + k] }
                        v[row * size + column] = sum / root
                    }
                }
                return inverse(upper: v, size)
            }
        }

        private static func inverse(upper v: UnsafeMutableBufferPointer<Double>, _ size: Int) -> [Double] {
            var u = [Double](repeating: 0, count: size * size)
            u.withUnsafeMutableBufferPointer { u in
                for row in stride(from: size - 1, through: 0, by: -1) {
                    let reciprocal = 1 / v[row * size + row]
                    u[row * size + row] = reciprocal
                    // Row of the inverse: -(1 / v_rr) * sum over k > row of v_rk * row k of the inverse.
                    for k in (row + 1)..<max(size, row + 1) {
                        let weight = v[row * size + k] * reciprocal
                        guard weight != 0 else { continue }
                        for column in k..<size { u[row * size + column] -= weight * u[k * size + column] }
                    }
                }
            }
            return u
        }

        /// Ridge regression: weights near the given ones whose sums on the int8 inputs come near the target. Those inputs hold the errors of all
        /// layers before; inputs of which some err one way and some the other are weighed so that errors cancel.
        func fitted(_ weights: [Double], covariance: [Double], target: [Double]) -> [Double] {
            guard let factor else { return weights }
            let size = weights.count
            let residual = order.map { row in
                target[row] - (0..<size).reduce(0.0) { $0 + covariance[row * size + $1] * weights[$1] }
            }
            let half = (0..<size).map { row in (row..<size).reduce(0.0) { $0 + factor[row * size + $1] * residual[$1] } }
            var result = weights
            for column in 0..<size {
                result[order[column]] += (0...column).reduce(0.0) { $0 + factor[$1 * size + column] * half[$1] }
            }
            return result
        }

        func round(_ weights: [Double]) -> [Int8] {
            func nearest(_ value: Double) -> Int8 { Int8(min(max(value.rounded(), -127), 127)) }
            guard let factor else { return weights.map(nearest) }
            let size = weights.count
            var rest = order.map { weights[$0] }
            var result = [Int8](repeating: 0, count: size)
            for place in 0..<size {
                let rounded = nearest(rest[place])
                result[order[place]] = rounded
                let error = (rest[place] - Double(rounded)) / factor[place * size + place]
                for later in (place + 1)..<max(size, place + 1) { rest[later] -= error * factor[place * size + later] }
            }
            return result
        }
    }
}
