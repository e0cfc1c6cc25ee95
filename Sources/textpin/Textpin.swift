import ArgumentParser
import Foundation

/// The command line for people; `textpin-board` is the one for boards.
@main
struct Textpin: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "textpin",
        abstract: "Text detection in integers: from a trained DBNet to an int8 model, from a camera to GPIO lines.",
        discussion: """
            A first run, with a network and a folder of photos:
              textpin calibrate PP-OCRv3.onnx --images photos --size 640x640 -o text.dbq
              textpin detect street.jpg --model text.dbq --annotate found
            """,
        version: "0.1.0",
        subcommands: [
            WatchCommand.self, StatusCommand.self, RulesCommand.self, DetectCommand.self, CalibrateCommand.self, EvaluateCommand.self,
            BenchCommand.self, PlanCommand.self, DoctorCommand.self,
        ])

    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            if let failure = Failure(error) {
                FileHandle.standardError.write(Data("textpin: \(failure.sentence)\n".utf8))
                Foundation.exit(failure.status)
            }
            exit(withError: error)
        }
    }
}
