import ArgumentParser
import Calibration
import Foundation

struct CalibrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate", abstract: "Turn a trained float DBNet into an int8 model.",
        discussion: """
            Give it 50 to 300 frames of the camera that will be used, with text and without. Mean, deviation, channel order, thresholds and \
            licence come from NAME.json beside NAME.onnx, as Calibration/models/fetch writes it; options override it.
            """)

    @Argument(help: "The trained network (ONNX).")
    var network: String

    @Option(help: ArgumentHelp("A folder of photos.", valueName: "folder"))
    var images: String

    @Option(help: ArgumentHelp("The model's input in pixels; multiples of 32.", valueName: "WxH"))
    var size: PixelSize

    @Option(name: [.customShort("o"), .long], help: ArgumentHelp("Where the model goes.", valueName: "model.dbq"))
    var output: String

    @Option(help: ArgumentHelp("Write report.json and layers.txt into this folder.", valueName: "folder"))
    var report: String?

    @Option(help: "One way to choose all ranges: minmax, percentile, mse or kl. Default: per tensor, by the error measured.")
    var ranges: RangeMethod?

    @Flag(inversion: .prefixedNo, help: "Take the mean error off each bias.")
    var biasCorrection = true

    @Option(help: ArgumentHelp("Use at most this many photos, spread over the folder.", valueName: "count"))
    var limit: Int?

    @Option(help: ArgumentHelp("Threads that calibration uses.", valueName: "count"))
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @OptionGroup var preprocessing: FloatModelOptions

    func validate() throws {
        guard size.width % 32 == 0, size.height % 32 == 0, size.width <= 4096, size.height <= 4096 else {
            throw ValidationError("--size takes multiples of 32 up to 4096, such as 640x640 or 1280x736.")
        }
        guard limit ?? 1 >= 1 else { throw ValidationError("--limit is 1 or more.") }
        guard threads >= 1 else { throw ValidationError("--threads is 1 or more.") }
    }

    func run() throws {
        let model = try FloatModel(path: network, width: size.width, height: size.height, options: preprocessing)
        let paths = chosen(from: try Picture.pictures(in: images))
        try checkOutput()
        if let report { try OutputFolder.make(report) }
        var description = model.description
        description.calibration =
            "\(paths.count) images, \(size.width)x\(size.height), ranges \(ranges?.rawValue ?? "measured"), bias correction \(biasCorrection ? "on" : "off")"
        let calibrator = try Calibrator(
            model.network.graph,
            options: CalibrationOptions(
                width: size.width, height: size.height, ranges: ranges, correctsBias: biasCorrection, threads: threads))
        let bar = ProgressBar()
        let result = try calibrator.run(
            pictures: paths.count, picture: { try Picture(contentsOf: paths[$0]) }, description: description
        ) { bar.show($0) }
        bar.finish()
        try WholeFile.write(result.bytes, to: output)
        let table = ReportTable(result.report)
        if let report {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            try WholeFile.write(Array(try encoder.encode(result.report)), to: report + "/report.json")
            try WholeFile.write(Array((table.allLayers + "\n").utf8), to: report + "/layers.txt")
        }
        print(table.summary(output: output))
        for warning in result.report.warnings { note("textpin: warning: \(warning).") }
    }

    private func chosen(from paths: [String]) -> [String] {
        guard let limit, limit < paths.count else { return paths }
        return (0..<limit).map { paths[$0 * paths.count / limit] }
    }

    /// A place that cannot be written to is told before the minutes of work.
    private func checkOutput() throws {
        let folder = (output as NSString).deletingLastPathComponent
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: output, isDirectory: &isFolder), isFolder.boolValue {
            throw Failure("\(output) is a folder: name a file to write the model to", status: 64)
        }
        guard FileManager.default.isWritableFile(atPath: folder.isEmpty ? "." : folder) else {
            throw Failure("\(output) cannot be written: choose a folder that exists and that you may write to", status: 64)
        }
    }
}

/// A line that fills as work is done, with the time left; nothing where standard error is no terminal.
private final class ProgressBar: @unchecked Sendable {
    private let lock = NSLock()
    private let start = ContinuousClock.now
    private let isTerminal = isatty(STDERR_FILENO) == 1

    func show(_ progress: CalibrationProgress) {
        guard isTerminal else { return }
        lock.withLock {
            let filled = Int(progress.fraction * 30)
            let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 30 - filled)
            let elapsed = (ContinuousClock.now - start) / .seconds(1)
            let left = progress.fraction > 0.02 ? " \(Int((elapsed / progress.fraction - elapsed).rounded())) s left" : ""
            let line = "[\(bar)] \(Int(progress.fraction * 100)) % \(progress.stage)\(left)"
            FileHandle.standardError.write(Data("\r\u{1B}[K\(line)".utf8))
        }
    }

    func finish() {
        guard isTerminal else { return }
        FileHandle.standardError.write(Data("\r\u{1B}[K".utf8))
    }
}
