import CModelFile
import Foundation
import Inference

/// What calibration cost in accuracy, and what the model takes.
public struct CalibrationReport: Sendable, Codable {
    public struct Layer: Sendable, Codable {
        public var name: String
        public var kind: String
        /// Signal to quantization noise of the layer's output against the float network's, in decibels.
        public var decibels: Double
        public var low: Float
        public var high: Float
    }

    public var layers: [Layer]
    /// Of the binary maps of the int8 and the float network, mean over the images that have text in either.
    public var mapIoU: Double
    public var images: Int
    /// How many ranges each method won.
    public var methods: [String: Int]
    public var arenaBytes: Int
    /// Bytes of the arena that hold activations and scratch, and the least that any plan could do with.
    public var activationBytes: Int
    public var activationLowerBound: Int
    public var fileBytes: Int
    public var multiplyAccumulates: Int
    public var warnings: [String]
    public var seconds: Double

    /// Below this, users are told.
    public static let poorDecibels = 15.0
}

/// Measures an int8 network against the float network on calibration images.
struct AccuracyMeasurement {
    let graph: Graph
    let network: LoweredNetwork
    let inputs: [NetworkInput]
    let preprocessing: Preprocessing
    let threads: Int

    /// Images that the layers are compared on: float tensors of a whole image are kept for it.
    private static let layerImages = 3

    /// By step with an int8 or logit output: decibels.
    func decibels(_ quantized: QuantizedNetwork, _ bytes: ModelBytes) throws -> [Int: Double] {
        var signal = [Double](repeating: 0, count: network.steps.count)
        var noise = [Double](repeating: 0, count: network.steps.count)
        let reference = FloatNetwork(graph)
        let sources = Set(network.tensors.compactMap(\.source))
        let runner = try IntegerRunner(bytes, threads: threads)
        for input in inputs.prefix(Self.layerImages) {
            var float: [Graph.TensorID: [Float]] = [:]
            _ = reference.run(input.normalised(preprocessing)) { node, values in
                let tensor = graph.nodes[node].output
                if sources.contains(tensor) { float[tensor] = Array(values) }
            }
            runner.load(input, preprocessing: preprocessing)
            for index in network.steps.indices where network.steps[index].neededForProbability {
                runner.network.run(steps: index..<(index + 1), needed: .probability)
                let output = network.steps[index].output
                guard let source = network.tensors[output].source, let values = float[source] else { continue }
                let (power, error) = difference(
                    values, runner.network.view(ofTensor: output), network.tensors[output], quantized.parameters[output],
                    factors: quantized.channelFactors[output])
                signal[index] += power
                noise[index] += error
            }
        }
        return Dictionary(
            uniqueKeysWithValues: network.steps.indices.filter { signal[$0] > 0 }.map { index in
                (index, 10 * log10(signal[index] / max(noise[index], signal[index] * 1e-12)))
            })
    }

    private func difference(
        _ float: [Float], _ view: TensorView, _ tensor: LoweredNetwork.Tensor, _ parameters: QuantizationParameters,
        factors: [Float]?
    ) -> (signal: Double, noise: Double) {
        var signal = 0.0
        var noise = 0.0
        let area = tensor.height * tensor.width
        for channel in 0..<tensor.channels {
            for row in 0..<tensor.height {
                for column in 0..<tensor.width {
                    let value = float[channel * area + row * tensor.width + column]
                    let integer: Float
                    if tensor.element == .logits {
                        // Logits saturate at 16; what is beyond says no more about text.
                        let logits = UnsafeRawPointer(view.pixel(row: row)).assumingMemoryBound(to: Int16.self)
                        integer = Float(logits[column]) * parameters.scale
                        let clipped = min(max(value, -16), 15.9995)
                        signal += Double(clipped * clipped)
                        noise += Double((clipped - integer) * (clipped - integer))
                        continue
                    }
                    integer = parameters.dequantize(view.pixel(row: row, column: column)[channel]) * (factors?[channel] ?? 1)
                    signal += Double(value * value)
                    noise += Double((value - integer) * (value - integer))
                }
            }
        }
        return (signal, noise)
    }

    /// How well the binary maps agree with the float network's.
    func mapIoU(_ bytes: ModelBytes, floatLogits: [[Float]], threshold: Double) throws -> Double {
        let limit = Float(log(threshold / (1 - threshold)))
        let integerLimit = Int16(clamping: Logit.units(ofProbability: threshold))
        let runner = try IntegerRunner(bytes, threads: threads)
        var agreement = MapAgreement()
        for (input, float) in zip(inputs, floatLogits) {
            runner.load(input, preprocessing: preprocessing)
            runner.run()
            agreement.add(
                BinaryMap(logits: runner.logits(), above: integerLimit), BinaryMap(count: float.count) { float[$0] > limit })
        }
        return agreement.meanIoU
    }
}

extension LoweredNetwork.Step {
    /// What tables of layers call it.
    package var title: String { operation.title + (addend == nil ? "" : " + add") }
}

extension LoweredOperation {
    fileprivate var title: String {
        switch self {
        case .convolution(let convolution, _, let activation):
            "\(convolution.isDepthwise ? "depthwise" : "conv") \(convolution.kernelHeight)x\(convolution.kernelWidth)\(convolution.stride == 2 ? " /2" : "")\(activation == nil ? "" : " + activation")"
        case .transposed(_, _, let activation): "transposed 2x2\(activation == nil ? "" : " + activation")"
        case .logits(_, let isTransposed): isTransposed ? "transposed 2x2, logits" : "conv, logits"
        case .combine(_, let hasSecond, let hasGate): hasGate ? (hasSecond ? "scale + add" : "scale") : "add"
        case .gate: "squeeze-and-excitation"
        case .lookup: "activation"
        case .repeated(let factor): factor == 1 ? "copy" : "enlarge x\(factor)"
        case .bilinear(let resize): "bilinear x\(resize.factor)"
        case .maximum: "maximum pool"
        case .binaryMap: "differentiable binarization"
        }
    }
}
