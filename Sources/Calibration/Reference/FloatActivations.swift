import Foundation

struct ActivationLayer: FloatLayer {
    let function: ScalarFunction

    func run(_ inputs: [FloatMemory.Block], _ output: FloatMemory.Block, _ memory: FloatMemory) {
        output.update(from: UnsafeBufferPointer(start: inputs[0].start, count: inputs[0].count))
        // A block small enough to stay in the cache goes through the whole chain before the next one.
        let blockVectors = 512
        for first in stride(from: 0, to: output.vectors, by: blockVectors) {
            for elementary in function.chain {
                elementary.apply(to: output.start + 8 * first, vectors: min(blockVectors, output.vectors - first))
            }
        }
    }
}

extension ScalarFunction.Elementary {
    /// Replaces vectors of 8 floats with this function of them: what `callAsFunction` gives, for the GELU to 2e-9 of the erf's range.
    fileprivate func apply(to start: UnsafeMutablePointer<Float>, vectors: Int) {
        switch self {
        case .relu: start.map(vectors) { $0.clamped(low: 0, high: .infinity) }
        case .affine(let scale, let offset): start.map(vectors) { $0 * scale + offset }
        case .clip(let low, let high): start.map(vectors) { $0.clamped(low: low, high: high) }
        case .hardSwish: start.map(vectors) { $0 * ($0 + 3).clamped(low: 0, high: 6) / 6 }
        case .hardSigmoid(let alpha, let beta): start.map(vectors) { ($0 * alpha + beta).clamped(low: 0, high: 1) }
        case .gelu:
            for index in 0..<8 * vectors {
                let x = Double(start[index])
                start[index] = Float(0.5 * x * (1 + errorFunction(x * 0.5.squareRoot())))
            }
        case .sigmoid:
            for index in 0..<8 * vectors { start[index] = self(start[index]) }
        }
    }
}

extension UnsafeMutablePointer<Float> {
    @inline(__always) fileprivate func map(_ vectors: Int, _ function: (SIMD8<Float>) -> SIMD8<Float>) {
        for index in 0..<vectors { store(function(vector(at: 8 * index)), at: 8 * index) }
    }
}

extension SIMD8<Float> {
    /// min(max(x, low), high) in each lane, by comparisons: `clamped(lowerBound:upperBound:)` goes lane by lane.
    @inline(__always) fileprivate func clamped(low: Float, high: Float) -> SIMD8<Float> {
        let lowVector = SIMD8(repeating: low)
        let highVector = SIMD8(repeating: high)
        let raised = replacing(with: lowVector, where: self .< lowVector)
        return raised.replacing(with: highVector, where: raised .> highVector)
    }
}

/// erf(x) to 1.4e-9, as x P(x^2) / Q(x^2): a rational least-squares fit over |x| <= 3.92, beyond which erf is 1 to 3e-8. Unlike the C library's
/// it has no branches, so that a loop over it runs on vectors.
@inline(__always) private func errorFunction(_ x: Double) -> Double {
    let x = min(max(x, -3.9192059), 3.9192059)
    let z = x * x
    var p = -1.3333626489906384e-08
    p = p * z + 4.717377046735162e-06
    p = p * z + 0.00038035475744268687
    p = p * z + 0.0038322889233244886
    p = p * z + 0.054277840019257666
    p = p * z + 0.18470008296142523
    p = p * z + 1.1283791808019996
    var q = 6.341503458716809e-05
    q = q * z + 0.001304988892508001
    q = q * z + 0.015430706934916494
    q = q * z + 0.11377481573781788
    q = q * z + 0.49701971507057346
    q = q * z + 1
    return x * p / q
}
