import CModelFile
import Foundation

/// Runs int8 networks on a few images and measures how far their maps are from the float network's.
struct MapTrial: Sendable {
    private let inputs: [NetworkInput]
    private let probabilities: [[Float]]
    private let preprocessing: Preprocessing

    /// - Parameters:
    ///   - images: which of the inputs.
    ///   - logits: by input: of the float network's probability map.
    init(images: [Int], inputs: [NetworkInput], logits: [[Float]], preprocessing: Preprocessing) {
        self.inputs = images.map { inputs[$0] }
        probabilities = images.map { logits[$0].map { 1 / (1 + exp(-$0)) } }
        self.preprocessing = preprocessing
    }

    /// The mean distance of the probability maps.
    func error(of model: ModelBytes, threads: Int = 1) throws -> Double {
        let runner = try IntegerRunner(model, threads: threads)
        var sum = 0.0
        for (input, probabilities) in zip(inputs, probabilities) {
            runner.load(input, preprocessing: preprocessing)
            runner.run()
            sum += SigmoidTable.shared.distance(runner.logits(), probabilities)
        }
        return sum / Double(max(inputs.count, 1))
    }
}

/// The sigmoid of every int16 logit.
package struct SigmoidTable: Sendable {
    package static let shared = SigmoidTable()

    private let values: [Float]

    private init() {
        values = (-32768...32767).map { 1 / (1 + exp(-Float($0) / Float(TEXTPIN_LOGIT_ONE))) }
    }

    package subscript(logit: Int16) -> Float { values[Int(logit) + 32768] }

    /// How far two probability maps are from each other: 1 less the sum of the smaller over the sum of the greater probabilities, the
    /// intersection over union of fuzzy sets. A ten-thousandth of the map counts as common, so that maps without text are not all alike far.
    func distance(_ logits: UnsafeBufferPointer<Int16>, _ probabilities: [Float]) -> Double {
        var intersection = Double(probabilities.count) / 10000
        var union = intersection
        for (logit, probability) in zip(logits, probabilities) {
            let other = self[logit]
            intersection += Double(min(probability, other))
            union += Double(max(probability, other))
        }
        return 1 - intersection / union
    }
}
