import ArgumentParser
import Messages
import Watch

struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Time the detector, stage by stage and step by step.",
        discussion: "Runs on a grey picture of 1280x720 with noise; times do not depend on what a picture shows, but for the boxes.")

    @OptionGroup var model: ModelOption
    @OptionGroup var threading: ThreadOption

    @Option(
        name: [.customLong("repeat")], help: ArgumentHelp("Frames that are timed, after two that are not.", valueName: "1...10000"))
    var repeats = 20

    @Flag(help: "Also time each step of the network, in as many runs more: median, share of all steps, GMAC/s.")
    var steps = false

    @Flag(
        help: """
            As --steps; also measure the CPU's int8 peak with these kernels and threads, and how fast it reads from its caches and from memory: \
            what share of its time each step needs at least, and which of these limits it then meets.
            """)
    var peak = false

    @Flag(help: "One JSON object with all times.")
    var json = false

    func validate() throws {
        guard Bench.repeatRange.contains(repeats) else { throw ValidationError("--repeat is a number from 1 to 10000.") }
    }

    func run() throws {
        var bench = Bench()
        bench.threads = threading.threads
        bench.repeats = repeats
        bench.hasSteps = steps
        bench.hasPeak = peak
        bench.isJSON = json
        var output = Output.standard()
        defer { output.flush() }
        try bench.run(try LoadedModel(path: lasting(try model.path())), to: &output)
    }
}
