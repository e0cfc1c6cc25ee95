extension Lowering {
    /// The activations: functions of one number with their parameters as attributes or constant inputs.
    mutating func activation(_ operands: Operands) throws(ImportError) -> Signal.ID {
        let node = operands.node
        let input = try operands.signal(0)
        switch node.node.opType {
        case "Relu": return apply(.relu, to: input, node)
        case "Sigmoid": return apply(.sigmoid, to: input, node)
        case "HardSwish": return apply(.hardSwish, to: input, node)
        case "Neg": return apply(.affine(scale: -1, offset: 0), to: input, node)
        case "Erf": return applyErf(to: input, node)
        case "HardSigmoid":
            return apply(
                .hardSigmoid(alpha: try node.float("alpha", default: 0.2), beta: try node.float("beta", default: 0.5)), to: input, node)
        case "Gelu":
            let approximation = try node.string("approximate", default: "none")
            guard approximation == "none" else { throw node.failure("the approximation '\(approximation)' is not supported, only 'none'") }
            return apply(.gelu, to: input, node)
        case "Clip":
            let low = try bound(operands, 1, attribute: "min", default: -.infinity)
            let high = try bound(operands, 2, attribute: "max", default: .infinity)
            return apply(.clip(low: low, high: high), to: input, node)
        default: throw .unsupportedOperator(node: node.name, operatorName: node.operatorName)
        }
    }

    private func bound(
        _ operands: Operands, _ index: Int, attribute: String, default value: Float
    ) throws(ImportError) -> Float {
        guard let constant = try operands.optionalConstant(index) else { return try operands.node.float(attribute, default: value) }
        guard let bound = constant.scalar else { throw operands.node.failure("input \(index) must be a single number") }
        return bound
    }

    mutating func add(_ operands: Operands) throws(ImportError) -> Signal.ID {
        switch (operands[0], operands[1]) {
        case (.signal(let signal), .constant(let constant)), (.constant(let constant), .signal(let signal)):
            return try affine(signal, scales: nil, offsets: constant, operands.node)
        default:
            let (left, right) = (try materialize(try operands.signal(0)), try materialize(try operands.signal(1)))
            let (a, b) = (tensors[left], tensors[right])
            guard (a.channels, a.height, a.width) == (b.channels, b.height, b.width) else {
                throw operands.node.failure(
                    "a sum of \(a.channels)x\(a.height)x\(a.width) and \(b.channels)x\(b.height)x\(b.width) is not supported, only of equal shapes"
                )
            }
            return try emit(.add, [left, right], a.channels, a.height, a.width, operands.node)
        }
    }

    mutating func subtract(_ operands: Operands) throws(ImportError) -> Signal.ID {
        switch (operands[0], operands[1]) {
        case (.signal(let signal), .constant(let constant)):
            return try affine(signal, scales: nil, offsets: constant.mapped { -$0 }, operands.node)
        case (.constant(let constant), .signal(let signal)):
            return try affine(
                apply(.affine(scale: -1, offset: 0), to: signal, operands.node), scales: nil, offsets: constant, operands.node)
        default: throw operands.node.failure("the difference of two feature maps is not supported")
        }
    }

    mutating func multiply(_ operands: Operands) throws(ImportError) -> Signal.ID {
        let node = operands.node
        switch (operands[0], operands[1]) {
        case (.signal(let signal), .constant(let constant)), (.constant(let constant), .signal(let signal)):
            return try affine(signal, scales: constant, offsets: nil, node)
        default: break
        }
        let (left, right) = (try operands.signal(0), try operands.signal(1))
        if let activation = selfGated(left, gate: right, node) ?? selfGated(right, gate: left, node) { return activation }
        let (a, b) = (tensors[signals[left].base], tensors[signals[right].base])
        let isLeftGate = (a.height, a.width) == (1, 1) && (b.height, b.width) != (1, 1)
        let (features, gate) = isLeftGate ? (right, left) : (left, right)
        let gateShape = isLeftGate ? a : b
        guard a.channels == b.channels, (gateShape.height, gateShape.width) == (1, 1) else {
            throw node.failure(
                "a product of \(a.channels)x\(a.height)x\(a.width) and \(b.channels)x\(b.height)x\(b.width) is not supported: one factor must be "
                    + "a constant or a 1x1 gate of as many channels, or both must make up a hard-swish or GELU")
        }
        let inputs = [try materialize(features), try materialize(gate)]
        let shape = tensors[inputs[0]]
        return try emit(.scaleChannels, inputs, shape.channels, shape.height, shape.width, node)
    }

    mutating func divide(_ operands: Operands) throws(ImportError) -> Signal.ID {
        guard case .signal(let signal)? = operands[0], case .constant(let constant)? = operands[1] else {
            throw operands.node.failure("only features divided by a constant are supported")
        }
        return try affine(signal, scales: constant.mapped { Float(1 / Double($0)) }, offsets: nil, operands.node)
    }

    /// signal * scales + offsets, where a constant is one number for all or one for each channel.
    private mutating func affine(
        _ signal: Signal.ID, scales: Constant?, offsets: Constant?, _ node: SourceNode
    ) throws(ImportError) -> Signal.ID {
        if (scales?.count ?? 1, offsets?.count ?? 1) == (1, 1) {
            return apply(.affine(scale: scales?.scalar ?? 1, offset: offsets?.scalar ?? 0), to: signal, node)
        }
        let channels = tensors[signals[signal].base].channels
        for constant in [scales, offsets].compactMap({ $0 }) where !constant.isPerChannel(channels) {
            throw node.failure(
                "a constant of shape \(constant.shape) is neither one number nor one for each of the \(channels) channels (\(channels)x1x1)"
            )
        }
        return try scaleAndOffset(
            signal, scales: scales?.floats ?? [Float](repeating: 1, count: channels),
            offsets: offsets?.floats ?? [Float](repeating: 0, count: channels), node)
    }
}

extension Constant {
    fileprivate func mapped(_ function: (Float) -> Float) -> Constant {
        Constant(shape: shape, elements: .floats(floats.map(function)))
    }

    /// Whether it broadcasts over 1 x channels x height x width as one number for each channel.
    fileprivate func isPerChannel(_ channels: Int) -> Bool {
        shape == [channels, 1, 1] || shape == [1, channels, 1, 1]
    }
}
