extension Graph {
    /// Puts scales and offsets into the convolution whose output only they read: per-channel ones (a depthwise 1x1 convolution, as batch norm
    /// and biases are imported) and the affine that an activation begins with. The maps stay the same up to rounding.
    package mutating func foldAffines() {
        var readers = [Int](repeating: 0, count: tensors.count)
        for tensor in nodes.flatMap(\.inputs) + [probability] + [threshold].compactMap({ $0 }) { readers[tensor] += 1 }
        /// The node of `folded` that makes a tensor.
        var makers = [Int?](repeating: nil, count: tensors.count)
        var folded: [Node] = []
        for var node in nodes {
            if node.inputs.count == 1, readers[node.inputs[0]] == 1, let maker = makers[node.inputs[0]],
                let convolution = folded[maker].operation.takingIn(&node.operation)
            {
                folded[maker].operation = convolution
                if node.operation.isIdentity {
                    folded[maker].output = node.output
                    makers[node.output] = maker
                    continue
                }
            }
            folded.append(node)
            makers[node.output] = folded.count - 1
        }
        nodes = folded
    }

    /// Drops nodes that the maps do not depend on, and tensors that no node touches.
    package mutating func removeUnused() {
        var isNeeded = [Bool](repeating: false, count: tensors.count)
        for tensor in [input, probability] + [threshold].compactMap({ $0 }) { isNeeded[tensor] = true }
        var kept: [Node] = []
        for node in nodes.reversed() where isNeeded[node.output] {
            for tensor in node.inputs { isNeeded[tensor] = true }
            kept.append(node)
        }
        var newID: [TensorID] = []
        var keptTensors: [Tensor] = []
        for (tensor, needed) in zip(tensors, isNeeded) {
            newID.append(keptTensors.count)
            if needed { keptTensors.append(tensor) }
        }
        tensors = keptTensors
        nodes = kept.reversed().map { node in
            Node(name: node.name, operation: node.operation, inputs: node.inputs.map { newID[$0] }, output: newID[node.output])
        }
        (input, probability, threshold) = (newID[input], newID[probability], threshold.map { newID[$0] })
    }

    /// Throws where a weight, a bias or a constant of an activation is not a finite number.
    package func checkNumbers() throws(ImportError) {
        for node in nodes where !node.operation.isFinite {
            throw .model(
                problem: "the weights of node '\(node.name)' hold infinities or what is not a number: "
                    + "the training diverged, or the file is damaged")
        }
    }
}

extension Operation {
    /// This convolution followed by the affine that `next` is or begins with, which is taken out of `next`; nil where there is none.
    fileprivate func takingIn(_ next: inout Operation) -> Operation? {
        switch (self, next) {
        case (.convolution(let convolution), .convolution(let affine)) where affine.isScaleAndOffset:
            next = .activation(ScalarFunction([]))
            return .convolution(convolution.followed(byScales: affine.weights, offsets: affine.bias, isTransposed: false))
        case (.transposedConvolution(let convolution), .convolution(let affine)) where affine.isScaleAndOffset:
            next = .activation(ScalarFunction([]))
            return .transposedConvolution(convolution.followed(byScales: affine.weights, offsets: affine.bias, isTransposed: true))
        case (.convolution(let convolution), .activation(let function)):
            guard case .affine(let scale, let offset)? = function.chain.first else { return nil }
            next = .activation(ScalarFunction(Array(function.chain.dropFirst())))
            return .convolution(convolution.followed(byScale: scale, offset: offset, isTransposed: false))
        case (.transposedConvolution(let convolution), .activation(let function)):
            guard case .affine(let scale, let offset)? = function.chain.first else { return nil }
            next = .activation(ScalarFunction(Array(function.chain.dropFirst())))
            return .transposedConvolution(convolution.followed(byScale: scale, offset: offset, isTransposed: true))
        default: return nil
        }
    }

    fileprivate var isIdentity: Bool {
        if case .activation(let function) = self { function.chain.isEmpty } else { false }
    }

    fileprivate var isFinite: Bool {
        switch self {
        case .convolution(let convolution), .transposedConvolution(let convolution):
            convolution.weights.allSatisfy(\.isFinite) && convolution.bias.allSatisfy(\.isFinite)
        case .activation(let function):
            function.chain.allSatisfy { elementary in
                switch elementary {
                case .affine(let scale, let offset): scale.isFinite && offset.isFinite
                case .hardSigmoid(let alpha, let beta): alpha.isFinite && beta.isFinite
                case .clip(let low, let high): low <= high
                case .relu, .hardSwish, .gelu, .sigmoid: true
                }
            }
        default: true
        }
    }
}

extension Convolution {
    /// One scale and one offset for each channel, and nothing else.
    fileprivate var isScaleAndOffset: Bool {
        kernelHeight == 1 && kernelWidth == 1 && stride == 1 && padding == Padding() && groups == inputChannels && groups == outputChannels
    }

    fileprivate func followed(byScale scale: Float, offset: Float, isTransposed: Bool) -> Convolution {
        followed(
            byScales: [Float](repeating: scale, count: outputChannels), offsets: [Float](repeating: offset, count: outputChannels),
            isTransposed: isTransposed)
    }

    fileprivate func followed(byScales scales: [Float], offsets: [Float], isTransposed: Bool) -> Convolution {
        var result = self
        let perChannel = isTransposed ? kernelHeight * kernelWidth : weights.count / outputChannels
        for index in weights.indices {
            // Transposed weights have the output channel as their second axis, others as their first.
            let channel = index / perChannel % outputChannels
            result.weights[index] = Float(Double(weights[index]) * Double(scales[channel]))
        }
        for channel in bias.indices {
            result.bias[channel] = Float(Double(bias[channel]) * Double(scales[channel]) + Double(offsets[channel]))
        }
        return result
    }
}
