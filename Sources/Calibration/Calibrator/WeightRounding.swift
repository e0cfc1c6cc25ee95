import Foundation

/// Rounds weights one after another, each time moving the error onto the weights still to come, as far as the inputs' covariance lets them
/// make up for it (Frantar et al. 2023, "GPTQ", from the optimal brain surgeon).
///
/// Rounding each weight to the nearest integer is best only if the inputs are independent of each other; neighbouring pixels and channels
/// are far from that.
enum WeightRounding {
    /// Part of the mean variance that is added to the diagonal: directions that the samples do not show shall not be used.
    private static let damping = 0.01

    /// - Parameters:
    ///   - weights: by output row, in steps of the row's scale: within -127...127 but for rounding.
    ///   - samples: the inputs; a depthwise row has a set of its own.
    static func round(_ weights: [[Double]], on samples: LayerSamples, threads: Int) -> [[Int8]] {
        if samples.isDepthwise {
            let results = ConcurrentResults<[Int8]>(count: weights.count)
            concurrently(weights.count, threads: threads) { row in
                let order = Propagation(samples.covariance(set: row, threads: 1), size: samples.columnCount, damping: damping)
                results.set(row, .success(order.round(weights[row])))
            }
            return (try? results.values()) ?? []
        }
        let order = Propagation(samples.covariance(set: 0, threads: threads), size: samples.columnCount, damping: damping)
        let results = ConcurrentResults<[Int8]>(count: weights.count)
        concurrently(weights.count, threads: threads) { row in results.set(row, .success(order.round(weights[row]))) }
        return (try? results.values()) ?? []
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
