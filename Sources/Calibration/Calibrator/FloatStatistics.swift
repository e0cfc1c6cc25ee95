import Foundation

/// What the float network shows on the calibration images: how its tensors are distributed, samples ahead of each activation, and its maps.
package struct FloatStatistics: Sendable {
    /// By float tensor, for those that become int8 tensors or indices of tables.
    package private(set) var histograms: [Graph.TensorID: RangeHistogram] = [:]
    /// By float tensor: the greatest magnitude of each channel, its mean over the first images, so that no single pixel decides.
    package private(set) var amplitudes: [Graph.TensorID: [Float]] = [:]
    /// By tensor of the lowered network: the factors that `ChannelBalance` gives its channels; histograms are of values divided by them.
    package private(set) var channelFactors: [[Float]?] = []
    /// By image, then by step with weights: float values ahead of the activation, [position][row].
    package private(set) var samples: [[Int: [Float]]]
    /// By image: logits of the probability map.
    package private(set) var logits: [[Float]]

    /// By image, for the first ones: where samples are taken.
    package private(set) var positions: [SamplePositions]

    /// Runs the float network over all images; `progress` is called with the part done, from any thread.
    package static func gather(
        _ graph: Graph, _ network: LoweredNetwork, inputs: [NetworkInput], preprocessing: Preprocessing, threads: Int,
        progress: @escaping @Sendable (Double) -> Void
    ) -> FloatStatistics {
        let reference = FloatNetwork(graph)
        let wanted = tensorsWanted(network)
        let total = 2 * inputs.count
        let (amplitudes, surroundings) = firstPass(
            reference, wanted, inputs: inputs, preprocessing: preprocessing, threads: threads
        ) { progress(Double($0) / Double(total)) }
        let channelFactors = ChannelBalance(network: network, amplitudes: amplitudes).factors()
        let factorsBySource = Dictionary(
            network.tensors.indices.compactMap { index in
                network.tensors[index].source.flatMap { source in channelFactors[index].map { (source, $0) } }
            }, uniquingKeysWith: { one, _ in one })
        let stepsByTensor = Dictionary(
            network.steps.indices.compactMap { index in sampledTensor(network.steps[index], network).map { ($0, index) } },
            uniquingKeysWith: { first, _ in first })
        let positions = surroundings.prefix(SamplePositions.images(of: inputs.count)).enumerated().map { SamplePositions($1, seed: $0) }
        let gathered = Gathered(count: inputs.count)
        concurrently(inputs.count, threads: threads) { image in
            var histograms: [Graph.TensorID: RangeHistogram] = [:]
            var samples: [Int: [Float]] = [:]
            var weights: [SIMD2<Int>: [UInt64]] = [:]
            let maps = reference.run(inputs[image].normalised(preprocessing)) { node, values in
                let tensor = graph.nodes[node].output
                if wanted.contains(tensor) {
                    let size = graph.tensors[tensor]
                    let place = SIMD2(size.width, size.height)
                    let counts = weights[place] ?? surroundings[image].weights(width: size.width, height: size.height)
                    weights[place] = counts
                    histograms[tensor, default: RangeHistogram()].add(values, factors: factorsBySource[tensor], weights: counts)
                }
                if image < positions.count, let step = stepsByTensor[tensor] {
                    samples[step] = sample(values, of: network.steps[step], in: network, at: positions[image])
                }
            }
            gathered.add(image: image, histograms: histograms, samples: samples, logits: maps.probabilityLogits)
            progress(Double(inputs.count + gathered.done) / Double(total))
        }
        return FloatStatistics(
            histograms: gathered.histograms, amplitudes: amplitudes, channelFactors: channelFactors, samples: gathered.samples,
            logits: gathered.logits, positions: positions)
    }

    /// What must be known before values can be weighed and samples taken.
    private static func firstPass(
        _ reference: FloatNetwork, _ wanted: Set<Graph.TensorID>, inputs: [NetworkInput], preprocessing: Preprocessing, threads: Int,
        progress: @escaping @Sendable (Int) -> Void
    ) -> (amplitudes: [Graph.TensorID: [Float]], surroundings: [TextSurroundings]) {
        let graph = reference.graph
        let found = Amplitudes()
        let size = graph.tensors[graph.probability]
        let surroundings = ConcurrentResults<TextSurroundings>(count: inputs.count)
        concurrently(inputs.count, threads: threads) { image in
            let maps = reference.run(inputs[image].normalised(preprocessing)) { node, values in
                let tensor = graph.nodes[node].output
                guard image < amplitudeImages, wanted.contains(tensor) else { return }
                let area = graph.tensors[tensor].height * graph.tensors[tensor].width
                found.add(
                    tensor, image: image,
                    (0..<graph.tensors[tensor].channels).map { channel in
                        values[(channel * area)..<((channel + 1) * area)].reduce(0) { max($0, abs($1)) }
                    })
            }
            surroundings.set(
                image, .success(TextSurroundings(logits: maps.probabilityLogits, width: size.width, height: size.height)))
            progress(found.imageDone())
        }
        return (found.values, (try? surroundings.values()) ?? [])
    }

    private static func tensorsWanted(_ network: LoweredNetwork) -> Set<Graph.TensorID> {
        var wanted = Set(network.tensors.compactMap { $0.element == .int8 ? $0.source : nil })
        for step in network.steps {
            switch step.operation {
            case .convolution(_, let before, _), .transposed(_, let before, _): wanted.insert(before)
            case .gate(let gate): wanted.insert(gate.hidden)
            default: break
            }
        }
        return wanted
    }

    /// The float tensor that a step's accumulators stand for.
    private static func sampledTensor(_ step: LoweredNetwork.Step, _ network: LoweredNetwork) -> Graph.TensorID? {
        switch step.operation {
        case .convolution(_, let before, _), .transposed(_, let before, _): before
        case .logits: network.tensors[step.output].source
        default: nil
        }
    }

    private static func sample(
        _ values: UnsafeBufferPointer<Float>, of step: LoweredNetwork.Step, in network: LoweredNetwork, at positions: SamplePositions
    ) -> [Float] {
        let output = network.tensors[step.output]
        let area = output.height * output.width
        let isTransposed = step.operation.weighted?.isTransposed ?? false
        return positions.places(of: step, in: network).flatMap { row, column -> [Float] in
            if isTransposed {
                return (0..<4).flatMap { tap in
                    (0..<output.channels).map { channel in
                        values[channel * area + (2 * row + tap / 2) * output.width + 2 * column + tap % 2]
                    }
                }
            }
            return (0..<output.channels).map { values[$0 * area + row * output.width + column] }
        }
    }
}

/// Images whose greatest values the channels' factors are chosen by.
private let amplitudeImages = 12

private final class Amplitudes: @unchecked Sendable {
    private let lock = NSLock()
    /// By image: sums are taken in order, so that the threads' order does not show in the last bits.
    private var maxima = [[Graph.TensorID: [Float]]](repeating: [:], count: amplitudeImages)
    private var images = 0

    var values: [Graph.TensorID: [Float]] {
        lock.withLock {
            let count = Float(max(maxima.count { !$0.isEmpty }, 1))
            let sums = maxima.reduce(into: [:]) { sums, image in
                sums.merge(image) { sum, found in zip(sum, found).map(+) }
            }
            return sums.mapValues { $0.map { $0 / count } }
        }
    }

    func add(_ tensor: Graph.TensorID, image: Int, _ found: [Float]) {
        lock.withLock { maxima[image][tensor] = found }
    }

    func imageDone() -> Int {
        lock.withLock {
            images += 1
            return images
        }
    }
}

/// Collects what the threads find.
private final class Gathered: @unchecked Sendable {
    private let lock = NSLock()
    private(set) var histograms: [Graph.TensorID: RangeHistogram] = [:]
    private(set) var samples: [[Int: [Float]]]
    private(set) var logits: [[Float]]
    private(set) var done = 0

    init(count: Int) {
        samples = Array(repeating: [:], count: count)
        logits = Array(repeating: [], count: count)
    }

    func add(image: Int, histograms found: [Graph.TensorID: RangeHistogram], samples: [Int: [Float]], logits: [Float]) {
        lock.withLock {
            for (tensor, histogram) in found { histograms[tensor, default: RangeHistogram()].merge(histogram) }
            self.samples[image] = samples
            self.logits[image] = logits
            done += 1
        }
    }
}
