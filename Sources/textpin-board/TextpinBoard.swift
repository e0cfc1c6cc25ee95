import CDevices
import Messages

/// The command line for boards: what runs there and nothing else, without a heap. `textpin` is the one for people's workstations.
@main
enum TextpinBoard {
    private static let version: StaticString = "0.1.0\n"

    private static let help: StaticString = """
        textpin-board: text detection in integers, without a heap.

        usage: textpin-board VERB [OPTION…] [FILE…]

          detect IMAGE…   Find text in photos; prints JSON lines.
          selfcheck       Check that this machine computes what every machine must.
          bench           Time the detector, stage by stage.
          doctor          Show what CPU, kernels, memory and GPIO lines this machine has, and compare them with a board file.

          --version       Print the version.
          --help          Print this, or with a verb what it does and takes.

        detect and bench take a model with --model, or else the one that TEXTPIN_MODEL names, or else /usr/share/textpin/model.dbq; textpin
        calibrate, on a workstation, makes one. TEXTPIN_KERNELS=NAME chooses kernels other than the best.

        """

    static func main() {
        var output = Output.standard()
        var status: Int32 = 0
        do throws(Failure) {
            try run(to: &output)
        } catch {
            output.flush()
            error.report(program: "textpin-board")
            status = error.status
        }
        output.flush()
        if output.hasFailed, status == 0 {
            Failure("standard output could not be written to", status: 74).report(program: "textpin-board")
            status = 74
        }
        textpin_exit(status)
    }

    private static func run(to output: inout Output) throws(Failure) {
        guard let verb = textpin_argument(1) else {
            throw Failure("a verb is missing: detect, selfcheck, bench or doctor; textpin-board --help tells more", status: 64)
        }
        if isEqual(verb, "--help") || isEqual(verb, "-h") { return output.write(page: help) }
        if isEqual(verb, "--version") { return output.write(page: version) }
        let asksForHelp = textpin_argument(2).map { isEqual($0, "--help") || isEqual($0, "-h") } ?? false
        let arguments = Arguments(from: 2)
        if isEqual(verb, "detect") {
            if asksForHelp { output.write(page: DetectCommand.help) } else { try DetectCommand.run(arguments, to: &output) }
        } else if isEqual(verb, "selfcheck") {
            if asksForHelp { output.write(page: SelfCheckCommand.help) } else { try SelfCheckCommand.run(arguments, to: &output) }
        } else if isEqual(verb, "bench") {
            if asksForHelp { output.write(page: BenchCommand.help) } else { try BenchCommand.run(arguments, to: &output) }
        } else if isEqual(verb, "doctor") {
            if asksForHelp { output.write(page: DoctorCommand.help) } else { try DoctorCommand.run(arguments, to: &output) }
        } else {
            throw Failure("\(verb) is no verb: detect, selfcheck, bench or doctor was expected", status: 64)
        }
    }
}
