import CModelFile
import Foundation
import Inference

/// Takes the mean error off every bias, layer by layer (Nagel et al. 2019, section 4.2, with measured means).
///
/// Each image has an int8 network of its own, stopped ahead of the layer. At sampled positions the layer's accumulators, computed from the
/// int8 input as it really is, are compared with the float network's values; the mean difference of each output channel goes into its
/// bias, then the step runs on all images and the next layer follows.
struct BiasCorrection {
    let network: LoweredNetwork
    let statistics: FloatStatistics
    let inputs: [NetworkInput]
    let preprocessing: Preprocessing
    let threads: Int

    /// Each image takes an arena of its own.
    private static let mostImages = 32

    /// Returns the network with its biases corrected.
    func run(
        _ quantized: QuantizedNetwork, description: ModelDescription, progress: (Double) -> Void
    ) throws -> QuantizedNetwork {
        var corrected = quantized
        let bytes = ModelBytes(ModelWriter.bytes(of: quantized, description: description))
        let images = Array(inputs.indices.prefix(Self.mostImages))
        let runners = try images.map { image in
            let runner = try IntegerRunner(bytes)
            runner.load(inputs[image], preprocessing: preprocessing)
            return runner
        }
        for index in network.steps.indices {
            progress(Double(index) / Double(network.steps.count))
            if case .weights(var constants) = corrected.constants[index] {
                var isFine = constants.hardSwish != nil
                if case .logits = network.steps[index].operation { isFine = true }
                let errors = meanErrors(step: index, constants, images: images, runners: runners)
                for row in constants.bias.indices {
                    let change = (errors[row] / constants.accumulatorScales[row]).rounded()
                    constants.bias[row] = constants.bias[row].moved(
                        by: change, reach: reach(constants, row: row, step: index), isFine: isFine)
                }
                corrected.constants[index] = .weights(constants)
                write(constants.bias, into: bytes, step: index, runners[0].network.model)
                for runner in runners { runner.network.repack(step: index) }
            }
            concurrently(runners.count, threads: threads) { runner in
                runners[runner].network.run(steps: index..<(index + 1), needed: .probability)
                if network.binary != nil, !network.steps[index].neededForProbability {
                    runners[runner].network.run(steps: index..<(index + 1), needed: .binary)
                }
            }
        }
        return corrected
    }

    /// What the row's accumulator can reach without its bias.
    private func reach(_ constants: StepConstants.WeightConstants, row: Int, step: Int) -> Double {
        let rows = constants.bias.count
        let perRow = constants.weights.count / rows
        let isDepthwise = network.steps[step].operation.weighted?.convolution.isDepthwise ?? false
        var sum = 0
        for k in 0..<perRow { sum += abs(Int(constants.weights[isDepthwise ? k * rows + row : row * perRow + k])) }
        return Double(sum) * 128
    }

    private func write(_ bias: [Int32], into model: ModelBytes, step: Int, _ view: Model) {
        let span = view.steps[step].bias
        bias.withUnsafeBytes { source in
            let target = UnsafeMutableRawBufferPointer(rebasing: model.bytes[Int(span.offset)..<Int(span.offset) + Int(span.bytes)])
            target.copyMemory(from: source)
        }
    }

    /// By row: the mean over images and positions of the float value less the int8 network's.
    private func meanErrors(
        step index: Int, _ constants: StepConstants.WeightConstants, images: [Int], runners: [IntegerRunner]
    ) -> [Double] {
        let rows = constants.bias.count
        let sums = RowSums(count: rows)
        let step = network.steps[index]
        concurrently(images.count, threads: threads) { position in
            let image = images[position]
            guard let float = statistics.samples[image][index] else { return }
            let input = runners[position].network.view(ofTensor: step.inputs[0])
            var errors = [Double](repeating: 0, count: rows)
            let accumulator = StepAccumulator(step: step, constants: constants)
            for (sample, place) in FloatStatistics.positions(of: step, in: network, image: image).enumerated() {
                accumulator.forEachRow(at: place, input: input) { row, sum in
                    errors[row] += Double(float[sample * rows + row]) - Double(sum) * constants.accumulatorScales[row]
                }
            }
            sums.add(errors)
        }
        let count = Double(images.count * FloatStatistics.positionCount)
        return sums.values.map { $0 / count }
    }
}

/// A step's accumulators at one position, from the int8 input in the arena: the same sums as the kernels', one position at a time.
private struct StepAccumulator {
    let step: LoweredNetwork.Step
    let constants: StepConstants.WeightConstants

    func forEachRow(at place: (row: Int, column: Int), input: TensorView, _ body: (_ row: Int, _ sum: Int) -> Void) {
        guard let (convolution, isTransposed) = step.operation.weighted else { return }
        let rows = constants.bias.count
        let kernelHeight = isTransposed ? 1 : convolution.kernelHeight
        let kernelWidth = isTransposed ? 1 : convolution.kernelWidth
        let top = isTransposed ? place.row : place.row * convolution.stride - convolution.padding.top
        let left = isTransposed ? place.column : place.column * convolution.stride - convolution.padding.left
        let channels = convolution.inputChannels / convolution.groups
        constants.weights.withUnsafeBufferPointer { weights in
            for row in 0..<rows {
                var sum = Int32(0)
                for y in 0..<kernelHeight {
                    for x in 0..<kernelWidth {
                        let pixel = input.pixel(row: top + y, column: left + x)
                        if convolution.isDepthwise {
                            sum += Int32(pixel[row]) * Int32(weights[(y * kernelWidth + x) * rows + row])
                        } else {
                            let start = ((row * kernelHeight + y) * kernelWidth + x) * channels
                            for channel in 0..<channels { sum &+= Int32(pixel[channel]) &* Int32(weights[start + channel]) }
                        }
                    }
                }
                body(row, Int(sum) + Int(constants.bias[row]))
            }
        }
    }
}

private final class RowSums: @unchecked Sendable {
    private let lock = NSLock()
    private(set) var values: [Double]

    init(count: Int) { values = [Double](repeating: 0, count: count) }

    func add(_ other: [Double]) {
        lock.withLock {
            for index in values.indices { values[index] += other[index] }
        }
    }
}

extension Int32 {
    /// The bias moved as far as the kernels' accumulator limit allows.
    fileprivate func moved(by change: Double, reach: Double, isFine: Bool) -> Int32 {
        let limit = Double(ConvolutionQuantizer.accumulatorLimit(isFine: isFine)) - reach - 1
        return Int32(Swift.min(Swift.max(Double(self) + change, -limit), limit))
    }
}
