/// A convolution's float weights by output row, in the order of the model file, as they act on the integers of their input.
///
/// A transposed 2x2 convolution counts as four 1x1 convolutions: 4 * outputChannels rows. Depthwise rows are channels, each
/// [kernelRows][kernelColumns].
struct WeightRows {
    let values: [[Float]]

    /// - Parameters:
    ///   - normalization: set where the input is the picture, whose bytes the weights bring to the network's scale.
    ///   - inputFactors: how much larger a step of each input channel is than the input's scale.
    init(_ convolution: Convolution, isTransposed: Bool, normalization: Preprocessing?, inputFactors: [Float]?) {
        let inputs = convolution.inputChannels / convolution.groups
        let outputs = convolution.outputChannels
        let area = convolution.kernelHeight * convolution.kernelWidth
        if isTransposed {
            values = (0..<area).flatMap { tap in
                (0..<outputs).map { output in
                    (0..<inputs).map { convolution.weights[($0 * outputs + output) * area + tap] * (inputFactors?[$0] ?? 1) }
                }
            }
            return
        }
        values = (0..<outputs).map { output in
            (0..<area).flatMap { tap in
                (0..<inputs).map { channel in
                    let weight = convolution.weights[(output * inputs + channel) * area + tap]
                    if let normalization { return weight / (255 * normalization.deviation[channel]) }
                    return weight * (inputFactors?[convolution.isDepthwise ? output : channel] ?? 1)
                }
            }
        }
    }

    /// The coarsest real unit of a row's accumulator, in steps of that row's output factor.
    func coarsestAccumulator(inputScale: Double, outputFactors: [Float]?) -> Double {
        var greatest = 0.0
        for (index, row) in values.enumerated() {
            let factor = Double(outputFactors.map { $0[index % $0.count] } ?? 1)
            greatest = max(greatest, Double(row.reduce(0) { max($0, abs($1)) }) / factor)
        }
        return inputScale * greatest / 127
    }
}
