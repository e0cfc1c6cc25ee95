import CModelFile

/// Tries choices of ranges and strengths of the fit, and keeps the int8 network whose maps come nearest to the float network's on images that
/// its layers were not corrected with.
struct CorrectionSearch {
    let network: LoweredNetwork
    let statistics: FloatStatistics
    let inputs: [NetworkInput]
    let description: ModelDescription
    let threads: Int

    struct Outcome {
        var ranges: RangeSearch.Outcome
        var quantized: QuantizedNetwork
    }

    private static let mostTrialImages = 32
    /// How strongly weights are held to those given (see WeightRounding); nil for no fit. A fit makes a great deal good in some networks
    /// (PP-OCRv4, v6 tiny) and harms others (v2), where noise that later layers would have taken out counts as signal: so it is tried.
    private static let firstRidge: Double? = 10
    private static let otherRidges: [Double?] = [nil, 1]

    /// The best outcome; nil if the integer rules hold none of the choices.
    ///
    /// - Parameter choices: choices of ranges; they are compared with the first ridge, then the best takes the others.
    func best(of choices: [RangeSearch.Outcome], progress: @escaping (Double) -> Void) throws -> Outcome? {
        let others = Array(inputs.indices.dropFirst(statistics.positions.count).prefix(Self.mostTrialImages))
        let trial = MapTrial(
            images: others, inputs: inputs, logits: statistics.logits, preprocessing: description.preprocessing)
        let firsts = choices.map { ($0, others.isEmpty ? nil : Self.firstRidge) }
        let total = Double(firsts.count + (others.isEmpty ? 0 : Self.otherRidges.count))
        var done = 0.0
        var best: Outcome?
        var bestError = Double.infinity
        func attempt(_ ranges: RangeSearch.Outcome, ridge: Double?) throws {
            // A choice that the integer rules cannot hold is simply not taken.
            guard let quantized = try? Quantizer.quantize(network, ranges.calibrated) else { return }
            let correction = LayerCorrection(
                network: network, calibrated: ranges.calibrated, statistics: statistics, inputs: inputs, threads: threads)
            let corrected = try correction.run(quantized, ridge: ridge, description: description) { progress((done + $0) / total) }
            done += 1
            let model = ModelBytes(ModelWriter.bytes(of: corrected, description: description))
            let error = try trial.error(of: model, threads: threads)
            guard error < bestError else { return }
            best = Outcome(ranges: ranges, quantized: corrected)
            bestError = error
        }
        for (ranges, ridge) in firsts { try attempt(ranges, ridge: ridge) }
        guard !others.isEmpty, let ranges = best?.ranges else { return best }
        for ridge in Self.otherRidges { try attempt(ranges, ridge: ridge) }
        return best
    }
}
