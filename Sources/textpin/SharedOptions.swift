import ArgumentParser
import Calibration
import Foundation
import Inference
import TextDetection

/// A size as people write it: 640x480.
struct PixelSize: ExpressibleByArgument, Sendable {
    var width: Int
    var height: Int

    init?(argument: String) {
        let parts = argument.lowercased().split(separator: "x", omittingEmptySubsequences: false)
        guard parts.count == 2, let width = Int(parts[0]), let height = Int(parts[1]), width > 0, height > 0 else { return nil }
        self.width = width
        self.height = height
    }
}

extension RangeMethod: ExpressibleByArgument {}

enum MapChoice: String, ExpressibleByArgument, CaseIterable {
    case probability
    case binary

    var map: DetectionMap { self == .binary ? .binary : .probability }
}

struct ModelOption: ParsableArguments {
    @Option(
        name: [.customShort("m"), .long],
        help: "The int8 model (.dbq). Default: what TEXTPIN_MODEL names, or else the one that Boards/host/demo made.")
    var model: String?

    /// The model's path, which exists.
    func path() throws -> String {
        let environment = ProcessInfo.processInfo.environment
        let path = model ?? environment["TEXTPIN_MODEL"] ?? CacheFolder.path + "/models/demo.dbq"
        guard FileManager.default.fileExists(atPath: path) else {
            let hint = model == nil ? "name one with --model, or run Boards/host/demo, which makes one" : "textpin calibrate makes one"
            throw Failure("there is no model at \(path): \(hint)", status: 66)
        }
        return path
    }
}

/// How boxes are formed, where it shall differ from what the model file says.
struct BoxOptions: ParsableArguments {
    @Option(help: "Which map boxes are formed from: probability, or binary for models with a threshold head.")
    var map: MapChoice = .probability

    @Option(help: ArgumentHelp("Probability above which a pixel is text.", valueName: "0...1"))
    var threshold: Double?

    @Option(help: ArgumentHelp("Mean probability below which a box is dropped.", valueName: "0...1"))
    var score: Double?

    @Option(help: ArgumentHelp("How far boxes grow: r' in D' = A' r' / L'.", valueName: "0...8"))
    var unclip: Double?

    @Flag(help: "Outlines with up to 64 points in place of rectangles.")
    var polygons = false

    @Flag(help: "Enlarge photos that are smaller than the model's input.")
    var enlarge = false

    func validate() throws {
        if let threshold, !(0.0001...0.9999).contains(threshold) {
            throw ValidationError("--threshold is a probability between 0 and 1; 0.3 is usual.")
        }
        if let score, !(0...1).contains(score) { throw ValidationError("--score is a probability from 0 to 1; 0.5 is usual.") }
        if let unclip, !(0...8).contains(unclip) { throw ValidationError("--unclip is a ratio from 0 to 8; 1.5 is usual.") }
    }

    func adjust(_ settings: inout BoxSettings) {
        if let threshold { settings.threshold = Int16(clamping: Logit.units(ofProbability: threshold)) }
        if let score { settings.minimumScore = UInt16((score * 65535).rounded()) }
        if let unclip { settings.unclipRatio = UInt16((unclip * 256).rounded()) }
        if polygons { settings.shape = .polygon }
    }
}

struct ThreadOption: ParsableArguments {
    @Option(help: ArgumentHelp("Threads of the network.", valueName: "1...8"))
    var threads = 1

    func validate() throws {
        guard (1...8).contains(threads) else { throw ValidationError("--threads is a number from 1 to 8.") }
    }
}

enum CacheFolder {
    /// Where fetched and calibrated models are kept.
    static var path: String {
        let environment = ProcessInfo.processInfo.environment
        let base = environment["XDG_CACHE_HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? (environment["HOME"] ?? "") + "/.cache"
        return base + "/textpin"
    }
}

/// JSON as the contracts of DESIGN.md have it: one line, keys in a fixed order, numbers with a fixed number of decimals.
enum JSONText {
    static func string(_ value: String) -> String {
        // Encoding a string cannot fail.
        (try? JSONEncoder.plain.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
    }

    static func number(_ value: Double, decimals: Int) -> String { String(format: "%.\(decimals)f", value) }
}

extension JSONEncoder {
    fileprivate static var plain: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        return encoder
    }
}

/// A line on standard error that people see, and scripts that read standard output do not.
func note(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
}
