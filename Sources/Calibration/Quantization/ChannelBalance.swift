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
        let groups = self.groups()
        var result = [[Float]?](repeating: nil, count: network.tensors.count)
        for members in Dictionary(grouping: network.tensors.indices, by: { groups[$0] }).values {
            guard members.allSatisfy(isEligible), let factors = factors(of: members) else { continue }
            for member in members { result[member] = factors }
        }
        return result
    }

    /// Tensors that one step adds must have the same factors.
    private func groups() -> [Int] {
        var owner = network.scaleOwner
        func find(_ index: Int) -> Int {
            var index = index
            while owner[index] != index { index = owner[index] }
            return index
        }
        for step in network.steps {
            guard case .combine(_, let hasSecond, _) = step.operation else { continue }
            owner[find(step.inputs[0])] = find(step.output)
            if hasSecond { owner[find(step.inputs[1])] = find(step.output) }
        }
        return network.tensors.indices.map(find)
    }

    /// Whether every step that makes or reads the tensor knows factors.
    private func isEligible(_ tensor: Int) -> Bool {
        guard network.tensors[tensor].element == .int8, tensor != network.input, network.tensors[tensor].slice == nil,
            !network.tensors.contains(where: { $0.slice?.parent == tensor })
        else { return false }
        return network.steps.allSatisfy { step in
            guard step.output == tensor || step.inputs.contains(tensor) else { return true }
            switch step.operation {
            case .convolution(_, _, let activation), .transposed(_, _, let activation):
                return step.output != tensor || activation.map { $0.isSaturation || $0.hardSwish != nil } ?? true
            case .combine, .gate, .logits: return true
            case .lookup, .repeated, .bilinear, .maximum, .binaryMap: return false
            }
        }
    }

    private func factors(of members: [Int]) -> [Float]? {
        var dense: [Convolution] = []
        var isLinear = true
        var isReadByDepthwiseOnly = true
        for step in network.steps {
            if members.contains(step.output) {
                switch step.operation {
                case .convolution(_, _, let activation), .transposed(_, _, let activation): isLinear = isLinear && activation == nil
                default: break
                }
            }
            guard members.contains(step.inputs[0]) else { continue }
            if let (convolution, _) = step.operation.weighted, convolution.isDepthwise { continue }
            isReadByDepthwiseOnly = false
            if let (convolution, isTransposed) = step.operation.weighted, !isTransposed { dense.append(convolution) }
        }
        guard isLinear || isReadByDepthwiseOnly else { return nil }
        let channels = network.tensors[members[0]].channels
        var activation = [Float](repeating: 1e-6, count: channels)
        for member in members {
            guard let source = network.tensors[member].source, let amplitude = amplitudes[source], amplitude.count == channels else { continue }
            let greatest = max(amplitude.max() ?? 0, 1e-6)
            for channel in 0..<channels { activation[channel] = max(activation[channel], amplitude[channel] / greatest) }
        }
        if isReadByDepthwiseOnly { return rounded(activation) }
        let columns = columnMaxima(dense, channels: channels)
        return rounded(
            (0..<channels).map { channel in
                pow(activation[channel], Self.activationShare) / pow(columns[channel], 1 - Self.activationShare)
            })
    }

    /// By input channel: the greatest weight as a part of its row's greatest.
    private func columnMaxima(_ convolutions: [Convolution], channels: Int) -> [Float] {
        var result = [Float](repeating: 1e-3, count: channels)
        for convolution in convolutions {
            let area = convolution.kernelHeight * convolution.kernelWidth
            for row in 0..<convolution.outputChannels {
                let weights = convolution.weights[(row * channels * area)..<((row + 1) * channels * area)]
                let greatest = weights.reduce(0) { max($0, abs($1)) }
                guard greatest > 0 else { continue }
                for (position, weight) in weights.enumerated() {
                    result[position / area] = max(result[position / area], abs(weight) / greatest)
                }
            }
        }
        return result
    }

    private func rounded(_ factors: [Float]) -> [Float] {
        let greatest = factors.max() ?? 1
        return factors.map { 256 / (256 / max($0 / greatest, Self.leastFactor)).rounded() }
    }
}
