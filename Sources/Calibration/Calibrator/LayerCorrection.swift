import CModelFile
import Foundation
import Inference

/// Goes through the layers in order and makes up for what rounding did to each and to those before it: weights are fitted and rounded so that
/// errors cancel on real inputs (`WeightRounding`), then the mean error that is left is taken off every bias (Nagel et al. 2019, section 4.2,
/// with measured means).
///
/// Each image has an int8 network of its own, stopped ahead of the layer, so that a layer is fitted to the int8 input that it will get. Then
/// the step runs on all images and the next layer follows.
struct LayerCorrection {
    let network: LoweredNetwork
    let calibrated: Calibrated
    let statistics: FloatStatistics
    let inputs: [NetworkInput]
    let threads: Int

    /// - Parameter ridge: how strongly weights are held to those given while they are fitted; nil for no fit.
    func run(
        _ quantized: QuantizedNetwork, ridge: Double?, description: ModelDescription, progress: (Double) -> Void
    ) throws -> QuantizedNetwork {
        var corrected = quantized
        let bytes = ModelBytes(ModelWriter.bytes(of: quantized, description: description))
        let runners = try statistics.positions.indices.map { image in
            let runner = try IntegerRunner(bytes)
            runner.load(inputs[image], preprocessing: calibrated.preprocessing)
            return runner
        }
        for index in network.steps.indices {
            progress(Double(index) / Double(network.steps.count))
            if case .weights(let constants) = corrected.constants[index] {
                let improved = improve(constants, step: index, quantized, ridge: ridge, runners: runners)
                corrected.constants[index] = .weights(improved)
                write(improved, into: bytes, step: index, runners[0].network.model)
                for runner in runners { runner.network.repack(step: index) }
            }
            let map: DetectionMap = network.steps[index].neededForProbability ? .probability : .binary
            concurrently(runners.count, threads: threads) { runner in
                runners[runner].network.run(steps: index..<(index + 1), needed: map)
            }
            if network.steps[index].output == network.probability, case .weights(var constants) = corrected.constants[index] {
                let error = boundaryError(runners)
                for row in constants.bias.indices {
                    constants.bias[row] += Int32((error / constants.accumulatorScales[row]).rounded())
                }
                corrected.constants[index] = .weights(constants)
            }
        }
        return corrected
    }

    /// Logits nearer to 0 than this decide where a text ends.
    private static let boundaryLogit: Float = 3

    /// The median of float less int8 logits where the float logit is near 0.
    ///
    /// Far from there, logits of hundreds say no more than that all is background; and where the int8 network misses a text, no bias helps: a
    /// mean would move the boundary of all others for it.
    private func boundaryError(_ runners: [IntegerRunner]) -> Double {
        var errors: [Double] = []
        for (logits, runner) in zip(statistics.logits, runners) {
            for (float, integer) in zip(logits, runner.logits()) where abs(float) < Self.boundaryLogit {
                errors.append(Double(float) - Double(integer) / Double(TEXTPIN_LOGIT_ONE))
            }
        }
        guard !errors.isEmpty else { return 0 }
        errors.sort()
        return errors[errors.count / 2]
    }

    private func improve(
        _ constants: StepConstants.WeightConstants, step index: Int, _ quantized: QuantizedNetwork, ridge: Double?, runners: [IntegerRunner]
    ) -> StepConstants.WeightConstants {
        let step = network.steps[index]
        guard let (convolution, isTransposed) = step.operation.weighted else { return constants }
        let samples = LayerSamples(
            step, convolution: convolution, isTransposed: isTransposed, network: network, positions: statistics.positions,
            inputs: { runners[$0].network.view(ofTensor: step.inputs[0]) })
        let float = runners.indices.map { statistics.samples[$0][index] ?? [] }
        let inputScale = Double(quantized.parameters[step.inputs[0]].scale)
        let isPicture = step.inputs[0] == network.input
        let rows = WeightRows(
            convolution, isTransposed: isTransposed, normalization: isPicture ? calibrated.preprocessing : nil,
            inputFactors: calibrated.channelFactors[step.inputs[0]])
        var improved = constants
        let exact = rows.values.enumerated().map { row, values in
            values.map { Double($0) * inputScale / constants.accumulatorScales[row] }
        }
        // Only a fit has targets.
        let targets = (ridge == nil ? 0..<0 : rows.values.indices).map { row in
            float.flatMap { values in
                (0..<(values.count / rows.values.count)).map {
                    values[$0 * rows.values.count + row] / Float(constants.accumulatorScales[row])
                }
            }
        }
        var rounded = WeightRounding.round(exact, on: samples, targets: targets, ridge: ridge, threads: threads)
        let limit = Double(ConvolutionQuantizer.accumulatorLimit(isFine: constants.isFine)) - 1
        let means = samples.meanInput()
        for row in rounded.indices {
            let old = constants.row(row, isDepthwise: convolution.isDepthwise)
            func reach() -> Double { rounded[row].reduce(0.0) { $0 + abs(Double($1)) } * 128 }
            if reach() >= limit { rounded[row] = old }
            // What the new weights change for the mean input goes into the bias at once; then what is measured.
            let mean = means[convolution.isDepthwise ? row : 0]
            let shift = zip(zip(old, rounded[row]), mean).reduce(0.0) { $0 + (Double($1.0.0) - Double($1.0.1)) * $1.1 }
            // The last layer is corrected by its whole map, see boundaryError.
            let error =
                step.output == network.probability
                ? 0 : meanError(row, weights: rounded[row], bias: Double(constants.bias[row]) + shift, constants, samples, float)
            let bias = (Double(constants.bias[row]) + shift + error / constants.accumulatorScales[row]).rounded()
            let room = limit - reach()
            improved.bias[row] = Int32(min(max(bias, -room), room))
        }
        improved.setRows(rounded, isDepthwise: convolution.isDepthwise)
        return improved
    }

    /// The mean over all samples of the float value less the row's.
    private func meanError(
        _ row: Int, weights: [Int8], bias: Double, _ constants: StepConstants.WeightConstants, _ samples: LayerSamples, _ float: [[Float]]
    ) -> Double {
        let rows = constants.bias.count
        var floatSum = 0.0
        var count = 0
        for values in float {
            for sample in 0..<(values.count / rows) { floatSum += Double(values[sample * rows + row]) }
            count += values.count / rows
        }
        guard count > 0 else { return 0 }
        // The mean of a row's sums is the row's sum on the mean input.
        let mean = samples.meanInput()[samples.isDepthwise ? row : 0]
        let sum = zip(weights, mean).reduce(bias) { $0 + Double($1.0) * $1.1 }
        return floatSum / Double(count) + constants.biasOffsets[row] - sum * constants.accumulatorScales[row]
    }

    private func write(_ constants: StepConstants.WeightConstants, into model: ModelBytes, step: Int, _ view: Model) {
        func copy<Value>(_ values: [Value], to span: textpin_model_span) {
            values.withUnsafeBytes { source in
                UnsafeMutableRawBufferPointer(rebasing: model.bytes[Int(span.offset)..<Int(span.offset) + Int(span.bytes)])
                    .copyMemory(from: source)
            }
        }
        copy(constants.weights, to: view.steps[step].weights)
        copy(constants.bias, to: view.steps[step].bias)
    }
}

extension StepConstants.WeightConstants {
    /// A row's weights; depthwise weights stand [taps][channels].
    fileprivate func row(_ row: Int, isDepthwise: Bool) -> [Int8] {
        let rows = bias.count
        let count = weights.count / rows
        return isDepthwise ? (0..<count).map { weights[$0 * rows + row] } : Array(weights[(row * count)..<((row + 1) * count)])
    }

    fileprivate mutating func setRows(_ values: [[Int8]], isDepthwise: Bool) {
        guard isDepthwise else {
            weights = values.flatMap { $0 }
            return
        }
        for (row, line) in values.enumerated() {
            for (tap, weight) in line.enumerated() { weights[tap * values.count + row] = weight }
        }
    }
}
