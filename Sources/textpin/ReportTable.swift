import Calibration
import Foundation

/// A calibration report as text for people.
struct ReportTable {
    private let report: CalibrationReport

    init(_ report: CalibrationReport) {
        self.report = report
    }

    private static let worstCount = 8

    func summary(output: String) -> String {
        let worst = report.layers.sorted { $0.decibels < $1.decibels }.prefix(Self.worstCount)
        let methods = report.methods.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        return """
            The \(worst.count) layers with the least signal to quantization noise, of \(report.layers.count):
            \(Self.table(Array(worst)))

            binary map, int8 against float   IoU \(String(format: "%.4f", report.mapIoU)) over \(report.images) images
            ranges chosen                    \(methods)
            multiply-accumulates             \(String(format: "%.3f", Double(report.multiplyAccumulates) / 1e9)) G
            arena                            \(report.arenaBytes) bytes, of them \(report.activationBytes) for activations (no plan needs less than \(report.activationLowerBound))
            file                             \(report.fileBytes) bytes: \(output)
            time                             \(String(format: "%.1f", report.seconds)) s
            """
    }

    var allLayers: String { Self.table(report.layers) }

    private static func table(_ layers: [CalibrationReport.Layer]) -> String {
        let width = layers.map(\.name.count).max() ?? 0
        let kindWidth = layers.map(\.kind.count).max() ?? 0
        return layers.map { layer in
            let name = layer.name.padding(toLength: width, withPad: " ", startingAt: 0)
            let kind = layer.kind.padding(toLength: kindWidth, withPad: " ", startingAt: 0)
            return String(format: "  %5.1f dB  ", layer.decibels) + name + "  " + kind
                + String(format: "  range %9.3f ... %8.3f", layer.low, layer.high)
        }.joined(separator: "\n")
    }
}
