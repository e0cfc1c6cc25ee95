import CDevices
import Messages
import Watch

/// The command line for boards: what runs there and nothing else, without a heap. `textpin` is the one for people's workstations.
@main
enum TextpinBoard {
    private static let version: StaticString = "0.1.0\n"

    private static let help: StaticString = """
        textpin-board: text detection in integers, without a heap.

        usage: textpin-board VERB [OPTION…] [FILE…]

          watch           Look at a camera's frames, and drive GPIO lines by rules.
          status          What a running watch says of itself, and why each line is as it is.
          detect IMAGE…   Find text in photos; prints JSON lines.
          selfcheck       Check that this machine computes what every machine must.
          bench           Time the detector, stage by stage.
          doctor          Show what CPU, kernels, memory and GPIO lines this machine has, and compare them with a board file.

          --version       Print the version.
          --help          Print this, or with a verb what it does and takes.

        watch, detect and bench take a model with --model, or else the one that TEXTPIN_MODEL names, or else /usr/share/textpin/model.dbq; textpin
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
            throw Failure("a verb is missing: watch, status, detect, selfcheck, bench or doctor; --help tells more", status: 64)
        }
        if isEqual(verb, "--help") || isEqual(verb, "-h") { return output.write(help) }
        if isEqual(verb, "--version") { return output.write(version) }
        let asksForHelp = textpin_argument(2).map { isEqual($0, "--help") || isEqual($0, "-h") } ?? false
        let arguments = Arguments(from: 2)
        if isEqual(verb, "watch") {
            if asksForHelp { output.write(WatchCommand.help) } else { try WatchCommand.run(arguments, to: &output) }
        } else if isEqual(verb, "status") {
            if asksForHelp { output.write(statusHelp) } else { try runStatus(arguments, to: &output) }
        } else if isEqual(verb, "detect") {
            if asksForHelp { output.write(DetectCommand.help) } else { try DetectCommand.run(arguments, to: &output) }
        } else if isEqual(verb, "selfcheck") {
            if asksForHelp { output.write(SelfCheckCommand.help) } else { try SelfCheckCommand.run(arguments, to: &output) }
        } else if isEqual(verb, "bench") {
            if asksForHelp { output.write(BenchCommand.help) } else { try BenchCommand.run(arguments, to: &output) }
        } else if isEqual(verb, "doctor") {
            if asksForHelp { output.write(DoctorCommand.help) } else { try DoctorCommand.run(arguments, to: &output) }
        } else {
            throw Failure("\(verb) is no verb: watch, status, detect, selfcheck, bench or doctor was expected", status: 64)
        }
    }

    private static let statusHelp: StaticString = """
        usage: textpin-board status [FILE]

        Prints how a running watch is doing and why each line is as it is, from the file that its --status names; default: the service's,
        /run/textpin/status.json. Exit status 69 if that watch has ended, or has stood still for 3 seconds.

        """

    private static func runStatus(_ arguments: consuming Arguments, to output: inout Output) throws(Failure) {
        var arguments = arguments
        if let option = arguments.nextOption() { throw .unknownOption(option) }
        let path = arguments.nextOperand()
        try arguments.requireEnd()
        try StatusCommand.run(path, to: &output)
    }
}
