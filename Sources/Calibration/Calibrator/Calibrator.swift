import CModelFile
import Foundation
import Inference

/// How to calibrate.
public struct CalibrationOptions: Sendable {
    /// The network's input in pixels; multiples of 32.
    public var width: Int
    public var height: Int
    /// One method for all ranges, or nil to choose per tensor by the error measured.
    public var ranges: RangeMethod?
    public var correctsBias = true
    public var threads: Int

    public init(width: Int, height: Int, ranges: RangeMethod? = nil, correctsBias: Bool = true, threads: Int) {
        self.width = width
        self.height = height
        self.ranges = ranges
        self.correctsBias = correctsBias
        self.threads = threads
    }
}

/// What calibration is doing, for a progress bar.
public struct CalibrationProgress: Sendable {
    public var stage: String
    /// Of the whole, 0...1.
    public var fraction: Double
}

/// An int8 model and what is known about it.
public struct CalibratedModel: Sendable {
    /// The model file's content.
    public var bytes: [UInt8]
    public var report: CalibrationReport
}

/// Turns a float network and sample pictures into an int8 model.
public struct Calibrator: Sendable {
    private let graph: Graph
    private let network: LoweredNetwork
    private let options: CalibrationOptions

    public init(_ graph: Graph, options: CalibrationOptions) throws(LoweringError) {
        self.graph = graph
        self.options = options
        network = try StepLowering.lower(graph)
    }

    /// Calibrates on pictures; `description` gives the preprocessing.
    ///
    /// - Parameters:
    ///   - picture: gives each of the `count` pictures once, in order; only its scaled form is kept.
    ///   - progress: called from any thread.
    public func run(
        pictures count: Int, picture: (Int) throws -> Picture, description: ModelDescription,
        progress: @escaping @Sendable (CalibrationProgress) -> Void
    ) throws -> CalibratedModel {
        let start = ContinuousClock.now
        let preprocessing = description.preprocessing
        let inputs = try (0..<count).map { index in
            NetworkInput(try picture(index), width: options.width, height: options.height, preprocessing: preprocessing)
        }
        // The parts of the work, as they were measured on PP-OCRv3 with 32 images.
        let shares = (float: 0.25, ranges: options.ranges == nil ? 0.25 : 0.05, correction: 0.45)
        let statistics = FloatStatistics.gather(
            graph, network, inputs: inputs, preprocessing: preprocessing, threads: options.threads
        ) { done in
            progress(.init(stage: "float network", fraction: shares.float * done))
        }
        let search = RangeSearch(
            network: network, statistics: statistics, inputs: inputs, preprocessing: preprocessing, threads: options.threads)
        let searched = try search.run(options.ranges, description: description) { part in
            progress(.init(stage: "ranges", fraction: shares.float + shares.ranges * part))
        }
        var methods = searched.methods
        var quantized = try Quantizer.quantize(network, searched.calibrated)
        if options.correctsBias {
            // The search measures networks whose layers are not corrected yet: what it finds is compared with one method for all.
            var choices = [searched]
            if options.ranges == nil, Set(searched.methods.keys) != [.mse] {
                choices.append(try search.run(.mse, description: description) { _ in })
            }
            let correction = CorrectionSearch(
                network: network, statistics: statistics, inputs: inputs, description: description, threads: options.threads)
            let outcome = try correction.best(of: choices) { part in
                progress(.init(stage: "correction of layers", fraction: shares.float + shares.ranges + shares.correction * part))
            }
            if let outcome { (methods, quantized) = (outcome.ranges.methods, outcome.quantized) }
        }
        progress(.init(stage: "accuracy", fraction: shares.float + shares.ranges + shares.correction))
        let bytes = ModelWriter.bytes(of: quantized, description: description)
        var report = try report(quantized, bytes, statistics, inputs, description, methods: methods)
        report.seconds = (ContinuousClock.now - start) / .seconds(1)
        progress(.init(stage: "done", fraction: 1))
        return CalibratedModel(bytes: bytes, report: report)
    }

    private func report(
        _ quantized: QuantizedNetwork, _ content: [UInt8], _ statistics: FloatStatistics, _ inputs: [NetworkInput],
        _ description: ModelDescription, methods: [RangeMethod: Int]
    ) throws -> CalibrationReport {
        let bytes = ModelBytes(content)
        let measurement = AccuracyMeasurement(
            graph: graph, network: network, inputs: inputs, preprocessing: description.preprocessing, threads: options.threads)
        let decibels = try measurement.decibels(quantized, bytes)
        let model = try Model(bytes: UnsafeRawBufferPointer(bytes.bytes))
        let limit = Float(log(description.threshold / (1 - description.threshold)))
        let textParts = statistics.logits.map { logits in
            Double(logits.count { $0 > limit }) / Double(logits.count)
        }
        var warnings = ImageLint.warnings(inputs, textParts: textParts)
        let layers = network.steps.indices.compactMap { index -> CalibrationReport.Layer? in
            guard let decibels = decibels[index] else { return nil }
            let range = quantized.parameters[network.steps[index].output].range
            return .init(
                name: network.steps[index].name, kind: network.steps[index].title, decibels: decibels, low: range.low,
                high: range.high)
        }
        let poor = layers.count { $0.decibels < CalibrationReport.poorDecibels }
        if poor > 0 {
            warnings.append("\(poor) layers have less than \(Int(CalibrationReport.poorDecibels)) dB between signal and quantization noise")
        }
        let plan = PlanSummary(model)
        return CalibrationReport(
            layers: layers, mapIoU: try measurement.mapIoU(bytes, floatLogits: statistics.logits, threshold: description.threshold),
            images: inputs.count, methods: Dictionary(uniqueKeysWithValues: methods.map { ($0.key.rawValue, $0.value) }),
            arenaBytes: model.arenaByteCount, activationBytes: plan.activationBytes, activationLowerBound: plan.lowerBound,
            fileBytes: content.count, multiplyAccumulates: model.multiplyAccumulates, warnings: warnings, seconds: 0)
    }
}
