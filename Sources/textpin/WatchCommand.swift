import ArgumentParser
import CDevices
import Foundation
import Messages
import Watch

struct WatchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Look at a camera's frames, and drive GPIO lines by the rules of a board file.",
        discussion: """
            Runs until SIGINT or SIGTERM. Whatever happens to the camera, it goes on; the lines are at their safe levels meanwhile. SIGHUP has \
            the board file read again. Events are JSON lines.

            Without a camera, a folder of pictures will do:
              textpin watch --camera Calibration/samples/images --repeat --preview 127.0.0.1:8080
            """)

    @Option(
        help: ArgumentHelp(
            "A path, a number, a part of a camera's name, a folder of pictures, one picture, or - for frames on standard input. Default: the first camera.",
            valueName: "camera"))
    var camera: String?

    @Option(help: ArgumentHelp("Rules, zones and lines. Without one, what a line would be is only told.", valueName: "file"))
    var board: String?

    @OptionGroup var model: ModelOption

    @Option(name: [.customShort("t"), .long], help: "Threads of the network, 1 to 8. Default: the board file's, or else 1.")
    var threads: Int?

    @Option(help: ArgumentHelp("Most looks a second. Default: the board file's, or else as many as there are frames.", valueName: "n"))
    var rate = 0

    @Option(help: ArgumentHelp("Where events go: - (standard output), a file, tcp:ADDRESS:PORT, or none.", valueName: "target"))
    var events = "-"

    @Option(help: ArgumentHelp("A file that says each second how it goes; textpin status prints it.", valueName: "file"))
    var status: String?

    @Option(
        help: ArgumentHelp(
            "A live picture for browsers, such as 127.0.0.1:8080. Addresses other than loopback need a token.", valueName: "address:port"))
    var preview: String?

    @Option(help: ArgumentHelp("What viewers must know, in its first line.", valueName: "file"))
    var tokenFile: String?

    @Option(help: ArgumentHelp("Save pictures there, to calibrate with.", valueName: "folder"))
    var saveSamples: String?

    @Option(help: ArgumentHelp("Seconds from sample to sample.", valueName: "seconds"))
    var every = Seconds(count: 30)

    @Option(help: ArgumentHelp("How many samples that folder may hold.", valueName: "n"))
    var max = 200

    @Option(help: ArgumentHelp("Pictures of a folder in a second.", valueName: "n"))
    var folderRate = 5.0

    @Flag(name: [.customLong("repeat")], help: "Begin a folder anew at its end.")
    var repeats = false

    @Option(help: ArgumentHelp("Of frames on standard input: mjpeg, yuyv, nv12, yuv420, rgb, bgr or grey.", valueName: "format"))
    var frameFormat: String?

    @Option(help: ArgumentHelp("Of raw frames on standard input; of a camera, the size that is wished for.", valueName: "WxH"))
    var frameSize: String?

    @Flag(help: "Drive no line; tell only.")
    var dryRun = false

    @Flag(help: "Check board file, model, camera and lines, touch nothing, and end.")
    var check = false

    func validate() throws {
        if let threads, !(1...8).contains(threads) { throw ValidationError("--threads is 1 to 8.") }
        guard (0...1000).contains(rate) else { throw ValidationError("--rate is 1 to 1000 looks a second.") }
        guard (1...1_000_000).contains(max) else { throw ValidationError("--max is 1 to 1000000 samples.") }
        guard (0.001...1000).contains(folderRate) else { throw ValidationError("--folder-rate is 0.001 to 1000 pictures a second.") }
    }

    func run() throws {
        var request = WatchRequest()
        request.source.camera = camera.map(lasting)
        request.source.folderRateThousandths = Int((folderRate * 1000).rounded())
        request.source.repeats = repeats
        request.source.format = frameFormat.map(lasting)
        request.source.size = frameSize.map(lasting)
        request.board = board.map(lasting)
        request.threads = threads
        request.rate = rate
        request.events = lasting(events)
        request.status = status.map(lasting)
        request.preview = preview.map(lasting)
        request.tokenFile = tokenFile.map(lasting)
        request.samples = saveSamples.map(lasting)
        request.sampleSeconds = every.count
        request.mostSamples = max
        request.isDry = dryRun
        request.onlyChecks = check
        var output = Output.standard()
        defer { output.flush() }
        try request.run(try LoadedModel(path: lasting(try model.path())), to: &output)
    }
}

/// 30, 30s, 5min.
struct Seconds: ExpressibleByArgument {
    var count: Int

    init(count: Int) { self.count = count }

    init?(argument: String) {
        let units = ["min": 60, "s": 1, "h": 3600]
        let unit = units.keys.first { argument.hasSuffix($0) }
        guard let number = Int(argument.dropLast(unit?.count ?? 0)), (1...86_400).contains(number) else { return nil }
        count = number * (unit.flatMap { units[$0] } ?? 1)
    }

    var defaultValueDescription: String { "\(count)" }
}
