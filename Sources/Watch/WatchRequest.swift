import BoardFile
import CDevices
import Inference
import Messages

/// What both command lines' `watch` takes: texts as they were given, zero-terminated, which last as long as the program runs.
public struct WatchRequest {
    public var source = SourceOptions()
    public var board: UnsafePointer<CChar>?
    public var threads: Int?
    public var rate = 0
    /// Nil for standard output.
    public var events: UnsafePointer<CChar>?
    public var status: UnsafePointer<CChar>?
    public var preview: UnsafePointer<CChar>?
    public var tokenFile: UnsafePointer<CChar>?
    public var samples: UnsafePointer<CChar>?
    public var sampleSeconds = 30
    public var mostSamples = 200
    public var isDry = false
    public var onlyChecks = false

    public init() {}

    /// Watches with a model until a signal comes, or checks that this would go well.
    public func run(_ loaded: consuming LoadedModel, to output: inout Output) throws(Failure) {
        let board = try BoardText.read(self.board)
        let kernels = try KernelSet.required()
        var options = WatchOptions(source: try source.choice(board: self.board == nil ? nil : board.board, model: loaded.model))
        options.board = self.board
        options.threads = threads ?? max(board.board.threads, 1)
        options.rate = rate
        options.events = events.map { isEqual($0, "none") ? nil : $0 } ?? ("-" as StaticString).cString
        options.preview = preview
        if let tokenFile { options.token = try .token(path: tokenFile) }
        options.samples = samples
        options.sampleInterval = Int64(sampleSeconds) * 1_000_000_000
        options.mostSamples = mostSamples
        if isDry || self.board == nil { options.makeDry() }
        if onlyChecks { return try WatchCheck.run(options, loaded, kernels, to: &output) }
        options.status = status.map { PathText("\($0)") } ?? .standardStatus
        options.signals = textpin_signals_open()
        var loop = try WatchLoop.make(options, loaded: loaded, kernels: kernels)
        loop.run()
    }
}

extension PathText {
    /// Where a service's status is: in the folder that systemd made for it. Empty for other programs.
    static var standardStatus: PathText {
        guard let folder = textpin_environment(("RUNTIME_DIRECTORY" as StaticString).cString) else {
            return PathText()
        }
        return PathText("\(folder)/status.json")
    }
}
