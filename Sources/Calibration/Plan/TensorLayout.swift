/// The bytes of a lowered network's tensors before they have a place: borders, strides, lifetimes.
package struct TensorLayout: Sendable {
    package struct Entry: Sendable {
        package var border = Padding()
        package var channelStride = 0
        /// The tensor whose bytes these are: itself, or the concatenation that it is a slice of.
        package var storage = 0
        package var firstChannel = 0
        package var byteCount = 0
        /// The steps that first write and last read the storage.
        package var firstStep = Int.max
        package var lastStep = 0
    }

    package private(set) var entries: [Entry]

    package init(_ network: LoweredNetwork) {
        entries = network.tensors.indices.map { index in
            let tensor = network.tensors[index]
            return Entry(storage: tensor.slice?.parent ?? index, firstChannel: tensor.slice?.firstChannel ?? 0)
        }
        for step in network.steps { reserveBorder(for: step, in: network) }
        for index in entries.indices where entries[index].storage == index { size(index, network.tensors[index]) }
        for index in entries.indices where entries[index].storage != index {
            let parent = entries[entries[index].storage]
            entries[index].border = parent.border
            entries[index].channelStride = parent.channelStride
        }
        setLifetimes(network)
    }

    /// A window may stick out of its input: the input's storage gets that many pixels more on each side.
    private mutating func reserveBorder(for step: LoweredNetwork.Step, in network: LoweredNetwork) {
        guard let (convolution, isTransposed) = step.operation.weighted, !isTransposed else { return }
        let input = network.tensors[step.inputs[0]]
        let output = network.tensors[step.output]
        let bottom = (output.height - 1) * convolution.stride + convolution.kernelHeight - convolution.padding.top - input.height
        let right = (output.width - 1) * convolution.stride + convolution.kernelWidth - convolution.padding.left - input.width
        let storage = entries[step.inputs[0]].storage
        entries[storage].border.top = max(entries[storage].border.top, convolution.padding.top)
        entries[storage].border.left = max(entries[storage].border.left, convolution.padding.left)
        entries[storage].border.bottom = max(entries[storage].border.bottom, bottom)
        entries[storage].border.right = max(entries[storage].border.right, right)
    }

    private mutating func size(_ index: Int, _ tensor: LoweredNetwork.Tensor) {
        switch tensor.element {
        case .int8:
            let border = entries[index].border
            entries[index].channelStride = (tensor.channels + 3) / 4 * 4
            entries[index].byteCount =
                (tensor.height + border.top + border.bottom) * (tensor.width + border.left + border.right) * entries[index].channelStride
        case .logits:
            entries[index].channelStride = 2
            entries[index].byteCount = 2 * tensor.height * tensor.width
        case .gate:
            entries[index].channelStride = 4
            entries[index].byteCount = 14 * tensor.channels
        }
    }

    private mutating func setLifetimes(_ network: LoweredNetwork) {
        func touch(_ tensor: Int, at step: Int) {
            let storage = entries[tensor].storage
            entries[storage].firstStep = min(entries[storage].firstStep, step)
            entries[storage].lastStep = max(entries[storage].lastStep, step)
        }
        touch(network.input, at: 0)
        for (index, step) in network.steps.enumerated() {
            for tensor in step.inputs { touch(tensor, at: index) }
            touch(step.output, at: index)
        }
        // What is enlarged lives as long as the enlarged map: kernels may read it in that one's place.
        for step in network.steps {
            if case .repeated = step.operation { touch(step.inputs[0], at: entries[entries[step.output].storage].lastStep) }
        }
        touch(network.probability, at: network.steps.count)
        if let binary = network.binary { touch(binary, at: network.steps.count) }
        for index in entries.indices where entries[index].storage != index {
            entries[index].firstStep = entries[entries[index].storage].firstStep
            entries[index].lastStep = entries[entries[index].storage].lastStep
        }
    }
}
