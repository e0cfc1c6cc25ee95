import Messages
import Watch

/// `bench`: the same times and limits as `textpin bench`.
enum BenchCommand {
    static let help: StaticString = """
        usage: textpin-board bench [--model MODEL] [--threads 1...8] [--repeat 1...10000] [--steps] [--peak] [--json]

        Times the detector, stage by stage, on a grey picture of 1280x720 with noise; times do not depend on what a picture shows, but for the
        boxes. Prints median and least, and the most memory that this process took.

          --model MODEL   The int8 model (.dbq). Default: what TEXTPIN_MODEL names, or else the Debian package's.
          --threads N     Threads of the network. Default: 1.
          --repeat N      Frames that are timed, after two that are not. Default: 20.
          --steps         Also time each step of the network, in as many runs more: median, share of all steps, GMAC/s.
          --peak          As --steps; also measure the CPU's int8 peak with these kernels and threads, and how fast it reads from its caches
                          and from memory: what share of its time each step needs at least, and which of these limits it then meets.
          --json          One JSON object with all times, as textpin bench prints it.

        """

    static func run(_ arguments: consuming Arguments, to output: inout Output) throws(Failure) {
        var arguments = arguments
        var bench = Bench()
        var path: UnsafePointer<CChar>?
        while let option = arguments.nextOption() {
            if isEqual(option, "--threads") {
                bench.threads = try arguments.number(of: option, in: 1...8)
            } else if isEqual(option, "--repeat") {
                bench.repeats = try arguments.number(of: option, in: Bench.repeatRange)
            } else if isEqual(option, "--model") {
                path = try arguments.file(of: option)
            } else if isEqual(option, "--steps") {
                bench.hasSteps = true
            } else if isEqual(option, "--peak") {
                bench.hasPeak = true
            } else if isEqual(option, "--json") {
                bench.isJSON = true
            } else {
                throw .unknownOption(option)
            }
        }
        try arguments.requireEnd()
        try bench.run(try LoadedModel(option: path), to: &output)
    }
}
