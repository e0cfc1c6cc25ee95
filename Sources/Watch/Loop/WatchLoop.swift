import BoardFile
import CDevices
import Inference
import Messages
import TextDetection

/// The main job: frames from a source, text in them, rules, GPIO lines; for months.
///
/// One thread does all of it, so that there is an order of things; whatever may be slow (a full disk, a viewer, a card) is elsewhere or is not
/// waited for. After `make` nothing is allocated but by libjpeg-turbo for each JPEG, and by what opens a camera anew.
public struct WatchLoop: ~Copyable {
    let options: WatchOptions
    // The detector works in the model's arena, so it must be gone before that is: values go in the order in which they stand here.
    var detector: TextDetector
    var preview: Preview?
    let loaded: LoadedModel
    var source: FrameSource
    var boardText: BoardText
    var engine: RuleEngine
    var lines: OutputLines
    var triggers: TriggerLines
    var stillness: Stillness
    var pace: Pace
    var journal: Journal
    var events: EventStream
    var statusFile: StatusFile
    var samples: SampleSaver
    var statistics: Statistics
    var health: Health
    /// What the last look found; its boxes lie in the detector's storage until the next.
    var lastLook: Look?
    private var isEnding = false
    var nextWatchdogAt: Int64
    let watchdogInterval: Int64

    /// What was found in a frame, and which.
    struct Look {
        let detection: Detection
        let scale: PhotoScale
        let sequence: UInt32
        let time: Int64
    }

    /// Opens everything but the camera, which may come later. The lines are at their safe levels when it returns.
    public static func make(_ options: WatchOptions, loaded: consuming LoadedModel, kernels: KernelSet) throws(Failure) -> WatchLoop {
        let now = textpin_monotonic_nanoseconds()
        let boardText = try BoardText.read(options.board)
        let board = boardText.board
        let engine = RuleEngine(board)
        let detector = try loaded.detector(kernels: kernels, threads: options.threads)
        let source = try FrameSource(options, at: now)
        let stillness = try Stillness.make(loaded.model)
        let events = try EventStream(options.events, at: now)
        let journal = try Journal.make(descriptor: options.log, at: now)
        let statusFile = try StatusFile.make(options.status)
        let samples = try SampleSaver(options)
        let preview = try options.makePreview(loaded.model)
        var lines = try OutputLines(calls: options.lineCalls)
        let wanted = try WantedLines(engine, anywhere: options.linesAreAnywhere)
        if let (index, error) = lines.replace(by: wanted) {
            throw LinePlaces.refusal(engine.line(index).reference, wanted.lines[index].place, error)
        }
        var triggers = TriggerLines(calls: options.lineCalls)
        try triggers.replace(by: engine, anywhere: options.linesAreAnywhere)
        return WatchLoop(
            options: options, detector: detector, preview: preview, loaded: loaded, source: source, boardText: boardText, engine: engine,
            lines: lines,
            triggers: triggers, stillness: stillness, pace: Pace(board.watch, rate: options.rate), journal: journal, events: events,
            statusFile: statusFile, samples: samples, at: now)
    }

    private init(
        options: WatchOptions, detector: consuming TextDetector, preview: consuming Preview?, loaded: consuming LoadedModel,
        source: consuming FrameSource,
        boardText: consuming BoardText, engine: RuleEngine, lines: consuming OutputLines, triggers: consuming TriggerLines,
        stillness: consuming Stillness, pace: Pace, journal: consuming Journal, events: consuming EventStream,
        statusFile: consuming StatusFile, samples: consuming SampleSaver, at time: Int64
    ) {
        self.options = options
        self.detector = detector
        self.preview = preview
        self.loaded = loaded
        self.source = source
        self.boardText = boardText
        self.engine = engine
        self.lines = lines
        self.triggers = triggers
        self.stillness = stillness
        self.pace = pace
        self.journal = journal
        self.events = events
        self.statusFile = statusFile
        self.samples = samples
        statistics = Statistics(at: time)
        health = Health(at: time)
        // Three times in what the service manager allows.
        watchdogInterval = textpin_watchdog_nanoseconds() / 3
        nextWatchdogAt = time
    }

    /// Watches until a signal says that it is over, or the pictures are.
    public mutating func run() {
        notify("READY=1")
        events.write("start")
        if !source.state.isLive { journal.note(at: health.stateSince, "watching \(source.description)") }
        while step() {}
        notify("STOPPING=1")
        engine.loseSight(at: textpin_monotonic_nanoseconds())
        health.loseSight()
        driveLines(at: textpin_monotonic_nanoseconds())
        events.write("end")
        journal.end()
    }

    /// Waits for what comes next and does it: a frame, a signal, a trigger, a rule's time. False when it is over.
    public mutating func step() -> Bool {
        let ready = wait()
        let now = textpin_monotonic_nanoseconds()
        if lines.noteProgress() {
            journal.note(.warning, at: now, "the loop stood still for more than 1.5 s; the lines were made safe meanwhile")
        }
        if ready & 1 != 0 { takeSignals(at: now) }
        for index in 0..<triggers.count where ready >> UInt32(index + 2) & 1 != 0 {
            if triggers.takeEvents(index) { engine.triggerFired(index, at: now) }
        }
        note(source.advance(to: now), at: now)
        takeFrame(at: now)
        engine.advance(to: now)
        let source = source.state
        if health.losesSight(source, at: now) { engine.loseSight(at: now) }
        repairLines(at: now)
        driveLines(at: now)
        report(at: now)
        return !isEnding && !source.isAtEnd
    }

    /// Which of the descriptors has something: the signals' is the first, the source's the second, the triggers' follow.
    private mutating func wait() -> UInt32 {
        var descriptors = InlineArray<18, Int32>(repeating: -1)
        descriptors[0] = options.signals
        let source = source.state
        descriptors[1] = source.descriptor
        for index in 0..<triggers.count { descriptors[index + 2] = triggers.descriptor(index) }
        let now = textpin_monotonic_nanoseconds()
        var deadline = now + 500_000_000
        if let time = source.deadline { deadline = min(deadline, time) }
        if let time = engine.nextDeadline { deadline = min(deadline, time) }
        let (count, limit) = (Int32(triggers.count + 2), deadline - now)
        return descriptors.span.withUnsafeBufferPointer { textpin_wait($0.baseAddress, count, limit) }
    }

    private mutating func takeSignals(at time: Int64) {
        while true {
            switch UInt32(bitPattern: textpin_signals_take(options.signals)) {
            case TEXTPIN_SIGNAL_END.rawValue: isEnding = true
            case TEXTPIN_SIGNAL_RELOAD.rawValue: reload(at: time)
            default: return
            }
        }
    }

    /// Says what became of the camera, and makes the lines safe without one.
    @inline(never)
    mutating func note(_ change: CameraSource.Change, at time: Int64) {
        switch change {
        case .none: return
        case .opened:
            health.open(at: time)
            stillness.forget()
            if let text = health.news(of: nil, at: time) { journal.note(at: time, text) }
            journal.note(at: time, source.description)
            events.write("camera") { $0.write(",\"state\":\"open\"") }
        case .lost(let fault):
            engine.loseSight(at: time)
            health.loseSight()
            driveLines(at: time)
            if let text = health.news(of: fault, at: time) {
                journal.note(.warning, at: time, text)
                events.write("camera") { line in
                    line.write(",\"state\":\"lost\",\"why\":\"")
                    line.write(fault.words)
                    line.write("\"")
                }
            }
        }
    }
}

/// Tells the service manager, if there is one.
func notify(_ state: Text) { state.read { textpin_notify($0, $1) } }
