import Foundation

/// Gives the channels of a tensor steps of different size where that is free or nearly so: cross-layer equalization (Nagel et al. 2019,
/// section 4.1) by activations' ranges and weights together (Xiao et al. 2023).
///
/// - A tensor that only depthwise convolutions read: each channel gets the step that suits it, since a depthwise weight is a channel's own.
/// - Outputs of layers without an activation, and the sums along residual connections, which must agree: a channel's step is weighed
///   against the columns of the dense weights that read it, which lose precision as steps differ.
///
/// A step is the tensor's scale times the channel's factor, 256 / k with a whole k: what hard-swish's last factor can give exactly.
struct ChannelBalance {
    let network: LoweredNetwork
    /// By float tensor: the greatest magnitude of each channel.
    let amplitudes: [Graph.TensorID: [Float]]

    /// Measured on PP-OCRv3 and v4: 0.5 to 0.7 give the best maps.
    private static let activationShare: Float = 0.6
    /// Finer than this against the coarsest channel gains nothing, and hard-swish's last factor fits 15 bits.
    private static let leastFactor: Float = 1.0 / 16

    /// By tensor: a factor per channel, or nil where all channels share one step.
    func factors() -> [[Float]?] {
        let links = ChannelLinks(network)
        var result = [[Float]?](repeating: nil, count: network.tensors.count)
        for members in links.components where members.allSatisfy(isEligible) {
            guard let byClass = factors(of: members, links) else { continue }
            for member in members {
                result[member] = (0..<network.tensors[member].channels).map { byClass[links.classOf(tensor: member, channel: $0)] ?? 1 }
            }
        }
        return result
    }

    /// Whether every step that makes or reads the tensor knows factors.
    private func isEligible(_ tensor: Int) -> Bool {
        guard network.tensors[tensor].element == .int8, tensor != network.input else { return false }
        return network.steps.allSatisfy { step in
            guard step.output == tensor || step.inputs.contains(tensor) else { return true }
            switch step.operation {
            case .convolution(_, _, let activation), .transposed(_, _, let activation):
                return step.output != tensor || activation.map { $0.isRectifier || $0.hardSwish != nil } ?? true
            case .combine, .gate, .logits, .repeated, .bilinear, .maximum: return true
            case .lookup, .binaryMap: return false
            }
        }
    }

    /// By class of channels.
    private func factors(of members: [Int], _ links: ChannelLinks) -> [Int: Float]? {
        var isLinear = true
        var isReadByDepthwiseOnly = true
        var columns: [Int: Float] = [:]
        for step in network.steps {
            if members.contains(step.output) {
                switch step.operation {
                case .convolution(_, _, let activation), .transposed(_, _, let activation): isLinear = isLinear && activation == nil
                default: break
                }
            }
            guard members.contains(step.inputs[0]) else { continue }
            guard let (convolution, isTransposed) = step.operation.weighted, !convolution.isDepthwise else {
                isReadByDepthwiseOnly = isReadByDepthwiseOnly && step.operation.weighted != nil
                continue
            }
            isReadByDepthwiseOnly = false
            for (channel, greatest) in columnMaxima(convolution, isTransposed: isTransposed).enumerated() {
                let place = links.classOf(tensor: step.inputs[0], channel: channel)
                columns[place] = max(columns[place] ?? 1e-3, greatest)
            }
        }
        guard isLinear || isReadByDepthwiseOnly else { return nil }
        let activation = activations(of: members, links)
        if isReadByDepthwiseOnly { return rounded(activation) }
        return rounded(
            activation.reduce(into: [:]) { result, entry in
                result[entry.key] = pow(entry.value, Self.activationShare) / pow(columns[entry.key] ?? 1e-3, 1 - Self.activationShare)
            })
    }

    /// By class: the greatest magnitude as a part of the greatest among the tensors that share its scale.
    private func activations(of members: [Int], _ links: ChannelLinks) -> [Int: Float] {
        var greatest: [Int: Float] = [:]
        for member in members {
            let amplitude = network.tensors[member].source.flatMap { amplitudes[$0]?.max() } ?? 0
            greatest[network.scaleOwner[member]] = max(greatest[network.scaleOwner[member]] ?? 1e-6, amplitude)
        }
        var result: [Int: Float] = [:]
        for member in members {
            guard let amplitude = network.tensors[member].source.flatMap({ amplitudes[$0] }) else { continue }
            for channel in 0..<network.tensors[member].channels {
                let place = links.classOf(tensor: member, channel: channel)
                result[place] = max(result[place] ?? 1e-6, amplitude[channel] / (greatest[network.scaleOwner[member]] ?? 1))
            }
        }
        return result
    }

    /// By input channel: the greatest weight as a part of its row's greatest.
    private func columnMaxima(_ convolution: Convolution, isTransposed: Bool) -> [Float] {
        var result = [Float](repeating: 0, count: convolution.inputChannels)
        for row in WeightRows(convolution, isTransposed: isTransposed, normalization: nil, inputFactors: nil).values {
            let greatest = row.reduce(0) { max($0, abs($1)) }
            guard greatest > 0 else { continue }
            for (position, weight) in row.enumerated() {
                let channel = position % convolution.inputChannels
                result[channel] = max(result[channel], abs(weight) / greatest)
            }
        }
        return result
    }

    private func rounded(_ factors: [Int: Float]) -> [Int: Float] {
        let greatest = factors.values.max() ?? 1
        return factors.mapValues { 256 / (256 / max($0 / greatest, Self.leastFactor)).rounded() }
    }
}

/// Which channels of which tensors must have the same factor: those that steps add to each other, copy, or write into a concatenation.
struct ChannelLinks {
    private let firstChannels: [Int]
    private let classes: [Int]
    /// Tensors whose channels are linked, however indirectly.
    let components: [[Int]]

    init(_ network: LoweredNetwork) {
        var firstChannels: [Int] = []
        var count = 0
        for tensor in network.tensors {
            firstChannels.append(count)
            count += tensor.channels
        }
        var channels = DisjointSets(count: count)
        var tensors = DisjointSets(count: network.tensors.count)
        func link(_ one: Int, _ other: Int, firstOfOther: Int = 0) {
            tensors.join(one, other)
            for channel in 0..<network.tensors[one].channels {
                channels.join(firstChannels[one] + channel, firstChannels[other] + firstOfOther + channel)
            }
        }
        for (index, tensor) in network.tensors.enumerated() {
            if let slice = tensor.slice { link(index, slice.parent, firstOfOther: slice.firstChannel) }
        }
        for step in network.steps {
            switch step.operation {
            case .combine(_, let hasSecond, _):
                link(step.inputs[0], step.output)
                if hasSecond { link(step.inputs[1], step.output) }
            case .repeated, .bilinear, .maximum: link(step.inputs[0], step.output)
            case .convolution: if let addend = step.addend { link(addend, step.output) }
            default: break
            }
        }
        self.firstChannels = firstChannels
        classes = (0..<count).map { channels.root(of: $0) }
        components = Dictionary(grouping: network.tensors.indices, by: { tensors.root(of: $0) }).values.map { $0.sorted() }
            .sorted { $0[0] < $1[0] }
    }

    func classOf(tensor: Int, channel: Int) -> Int { classes[firstChannels[tensor] + channel] }
}

/// Sets that can be joined (union-find with path halving).
struct DisjointSets {
    private var parents: [Int]

    init(count: Int) { parents = Array(0..<count) }

    mutating func root(of index: Int) -> Int {
        var index = index
        while parents[index] != index {
            parents[index] = parents[parents[index]]
            index = parents[index]
        }
        return index
    }

    mutating func join(_ one: Int, _ other: Int) { parents[root(of: one)] = root(of: other) }
}
