import BoardFile
import CDevices
import Inference
import Messages
import TextDetection

/// The main job: frames from a source, text in them, rules, GPIO lines; for months.
///
/// One thread does all of it, so that there is an order of things; whatever may be slow (a full disk, a viewer, a card) is elsewhere or is not
/// waited for. After `init` nothing is allocated but by libjpeg-turbo for each JPEG, and by what opens a camera anew.
public struct WatchLoop: ~Copyable {
    /// How the loop is doing, as it says itself.
    public enum State: Sendable {
        case starting
        /// Looking at frames as they come.
        case watching
        /// Frames come, and show what the last ones showed: not looked at again.
        case still
        /// No camera, or none that gives frames: it is tried again and again.
        case waiting
        /// Frames come, and all are damaged.
        case degraded
        /// Frames come, and all are the same to the last bit.
        case frozen
        /// A folder or a stream is at its end.
        case ended
    }

    let settings: WatchSettings
    // The detector works in the model's arena, so it must be gone before that is: values go in the order in which they stand here.
    var detector: TextDetector
    let loaded: LoadedModel
    var source: FrameSource
    var boardText: BoardText?
    var engine: RuleEngine
    var lines: OutputLines
    var triggers: TriggerLines
    var stillness: Stillness
    var pace: Pace
    var journal: Journal
    var events: EventStream
    var statistics: Statistics
    var statusReport: StatusReport
    var samples: SampleSaver

    public private(set) var state = State.starting
    var stateSince: Int64
    /// What the last look found; its boxes lie in the detector's storage until the next.
    var lastLook: Look?
    /// When a whole frame was taken last.
    var lastFrameAt: Int64
    private var isReady = false
    private var isEnding = false
    private var nextWatchdogAt: Int64
    private let watchdogInterval: Int64

    /// What was found in a frame, and which.
    struct Look {
        let detection: Detection
        let scale: PhotoScale
        let sequence: UInt32
        let time: Int64
    }

    /// Opens everything but the camera, which may come later. The lines are at their safe levels when it returns.
    public static func make(_ settings: WatchSettings, loaded: consuming LoadedModel, kernels: KernelSet) throws(Failure) -> WatchLoop {
        let now = textpin_monotonic_nanoseconds()
        let boardText = try BoardText.read(settings.board)
        let board = boardText?.board ?? .anyMachine
        let engine = RuleEngine(board)
        let detector = try loaded.detector(kernels: kernels, threads: settings.threads)
        let source = try FrameSource(settings.source, calls: settings.cameraCalls, at: now)
        let events = try EventStream(settings.events, at: now)
        let samples = try SampleSaver(settings)
        var lines = try OutputLines(calls: settings.lineCalls)
        if let (index, error) = lines.replace(by: try WantedLines(engine)) {
            throw LinePlaces.refusal(engine.line(index).reference, try LinePlaces.find(engine.line(index).reference), error)
        }
        let triggers = try TriggerLines(engine, calls: settings.lineCalls)
        let model = loaded.model
        let (stillness, journal, statusReport) = try memory(model, settings, at: now)
        return WatchLoop(
            settings: settings, detector: detector, loaded: loaded, source: source, boardText: boardText, engine: engine, lines: lines,
            triggers: triggers, stillness: stillness, pace: Pace(board.watch, rate: settings.rate), journal: journal, events: events,
            statistics: Statistics(at: now), statusReport: statusReport, samples: samples, at: now)
    }
}
