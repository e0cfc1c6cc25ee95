/// How a window slides: what Conv and MaxPool have in common.
private struct Window {
    var kernel: (height: Int, width: Int)
    var stride: Int
    var padding: Padding
    var outputHeight: Int
    var outputWidth: Int

    init(_ node: SourceNode, kernel: (height: Int, width: Int), over input: Graph.Tensor) throws(ImportError) {
        let dilations = try node.integers("dilations") ?? [1, 1]
        guard dilations.allSatisfy({ $0 == 1 }) else { throw node.failure("dilations \(dilations) are not supported, only 1") }
        let strides = try node.integers("strides") ?? [1, 1]
        guard strides.count == 2, strides[0] == strides[1], (1...Lowering.largestTensor).contains(strides[0]) else {
            throw node.failure("strides \(strides) are not supported, only one positive stride for both directions")
        }
        let limit = 1...Lowering.largestTensor
        guard limit.contains(kernel.height), limit.contains(kernel.width) else {
            throw node.failure("a kernel of \(kernel.height)x\(kernel.width) is not a possible one")
        }
        self.kernel = kernel
        stride = strides[0]
        let automatic = try node.string("auto_pad", default: "NOTSET")
        switch automatic {
        case "NOTSET", "":
            let pads = try node.integers("pads") ?? [0, 0, 0, 0]
            guard pads.count == 4, pads.allSatisfy({ (0...Lowering.largestTensor).contains($0) }) else {
                throw node.failure("pads \(pads) are not four sizes of 0 or more")
            }
            padding = Padding(top: pads[0], left: pads[1], bottom: pads[2], right: pads[3])
        case "VALID": padding = Padding()
        case "SAME_UPPER", "SAME_LOWER":
            let vertical = Self.same(input.height, kernel: kernel.height, stride: stride)
            let horizontal = Self.same(input.width, kernel: kernel.width, stride: stride)
            padding =
                automatic == "SAME_UPPER"
                ? Padding(top: vertical.less, left: horizontal.less, bottom: vertical.more, right: horizontal.more)
                : Padding(top: vertical.more, left: horizontal.more, bottom: vertical.less, right: horizontal.less)
        default: throw node.failure("auto_pad '\(automatic)' is not supported")
        }
        let height = input.height + padding.top + padding.bottom
        let width = input.width + padding.left + padding.right
        guard let elements = checkedProduct([input.channels, height, width]), elements <= Lowering.largestTensor else {
            throw node.failure(
                "its input, padded to \(input.channels)x\(height)x\(width), is larger than \(Lowering.largestTensor) elements")
        }
        guard height >= kernel.height, width >= kernel.width else {
            throw node.failure("a kernel of \(kernel.height)x\(kernel.width) does not fit into \(height)x\(width) pixels")
        }
        outputHeight = (height - kernel.height) / stride + 1
        outputWidth = (width - kernel.width) / stride + 1
    }

    /// The padding that makes the output as large as the input divided by the stride, rounded up, as two halves.
    private static func same(_ size: Int, kernel: Int, stride: Int) -> (less: Int, more: Int) {
        let outputs = (size - 1) / stride + 1
        let total = max((outputs - 1) * stride + kernel - size, 0)
        return (total / 2, total - total / 2)
    }
}

extension Lowering {
    mutating func convolution(_ operands: Operands) throws(ImportError) -> Signal.ID {
        let node = operands.node
        let input = try materialize(try operands.signal(0))
        let shape = tensors[input]
        let weights = try operands.constant(1)
        guard weights.shape.count == 4, weights.count > 0 else {
            throw node.failure("its weights have the shape \(weights.shape), where 4 sizes were expected")
        }
        let (outputChannels, groupChannels) = (weights.shape[0], weights.shape[1])
        let kernel = (height: weights.shape[2], width: weights.shape[3])
        if let stated = try node.integers("kernel_shape"), stated != [kernel.height, kernel.width] {
            throw node.failure("kernel_shape \(stated) does not suit weights of shape \(weights.shape)")
        }
        let groups = try node.integer("group", default: 1)
        let isDepthwise = groups == shape.channels && outputChannels == groups && groupChannels == 1
        guard groups == 1 || isDepthwise else {
            throw node.failure(
                "\(groups) groups over \(shape.channels) channels to \(outputChannels) are not supported: "
                    + "1 group, or one group and one output for each channel (depthwise)")
        }
        guard isDepthwise || groupChannels == shape.channels else {
            throw node.failure("its weights are for \(groupChannels) channels, but its input has \(shape.channels)")
        }
        let window = try Window(node, kernel: kernel, over: shape)
        let convolution = Convolution(
            weights: weights.floats, bias: try bias(operands, outputChannels), inputChannels: shape.channels,
            outputChannels: outputChannels,
            kernelHeight: kernel.height, kernelWidth: kernel.width, stride: window.stride, padding: window.padding, groups: groups)
        return try emit(.convolution(convolution), [input], outputChannels, window.outputHeight, window.outputWidth, node)
    }

    mutating func transposedConvolution(_ operands: Operands) throws(ImportError) -> Signal.ID {
        let node = operands.node
        let input = try materialize(try operands.signal(0))
        let shape = tensors[input]
        let weights = try operands.constant(1)
        guard weights.shape.count == 4, weights.count > 0, weights.shape[0] == shape.channels else {
            throw node.failure("its weights have the shape \(weights.shape), where 4 sizes were expected, the first \(shape.channels)")
        }
        let strides = try node.integers("strides") ?? [1, 1]
        let group = try node.integer("group", default: 1)
        let outputShape = try node.integers("output_shape")
        var isPlain = weights.shape[2...] == [2, 2] && strides == [2, 2] && group == 1 && outputShape == nil
        for (attribute, expected) in [("pads", 0), ("output_padding", 0), ("dilations", 1)] {
            let values = try node.integers(attribute) ?? []
            isPlain = isPlain && values.allSatisfy { $0 == expected }
        }
        guard isPlain else {
            throw node.failure("only a 2x2 kernel with stride 2, no padding, no dilation and 1 group is supported for this operator")
        }
        let outputChannels = weights.shape[1]
        let convolution = Convolution(
            weights: weights.floats, bias: try bias(operands, outputChannels), inputChannels: shape.channels,
            outputChannels: outputChannels,
            kernelHeight: 2, kernelWidth: 2, stride: 2, padding: Padding(), groups: 1)
        return try emit(.transposedConvolution(convolution), [input], outputChannels, shape.height * 2, shape.width * 2, node)
    }

    private func bias(_ operands: Operands, _ channels: Int) throws(ImportError) -> [Float] {
        guard let bias = try operands.optionalConstant(2) else { return [Float](repeating: 0, count: channels) }
        guard bias.count == channels else { throw operands.node.failure("its bias has \(bias.count) numbers for \(channels) channels") }
        return bias.floats
    }

    mutating func maximumPool(_ operands: Operands) throws(ImportError) -> Signal.ID {
        let node = operands.node
        let input = try materialize(try operands.signal(0))
        guard try node.integer("ceil_mode", default: 0) == 0 else { throw node.failure("ceil_mode 1 is not supported") }
        guard let kernel = try node.integers("kernel_shape"), kernel.count == 2 else {
            throw node.failure("kernel_shape must be two sizes")
        }
        let window = try Window(node, kernel: (kernel[0], kernel[1]), over: tensors[input])
        let padding = window.padding
        guard max(padding.top, padding.bottom) < kernel[0], max(padding.left, padding.right) < kernel[1] else {
            throw node.failure("its padding is as large as its kernel, so that a window could hold nothing")
        }
        let pool = MaximumPool(kernelHeight: kernel[0], kernelWidth: kernel[1], stride: window.stride, padding: padding)
        return try emit(.maximumPool(pool), [input], tensors[input].channels, window.outputHeight, window.outputWidth, node)
    }

    /// A scale and an offset for each channel, as a depthwise 1x1 convolution; `foldAffines` puts it into the convolution before it.
    mutating func scaleAndOffset(
        _ signal: Signal.ID, scales: [Float], offsets: [Float], _ node: SourceNode
    ) throws(ImportError) -> Signal.ID {
        let input = try materialize(signal)
        let shape = tensors[input]
        let convolution = Convolution(
            weights: scales, bias: offsets, inputChannels: shape.channels, outputChannels: shape.channels, kernelHeight: 1, kernelWidth: 1,
            stride: 1, padding: Padding(), groups: shape.channels)
        return try emit(.convolution(convolution), [input], shape.channels, shape.height, shape.width, node)
    }

    mutating func batchNormalization(_ operands: Operands) throws(ImportError) -> Signal.ID {
        let node = operands.node
        let signal = try operands.signal(0)
        guard try node.integer("training_mode", default: 0) == 0 else { throw node.failure("it is still in training mode") }
        let channels = tensors[signals[signal].base].channels
        let epsilon = Double(try node.float("epsilon", default: 1e-5))
        var parameters: [[Float]] = []
        for index in 1...4 {
            let parameter = try operands.constant(index)
            guard parameter.count == channels else {
                throw node.failure("input \(index) has \(parameter.count) numbers for \(channels) channels")
            }
            parameters.append(parameter.floats)
        }
        var (scales, offsets): ([Float], [Float]) = ([], [])
        for channel in 0..<channels {
            let scale = Double(parameters[0][channel]) / (Double(parameters[3][channel]) + epsilon).squareRoot()
            scales.append(Float(scale))
            offsets.append(Float(Double(parameters[1][channel]) - Double(parameters[2][channel]) * scale))
        }
        return try scaleAndOffset(signal, scales: scales, offsets: offsets, node)
    }

    /// Appends an operation and the tensor it makes.
    mutating func emit(
        _ operation: Operation, _ inputs: [Graph.TensorID], _ channels: Int, _ height: Int, _ width: Int, _ node: SourceNode
    ) throws(ImportError) -> Signal.ID {
        guard let elements = checkedProduct([channels, height, width]), elements <= Self.largestTensor else {
            throw node.failure("its output of \(channels)x\(height)x\(width) is larger than \(Self.largestTensor) elements")
        }
        let name = node.node.output.first ?? node.name
        tensors.append(Graph.Tensor(name: name, channels: channels, height: height, width: width))
        let tensor = tensors.count - 1
        nodes.append(Graph.Node(name: node.name, operation: operation, inputs: inputs, output: tensor))
        signals.append(Signal(definition: .tensor, base: tensor, nodeName: node.name, name: name, tensor: tensor))
        return signals.count - 1
    }
}
