import Foundation
import Testing

/// The built command line as a user runs it.
enum CommandLineTool {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Beside the test program, where a build puts both.
    static let path: String = {
        let beside = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "textpin").path
        return FileManager.default.isExecutableFile(atPath: beside) ? beside : root.appending(path: ".build/release/textpin").path
    }()

    static var isBuilt: Bool { FileManager.default.isExecutableFile(atPath: path) }

    struct Result {
        var status: Int32
        var output: String
        var errors: String

        /// What was said is one sentence with the command's name ahead and a full stop at the end.
        var isOneSentence: Bool {
            let lines = errors.split(separator: "\n", omittingEmptySubsequences: false)
            return lines.count == 2 && lines[1].isEmpty && lines[0].hasPrefix("textpin: ") && lines[0].hasSuffix(".")
        }
    }

    /// Starts the command; both its outputs go to files in `folder`, since a full pipe would stop it.
    static func start(
        _ arguments: [String], in folder: String, environment: [String: String] = [:]
    ) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        for name in ["stdout", "stderr"] { try Data().write(to: URL(filePath: "\(folder)/\(name)")) }
        process.standardOutput = try FileHandle(forWritingTo: URL(filePath: folder + "/stdout"))
        process.standardError = try FileHandle(forWritingTo: URL(filePath: folder + "/stderr"))
        try process.run()
        return process
    }

    static func run(_ arguments: [String], environment: [String: String] = [:]) throws -> Result {
        try TestFolder.with { folder in
            let process = try start(arguments, in: folder.path, environment: environment)
            process.waitUntilExit()
            func text(_ name: String) throws -> String {
                String(decoding: try Data(contentsOf: URL(filePath: folder.file(name))), as: UTF8.self)
            }
            let status = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
            return Result(status: status, output: try text("stdout"), errors: try text("stderr"))
        }
    }
}

/// A folder of its own for one test, removed at its end.
struct TestFolder {
    let path: String

    static func with<Value>(_ body: (TestFolder) throws -> Value) throws -> Value {
        let folder = TestFolder(path: NSTemporaryDirectory() + "textpin-acceptance-" + UUID().uuidString)
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder.path) }
        return try body(folder)
    }

    func file(_ name: String) -> String { path + "/" + name }

    /// Writes a file and returns its path.
    @discardableResult func write(_ bytes: [UInt8], as name: String) throws -> String {
        try Data(bytes).write(to: URL(filePath: file(name)))
        return file(name)
    }

    var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? [] }
}
