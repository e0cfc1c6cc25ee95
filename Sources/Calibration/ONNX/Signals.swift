import Foundation

/// A value that depends on the picture: a tensor, or an element-by-element function of one that may not need a tensor of its own.
struct Signal {
    typealias ID = Int

    enum Definition {
        case tensor
        case elementary(ScalarFunction.Elementary, of: Signal.ID)
        /// Never computed alone: it is one step of a GELU.
        case erf(of: Signal.ID)
    }

    var definition: Definition
    /// The tensor that this is a function of; it has the same shape.
    var base: Graph.TensorID
    /// The names of the ONNX node that makes it and of that node's output.
    var nodeName: String
    var name: String
    /// Set once the values are in a tensor.
    var tensor: Graph.TensorID?
}

extension Lowering {
    mutating func apply(_ elementary: ScalarFunction.Elementary, to signal: Signal.ID, _ node: SourceNode) -> Signal.ID {
        append(.elementary(elementary, of: signal), over: signal, node)
    }

    mutating func applyErf(to signal: Signal.ID, _ node: SourceNode) -> Signal.ID {
        append(.erf(of: signal), over: signal, node)
    }

    private mutating func append(_ definition: Signal.Definition, over signal: Signal.ID, _ node: SourceNode) -> Signal.ID {
        signals.append(
            Signal(definition: definition, base: signals[signal].base, nodeName: node.name, name: node.node.output.first ?? node.name))
        return signals.count - 1
    }

    /// The tensor that holds a signal's values; emits an activation where there is none yet.
    mutating func materialize(_ signal: Signal.ID) throws(ImportError) -> Graph.TensorID {
        var chain: [ScalarFunction.Elementary] = []
        var current = signal
        while signals[current].tensor == nil {
            switch signals[current].definition {
            case .elementary(let elementary, let operand):
                chain.append(elementary)
                current = operand
            case .erf:
                throw .node(name: signals[current].nodeName, operatorName: "Erf", problem: "it is supported only as part of a GELU")
            case .tensor:
                throw .node(name: signals[current].nodeName, operatorName: "", problem: "it has no tensor")
            }
        }
        let source = signals[current].tensor ?? signals[current].base
        let function = ScalarFunction(chain.reversed()).simplified()
        let result: Graph.TensorID
        if function.chain.isEmpty {
            result = source
        } else {
            var tensor = tensors[source]
            tensor.name = signals[signal].name
            tensors.append(tensor)
            result = tensors.count - 1
            nodes.append(Graph.Node(name: signals[signal].nodeName, operation: .activation(function), inputs: [source], output: result))
        }
        signals[signal].tensor = result
        return result
    }

    /// The product of two signals as an activation of one of them, where it is one: x * hardSigmoid(x), x * clip(x + 3, 0, 6) / 6,
    /// x * (1 + erf(x / sqrt 2)), in any order of the factors.
    mutating func selfGated(_ x: Signal.ID, gate: Signal.ID, _ node: SourceNode) -> Signal.ID? {
        guard let gate = Gate(gate, in: signals) else { return nil }
        // What the gate's argument is an affine function of, and which.
        var affines: [Signal.ID: (scale: Double, offset: Double)] = [:]
        var (argument, scale, offset) = (gate.argument, 1.0, 0.0)
        affines[argument] = (scale, offset)
        while case .elementary(.affine(let factor, let shift), let operand) = signals[argument].definition {
            offset += scale * Double(shift)
            scale *= Double(factor)
            argument = operand
            affines[argument] = (scale, offset)
        }
        // The exporter may have scaled x before the product: (0.5 x) * (1 + erf(x / sqrt 2)).
        var (candidate, multiple) = (x, 1.0)
        while true {
            if let inner = affines[candidate] { return apply(gate, inner, to: candidate, scale: multiple, node) }
            guard case .elementary(.affine(let factor, 0), let operand) = signals[candidate].definition else { return nil }
            (candidate, multiple) = (operand, multiple * Double(factor))
        }
    }

    /// scale * x * gate(p x + q), where that is a known activation.
    private mutating func apply(
        _ gate: Gate, _ inner: (scale: Double, offset: Double), to x: Signal.ID, scale: Double, _ node: SourceNode
    ) -> Signal.ID? {
        let function: ScalarFunction.Elementary
        // The known activation is f(x) = x * g(x); of x * g(stretch * x) it makes f(stretch * x) / stretch.
        var stretch: Double
        switch gate.kind {
        case .hardSigmoid(let alpha, let beta):
            guard abs(alpha * inner.offset + beta - 0.5) < Self.constantTolerance else { return nil }
            (function, stretch) = (.hardSwish, 6 * alpha * inner.scale)
        case .erf:
            guard abs(inner.offset) < Self.constantTolerance else { return nil }
            (function, stretch) = (.gelu, inner.scale * 2.0.squareRoot())
        }
        guard stretch.isFinite, stretch != 0 else { return nil }
        if abs(stretch - 1) < Self.constantTolerance { stretch = 1 }
        let stretched = stretch == 1 ? x : apply(.affine(scale: Float(stretch), offset: 0), to: x, node)
        let activated = apply(function, to: stretched, node)
        let factor = gate.factor * scale / stretch
        return apply(.affine(scale: Float(factor), offset: 0), to: activated, node)
    }

    /// Exporters write sqrt 2 and 1/6 as floats or with seven digits.
    private static let constantTolerance = 1e-6
}

/// factor * kind(argument): the part of an activation that x is multiplied with.
private struct Gate {
    enum Kind {
        /// clip(alpha x + beta, 0, 1)
        case hardSigmoid(alpha: Double, beta: Double)
        /// (1 + erf(x)) / 2
        case erf
    }

    let kind: Kind
    let argument: Signal.ID
    let factor: Double

    init?(_ signal: Signal.ID, in signals: [Signal]) {
        var (core, scale, offset) = (signal, 1.0, 0.0)
        while case .elementary(.affine(let factor, let shift), let operand) = signals[core].definition {
            offset += scale * Double(shift)
            scale *= Double(factor)
            core = operand
        }
        switch signals[core].definition {
        case .elementary(.clip(low: 0, let high), let operand) where offset == 0 && high > 0 && high.isFinite:
            (kind, argument, factor) = (.hardSigmoid(alpha: 1 / Double(high), beta: 0), operand, scale * Double(high))
        case .elementary(.hardSigmoid(let alpha, let beta), let operand) where offset == 0:
            (kind, argument, factor) = (.hardSigmoid(alpha: Double(alpha), beta: Double(beta)), operand, scale)
        case .erf(let operand) where offset == scale:
            (kind, argument, factor) = (.erf, operand, 2 * scale)
        default: return nil
        }
    }
}

extension ScalarFunction {
    /// The same function with neighbours merged: affines into one, an affine and a clip into a hard sigmoid, what does nothing left out.
    func simplified() -> ScalarFunction {
        var result: [Elementary] = []
        for elementary in chain {
            switch (result.dropLast().last, result.last, elementary) {
            case (_, .affine(let innerScale, let innerOffset)?, .affine(let scale, let offset)):
                result.removeLast()
                result.append(
                    .affine(
                        scale: Float(Double(scale) * Double(innerScale)),
                        offset: Float(Double(scale) * Double(innerOffset) + Double(offset))))
            case (_, .affine(let scale, let offset)?, .clip(low: 0, high: 1)):
                result.removeLast()
                result.append(.hardSigmoid(alpha: scale, beta: offset))
            case (.affine(let innerScale, let innerOffset)?, .clip(low: 0, let high)?, .affine(let scale, offset: 0))
            where high * scale == 1:
                result.removeLast(2)
                result.append(.hardSigmoid(alpha: innerScale * scale, beta: innerOffset * scale))
            case (_, .relu?, .relu): break
            case (_, _, .clip(low: 0, high: .infinity)): result.append(.relu)
            default: result.append(elementary)
            }
            if case .affine(scale: 1, offset: 0)? = result.last { result.removeLast() }
        }
        return ScalarFunction(result)
    }
}
