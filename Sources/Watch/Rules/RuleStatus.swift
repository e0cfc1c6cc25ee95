import BoardFile

/// How a rule stands, and why.
public struct RuleStatus: Sendable {
    public enum Phase: Sendable {
        /// There has been no look since the start, or since the camera was lost.
        case noSight
        /// Off until its trigger fires.
        case waitingForTrigger
        /// Off; a rule with a trigger waits for the look that it asked for.
        case off
        /// Off at least until its line has been off for long enough.
        case minimumOff
        /// On, and its condition holds. A pulse may be over.
        case on
        /// On only because its least time on is not over.
        case held
    }

    public let name: Piece
    /// The line that it drives, an index for `RuleEngine.line`.
    public let line: Int
    /// Whether it turns its line on: within a pulse, within a beat. Another rule may turn the same line on.
    public let isOn: Bool
    /// Since when that is so, in nanoseconds of the caller's clock.
    public let since: Int64
    /// How many of the last `looks` were hits; it goes on when `requiredHits` were. 1 of 1 for a rule with a trigger, all 0 for a heartbeat.
    public let hits: Int
    public let requiredHits: Int
    public let looks: Int
    /// How many boxes of its last look fit: score, size and zone.
    public let matchingBoxes: Int
    /// The best score of a box that fits but for its score, 0 if there was none; 65535 is 1.
    public let bestScore: UInt16
    public let phase: Phase
}
