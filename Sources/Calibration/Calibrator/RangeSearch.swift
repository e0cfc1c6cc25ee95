import CModelFile
import Foundation

/// Chooses each tensor's range: by one method for all, or by trying the methods' ranges on the int8 network itself and keeping those whose
/// probability maps come nearest to the float network's.
struct RangeSearch {
    let network: LoweredNetwork
    let statistics: FloatStatistics
    let inputs: [NetworkInput]
    let preprocessing: Preprocessing
    let threads: Int

    /// What a range belongs to.
    enum Place: Hashable {
        /// The int8 tensors that share a scale.
        case tensor(owner: Int)
        /// The index of a step's table.
        case beforeTable(step: Int)
    }

    struct Outcome {
        var calibrated: Calibrated
        /// How many places each method won.
        var methods: [RangeMethod: Int]
    }

    /// Images that every trial runs on: more cost time, and choose alike.
    private static let trialImages = 8
    /// A range must lessen the error by this part to win, so that chance does not choose.
    private static let leastGain = 0.01

    func run(
        _ method: RangeMethod?, description: ModelDescription, progress: (Double) -> Void
    ) throws -> Outcome {
        let candidates = self.candidates()
        if let method {
            return Outcome(calibrated: calibrated(ranges(of: candidates, by: method)), methods: [method: candidates.count])
        }
        let count = min(Self.trialImages, inputs.count)
        let trial = MapTrial(
            images: (0..<count).map { $0 * inputs.count / count }, inputs: inputs, logits: statistics.logits, preprocessing: preprocessing)
        // The least squared error is the choice that needs no images' maps, so what a few images say must be clear to win over it.
        let best = RangeMethod.mse
        var chosen = ranges(of: candidates, by: best)
        var bestError = try error(of: calibrated(chosen), trial, description)
        var winners = candidates.mapValues { _ in best }
        let places = candidates.keys.sorted { order(of: $0) < order(of: $1) }
        for (index, place) in places.enumerated() {
            progress(Double(index) / Double(places.count))
            guard let current = chosen[place], let ranges = candidates[place] else { continue }
            let others = RangeMethod.allCases.filter { $0 != winners[place] && ranges[$0].map { !$0.isClose(to: current) } ?? false }
            let errors = try self.errors(
                of: others.map { method in
                    var ranges = chosen
                    ranges[place] = candidates[place]?[method]
                    return calibrated(ranges)
                }, trial, description)
            for (method, error) in zip(others, errors) where error < bestError * (1 - Self.leastGain) {
                bestError = error
                winners[place] = method
                chosen[place] = ranges[method]
            }
        }
        return Outcome(
            calibrated: calibrated(chosen), methods: Dictionary(grouping: winners.values, by: { $0 }).mapValues(\.count))
    }

    private func ranges(of candidates: [Place: [RangeMethod: ValueRange]], by method: RangeMethod) -> [Place: ValueRange] {
        candidates.mapValues { $0[method] ?? ValueRange(low: 0, high: 1) }
    }

    /// How far the maps are from the float network's.
    private func error(of choice: Calibrated, _ trial: MapTrial, _ description: ModelDescription) throws -> Double {
        // A range that the integer rules cannot hold is simply not chosen.
        guard let quantized = try? Quantizer.quantize(network, choice) else { return .infinity }
        return try trial.error(of: ModelBytes(ModelWriter.bytes(of: quantized, description: description)))
    }

    private func errors(of choices: [Calibrated], _ trial: MapTrial, _ description: ModelDescription) throws -> [Double] {
        let results = ConcurrentResults<Double>(count: choices.count)
        concurrently(choices.count, threads: threads) { choice in
            results.set(choice, Result { try error(of: choices[choice], trial, description) })
        }
        return try results.values()
    }

    /// Places in the order in which the network comes to them.
    private func order(of place: Place) -> Int {
        switch place {
        case .tensor(let owner):
            2 * (network.steps.firstIndex { network.scaleOwner[$0.output] == owner } ?? 0) + 1
        case .beforeTable(let step): 2 * step
        }
    }

    private func candidates() -> [Place: [RangeMethod: ValueRange]] {
        var histograms: [Place: RangeHistogram] = [:]
        for (index, tensor) in network.tensors.enumerated() where tensor.element == .int8 && index != network.input {
            guard let source = tensor.source, let histogram = statistics.histograms[source] else { continue }
            histograms[.tensor(owner: network.scaleOwner[index]), default: RangeHistogram()].merge(histogram)
        }
        var result = histograms.mapValues { histogram in
            Dictionary(uniqueKeysWithValues: RangeMethod.allCases.map { ($0, histogram.range(by: $0)) })
        }
        for (index, step) in network.steps.enumerated() {
            switch step.operation {
            case .convolution(_, let before, let activation?), .transposed(_, let before, let activation?):
                guard !activation.isSaturation, activation.hardSwish == nil, let histogram = statistics.histograms[before] else { continue }
                result[.beforeTable(step: index)] = Dictionary(
                    uniqueKeysWithValues: RangeMethod.allCases.map { ($0, activation.activePart(of: histogram.range(by: $0))) })
            default: break
            }
        }
        return result
    }

    private func calibrated(_ ranges: [Place: ValueRange]) -> Calibrated {
        Calibrated(
            ranges: network.tensors.indices.map { ranges[.tensor(owner: network.scaleOwner[$0])] ?? ValueRange(low: 0, high: 1) },
            channelFactors: statistics.channelFactors, rangesBeforeTable: network.steps.indices.map { ranges[.beforeTable(step: $0)] },
            hiddenMaxima: network.steps.map { step in
                guard case .gate(let gate) = step.operation else { return 0 }
                return statistics.histograms[gate.hidden]?.maximum ?? 1
            },
            preprocessing: preprocessing)
    }
}

extension ValueRange {
    /// Whether choosing the one over the other moves no end by more than a hundredth of the range.
    fileprivate func isClose(to other: ValueRange) -> Bool {
        let tolerance = 0.01 * max(high - low, other.high - other.low)
        return abs(low - other.low) <= tolerance && abs(high - other.high) <= tolerance
    }
}

extension ScalarFunction {
    /// The part of a range outside which the function is flat, to a quarter of a 255th of its values' span: a table needs no entries there.
    func activePart(of range: ValueRange) -> ValueRange {
        let count = 2048
        let values = (0...count).map { self(range.low + (range.high - range.low) * Float($0) / Float(count)) }
        guard let least = values.min(), let greatest = values.max(), greatest > least else { return range }
        let tolerance = (greatest - least) / 1020
        let first = (values.firstIndex { abs($0 - values[0]) > tolerance } ?? 1) - 1
        let last = (values.lastIndex { abs($0 - values[count]) > tolerance } ?? count - 1) + 1
        func position(_ index: Int) -> Float { range.low + (range.high - range.low) * Float(index) / Float(count) }
        return ValueRange(low: position(max(first, 0)), high: position(min(last, count)))
    }
}
