import Inference

extension Text.Interpolation {
    /// What a step does, in the words of plans and of `bench`: "conv 3x3 /2 + add".
    @inline(never)
    public mutating func appendInterpolation(_ kind: StepDescription.Kind) {
        switch kind {
        case .convolution(let window, let adds):
            append("conv", window)
            if adds { appendLiteral(" + add") }
        case .depthwise(let window): append("depthwise", window)
        case .transposed: appendLiteral("transposed 2x2")
        case .logits(let window): append("logits", window)
        case .transposedLogits: appendLiteral("logits, transposed 2x2")
        case .combine: appendLiteral("combine")
        case .gate: appendLiteral("gate")
        case .lookup: appendLiteral("lookup")
        case .repetition(let factor):
            appendLiteral("enlarge x")
            appendInterpolation(factor)
        case .bilinear(let factor):
            appendLiteral("bilinear x")
            appendInterpolation(factor)
        case .maximum(let window): append("maximum", window)
        case .binaryMap: appendLiteral("binary map")
        }
    }

    private mutating func append(_ operation: StaticString, _ window: StepDescription.Window) {
        appendLiteral(operation)
        appendLiteral(" ")
        appendInterpolation(window.rows)
        appendLiteral("x")
        appendInterpolation(window.columns)
        if window.stride != 1 {
            appendLiteral(" /")
            appendInterpolation(window.stride)
        }
    }
}
