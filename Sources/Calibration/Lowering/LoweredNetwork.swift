/// A network as the board will run it, before its numbers are chosen: fused steps, tensors that are slices of concatenations, and which
/// tensors must share one scale.
package struct LoweredNetwork: Sendable {
    package struct Tensor: Sendable {
        package enum Element: Sendable {
            case int8
            case logits
            case gate
        }

        package var name: String
        package var channels: Int
        package var height: Int
        package var width: Int
        package var element: Element
        /// The float tensor that this one stands for; nil for gates and for the binary map.
        package var source: Graph.TensorID?
        /// Set where the tensor is some channels of a concatenation.
        package var slice: Slice?
    }

    package struct Slice: Sendable, Equatable {
        package var parent: Int
        package var firstChannel: Int
    }

    package struct Step: Sendable {
        package var name: String
        package var operation: LoweredOperation
        /// Combine: a, then b where `hasSecond`, then the gate where `hasGate`. Convolution: the input, then what is added to the output, if
        /// anything.
        package var inputs: [Int]
        package var output: Int
        package var neededForProbability = true
        package var neededForBinary = true

        /// The tensor that a convolution adds to its output.
        package var addend: Int? { operation.weighted != nil && inputs.count == 2 ? inputs[1] : nil }
    }

    package var tensors: [Tensor]
    package var steps: [Step]
    package var input: Int
    package var probability: Int
    package var threshold: Int?
    package var binary: Int?
    /// For each tensor, the tensor whose scale and zero point it shares (itself for most).
    package var scaleOwner: [Int]
}

package enum LoweredOperation: Sendable {
    /// Dense or depthwise; `before` is the float tensor ahead of the activation.
    case convolution(Convolution, before: Graph.TensorID, activation: ScalarFunction?)
    case transposed(Convolution, before: Graph.TensorID, activation: ScalarFunction?)
    /// One output channel in int16.
    case logits(Convolution, isTransposed: Bool)
    /// a * (gateOffset + gate) + b; b is smaller by `factor` in both directions.
    case combine(factor: Int, hasSecond: Bool, hasGate: Bool)
    case gate(Gate)
    case lookup(ScalarFunction)
    /// Nearest enlarging; factor 1 copies.
    case repeated(factor: Int)
    case bilinear(Resize)
    case maximum(MaximumPool)
    case binaryMap

    /// Squeeze-and-excitation (Hu et al. 2018): two layers on the channels' means, ReLU between, hard sigmoid after.
    package struct Gate: Sendable {
        package var squeeze: Convolution
        package var expand: Convolution
        /// The float tensor between the two layers, after the ReLU.
        package var hidden: Graph.TensorID
        package var alpha: Float
        package var beta: Float
        /// 1 where the input is added to its scaled self, else 0.
        package var offset: Int
    }
}

extension LoweredOperation {
    /// The convolution with its float tensor ahead of the activation, for those steps that have one.
    package var weighted: (convolution: Convolution, isTransposed: Bool)? {
        switch self {
        case .convolution(let convolution, _, _): (convolution, false)
        case .transposed(let convolution, _, _): (convolution, true)
        case .logits(let convolution, let isTransposed): (convolution, isTransposed)
        default: nil
        }
    }
}

/// Why a graph that imports cannot be run in integers.
public enum LoweringError: Error, CustomStringConvertible {
    case unsupported(node: String, reason: String)

    public var description: String {
        switch self {
        case .unsupported(let node, let reason): "the network's node \(node) cannot be run in integers: \(reason)"
        }
    }
}

extension ScalarFunction {
    /// Hard-swish, then times `scale` plus `offset`: what the kernels compute without a table.
    package var hardSwish: (scale: Float, offset: Float)? {
        guard chain.first == .hardSwish else { return nil }
        if chain.count == 1 { return (1, 0) }
        guard chain.count == 2, case .affine(let scale, let offset) = chain[1], scale > 0 else { return nil }
        return (scale, offset)
    }

    /// ReLU, which alone among the saturations is the same in channels of different steps.
    package var isRectifier: Bool { chain.allSatisfy { $0 == .relu } }

    /// Whether clamping to the output's range computes it, so that no table is needed: ReLU, and clips that start at 0.
    package var isSaturation: Bool {
        chain.allSatisfy { elementary in
            switch elementary {
            case .relu: true
            case .clip(let low, _): low == 0
            default: false
            }
        }
    }
}
