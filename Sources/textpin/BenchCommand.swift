import ArgumentParser
import Calibration
import Foundation

struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Time the detector, stage by stage.",
        discussion: "Runs on a grey picture of 1280x720 with noise; times do not depend on what a picture shows, but for the boxes.")

    @OptionGroup var model: ModelOption
    @OptionGroup var threading: ThreadOption

    @Option(name: [.customLong("repeat")], help: ArgumentHelp("Frames that are timed, after two that are not.", valueName: "count"))
    var repeats = 20

    @Flag(help: "One JSON object with all times.")
    var json = false

    func validate() throws {
        guard repeats >= 1 else { throw ValidationError("--repeat is 1 or more.") }
    }

    func run() throws {
        let path = try model.path()
        let detector: PhotoDetector
        do { detector = try PhotoDetector(modelPath: path, threads: threading.threads) } catch { throw Failure.about(path, error) }
        let picture = Picture.noise(width: 1280, height: 720)
        for _ in 0..<2 { _ = detector.detect(picture) }
        let times = (0..<repeats).map { _ in detector.detect(picture).milliseconds }
        let gmac = Double(detector.model.multiplyAccumulates) / 1e9
        let kernels = String(cString: detector.kernels.name)
        if json {
            func list(_ values: [Double]) -> String { "[" + values.map { JSONText.number($0, decimals: 3) }.joined(separator: ",") + "]" }
            print(
                #"{"model":\#(JSONText.string(path)),"size":[\#(detector.model.inputWidth),\#(detector.model.inputHeight)],"threads":\#(threading.threads),"kernels":"\#(kernels)","#
                    + #""network_ms":\#(list(times.map(\.network))),"prepare_ms":\#(list(times.map(\.prepare))),"boxes_ms":\#(list(times.map(\.boxes))),"#
                    + #""gmac":\#(JSONText.number(gmac, decimals: 4)),"arena_bytes":\#(detector.model.arenaByteCount)}"#)
            return
        }
        print("\(path), \(detector.model.inputWidth)x\(detector.model.inputHeight), \(kernels), threads: \(threading.threads)")
        for (name, values) in [("prepare", times.map(\.prepare)), ("network", times.map(\.network)), ("boxes", times.map(\.boxes))] {
            let sorted = values.sorted()
            let median = sorted[sorted.count / 2]
            let rate = name == "network" ? String(format: "  %.1f GMAC/s", gmac / median * 1000) : ""
            print(
                String(
                    format: "  %@ median %8.3f ms, least %8.3f ms", name.padding(toLength: 8, withPad: " ", startingAt: 0), median,
                    sorted[0]) + rate)
        }
    }
}
