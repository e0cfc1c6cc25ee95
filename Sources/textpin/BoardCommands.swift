import ArgumentParser
import Foundation
import Messages
import Watch

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Say what CPU, kernels, memory, cameras and GPIO chips this machine has.",
        discussion: "With a board file, compares the machine with it; exit status 69 if something is missing.")

    @Option(help: ArgumentHelp("Compare with this board file.", valueName: "file"))
    var board: String?

    func run() throws {
        var output = Output.standard()
        defer { output.flush() }
        try MachineReport.run(board: board.map(lasting), to: &output)
    }
}

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Say how a running watch is doing, and why each line is as it is.",
        discussion: "Exit status 69 if that watch has ended, or has stood still for 3 seconds.")

    @Argument(help: "What its --status names. Default: the service's, /run/textpin/status.json.")
    var file: String?

    func run() throws {
        var output = Output.standard()
        defer { output.flush() }
        try Watch.StatusCommand.run(file.map(lasting), to: &output)
    }
}

struct RulesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules", abstract: "Show on recorded pictures when each GPIO line would have been on.",
        discussion: "Prints a line for each change. A rule that waits for a trigger is asked with each picture.")

    @Option(help: ArgumentHelp("The board file with the rules.", valueName: "file"))
    var board: String

    @Option(help: ArgumentHelp("A folder of pictures, in the order of their names, or one picture.", valueName: "folder"))
    var simulate: String

    @Option(help: ArgumentHelp("Pictures in a second of the recording.", valueName: "n"))
    var folderRate = 5.0

    @OptionGroup var model: ModelOption
    @OptionGroup var threading: ThreadOption

    func validate() throws {
        guard (0.001...1000).contains(folderRate) else { throw ValidationError("--folder-rate is 0.001 to 1000 pictures a second.") }
    }

    func run() throws {
        var output = Output.standard()
        defer { output.flush() }
        try RuleSimulation.run(
            board: lasting(board), folder: lasting(simulate), rateThousandths: Int((folderRate * 1000).rounded()),
            try LoadedModel(path: lasting(try model.path())), threads: threading.threads, to: &output)
    }
}

/// The text for modules without a heap, which want it to last as long as the program.
func lasting(_ text: String) -> UnsafePointer<CChar> {
    // Null only without memory, and then an empty text says that no file has that name.
    UnsafePointer(strdup(text)) ?? ("" as StaticString).cString
}
