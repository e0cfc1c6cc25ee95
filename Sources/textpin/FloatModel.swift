import ArgumentParser
import Calibration
import Foundation
import TextDetection

/// An ONNX network with what its sidecar, its metadata and the command line say about it.
struct FloatModel {
    var network: ImportedNetwork
    var description: ModelDescription

    init(path: String, width: Int, height: Int, options: FloatModelOptions) throws {
        let bytes: [UInt8]
        bytes = try WholeFile.read(path, limit: 1 << 30)
        do {
            network = try importONNX(Data(bytes), inputHeight: height, inputWidth: width)
        } catch { throw Failure.about(path, error) }
        let sidecarPath = ModelSidecar.path(besideModel: path)
        let sidecar =
            FileManager.default.fileExists(atPath: sidecarPath)
            ? try ModelSidecar(contentsOf: sidecarPath) : try ModelSidecar(metadata: network.metadata, of: path)
        let base = Preprocessing.paddleOCR
        let preprocessing = Preprocessing(
            order: options.order ?? sidecar?.order ?? base.order,
            mean: try options.mean.map { try $0.three("--mean") } ?? sidecar?.mean.map { Float($0) } ?? base.mean,
            deviation: try options.deviation.map { try $0.three("--std") } ?? sidecar?.std.map { Float($0) } ?? base.deviation)
        let name = ((path as NSString).lastPathComponent as NSString).deletingPathExtension
        description = ModelDescription(
            name: sidecar?.name ?? name, source: sidecar?.source ?? network.producerName, licence: sidecar?.licence ?? "not stated",
            calibration: "", preprocessing: preprocessing, threshold: sidecar?.threshold ?? 0.3, minimumScore: sidecar?.score ?? 0.5,
            unclipRatio: sidecar?.unclip ?? 1.6)
    }

    /// The settings of box formation that the model file would have.
    var settings: BoxSettings {
        BoxSettings(
            threshold: Int16(clamping: Logit.units(ofProbability: description.threshold)),
            minimumScore: UInt16((description.minimumScore * 65535).rounded()),
            unclipRatio: UInt16((description.unclipRatio * 256).rounded()))
    }
}

extension Preprocessing.ChannelOrder: ExpressibleByArgument {}

/// What the float network wants as input, where neither its sidecar (NAME.json beside NAME.onnx) nor its metadata says.
struct FloatModelOptions: ParsableArguments {
    @Option(help: "The order in which the float network takes a pixel's channels: bgr (PaddleOCR) or rgb.")
    var order: Preprocessing.ChannelOrder?

    @Option(help: ArgumentHelp("Taken off value / 255, per channel in that order.", valueName: "0.485,0.456,0.406"))
    var mean: NumberList?

    @Option(name: .customLong("std"), help: ArgumentHelp("What the difference is divided by.", valueName: "0.229,0.224,0.225"))
    var deviation: NumberList?
}

struct NumberList: ExpressibleByArgument {
    var values: [Float]

    init?(argument: String) {
        values = []
        for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
            guard let value = Float(part), value.isFinite else { return nil }
            values.append(value)
        }
    }

    func three(_ option: String) throws -> [Float] {
        guard values.count == 3, option != "--std" || values.allSatisfy({ $0 > 0 }) else {
            throw Failure("\(option) takes three numbers with commas between\(option == "--std" ? ", each above 0" : "")", status: 64)
        }
        return values
    }
}
