import CDevices
import Messages

/// How the loop is doing: from what happened, never from what should have.
struct Health {
    /// A live camera's noise changes some cell of the picture with nearly every frame.
    private static let frozenAfter: Int64 = 10_000_000_000
    /// As often as this the same fault is told again.
    private static let reminder: Int64 = 3_600_000_000_000

    private(set) var hasSight = false
    private(set) var lastFrameAt: Int64
    private var lastChangeAt: Int64
    private var damageAtLastFrame = 0
    private(set) var state = WatchState.starting
    private(set) var stateSince: Int64
    /// Whether the last frame was like the one before, and not looked at.
    var isStill = false
    /// Why the board file that was read last is not in force.
    var boardProblem: Text?
    private var fault: CameraSource.Fault?
    private var faultToldAt: Int64 = 0

    init(at time: Int64) {
        lastFrameAt = time
        lastChangeAt = time
        stateSince = time
    }

    mutating func open(at time: Int64) {
        lastFrameAt = time
        lastChangeAt = time
        isStill = false
    }

    /// Notes that what was seen last says nothing any more.
    mutating func loseSight() { hasSight = false }

    /// Notes a whole frame.
    mutating func noteFrame(at time: Int64) {
        lastFrameAt = time
        hasSight = true
    }

    /// Notes by how much a frame differs from the reference.
    mutating func noteChange(_ change: Int, isLive: Bool, at time: Int64) {
        if change > 0 || !isLive { lastChangeAt = time }
    }

    /// Whether no whole frame came for so long that nobody knows what is to be seen; true once for each time.
    mutating func losesSight(_ source: SourceState, at time: Int64) -> Bool {
        let isBlind = !source.isOpen || source.patience.map { time - lastFrameAt >= $0 } ?? false
        update(source, isBlind: isBlind, at: time)
        guard isBlind, hasSight else { return false }
        hasSight = false
        return true
    }

    /// Without a whole frame since the camera was opened: it waits, unless it has just started. A camera that opens has not given anything yet.
    private var unseen: WatchState { state == .starting ? .starting : .waiting }

    private mutating func update(_ source: SourceState, isBlind: Bool, at time: Int64) {
        let damage = source.damage.total
        defer { if !isBlind { damageAtLastFrame = damage } }
        let fresh: WatchState =
            if source.isAtEnd {
                .ended
            } else if isBlind {
                source.isOpen && damage > damageAtLastFrame ? .degraded : hasSight ? .waiting : unseen
            } else if !hasSight {
                unseen
            } else if time - lastChangeAt >= Self.frozenAfter {
                .frozen
            } else {
                isStill ? .still : .watching
            }
        guard fresh != state else { return }
        state = fresh
        stateSince = time
    }

    /// What there is to tell of a fault, or of its end: once, and then once an hour. Nil if it has been told.
    @inline(never)
    mutating func news(of fresh: CameraSource.Fault?, at time: Int64) -> Text? {
        let wasFault = fault
        fault = fresh
        guard let fresh else { return wasFault == nil ? nil : "the camera is back" }
        if let wasFault, wasFault.isLike(fresh), time - faultToldAt < Self.reminder { return nil }
        faultToldAt = time
        return fresh.sentence
    }

    var faultWords: Text? { fault?.words }
}

/// How the loop is doing, as it says itself.
public enum WatchState: Sendable {
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

    public var name: StaticString {
        switch self {
        case .starting: "starting"
        case .watching: "watching"
        case .still: "still"
        case .waiting: "waiting"
        case .degraded: "degraded"
        case .frozen: "frozen"
        case .ended: "ended"
        }
    }
}
