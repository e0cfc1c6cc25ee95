import Foundation

/// A function of one number, as a chain of the elementary ones that detectors use: what becomes a 256-byte table.
public struct ScalarFunction: Sendable, Equatable {
    public enum Elementary: Sendable, Equatable {
        case relu
        /// x * scale + offset
        case affine(scale: Float, offset: Float)
        /// min(max(x, low), high)
        case clip(low: Float, high: Float)
        /// x * min(max(x + 3, 0), 6) / 6
        case hardSwish
        /// min(max(x * alpha + beta, 0), 1)
        case hardSigmoid(alpha: Float, beta: Float)
        /// x * (1 + erf(x / sqrt 2)) / 2
        case gelu
        case sigmoid
    }

    /// Applied first to last.
    public var chain: [Elementary]

    public init(_ chain: [Elementary]) {
        self.chain = chain
    }

    public func callAsFunction(_ value: Float) -> Float {
        chain.reduce(value) { $1($0) }
    }
}

extension ScalarFunction.Elementary {
    public func callAsFunction(_ x: Float) -> Float {
        switch self {
        case .relu: max(x, 0)
        case .affine(let scale, let offset): x * scale + offset
        case .clip(let low, let high): min(max(x, low), high)
        case .hardSwish: x * min(max(x + 3, 0), 6) / 6
        case .hardSigmoid(let alpha, let beta): min(max(x * alpha + beta, 0), 1)
        case .gelu: 0.5 * x * (1 + Float(erf(Double(x) * 0.5.squareRoot())))
        case .sigmoid: 1 / (1 + Float(exp(-Double(x))))
        }
    }
}
