/// `[zone NAME]`: a part of the frame, a polygon that does not cross or touch itself.
public struct Zone: Sendable {
    public internal(set) var name = Piece()
    /// 3 to 16, around it either way, in pixels of `BoardFile.frameSize`: 0 ... width, 0 ... height.
    public internal(set) var corners = List<16, Corner>(repeating: Corner(x: 0, y: 0))
}

/// A zone's corner.
public struct Corner: Sendable, Equatable {
    public let x: Int32
    public let y: Int32
}

/// `[rule NAME]`: when a line is on. Times are in nanoseconds.
public struct Rule: Sendable {
    public enum Mode: Sendable, Equatable {
        /// On as long as the rule's condition holds.
        case level
        /// On for this long each time that the condition begins to hold.
        case pulse(Int64)
        /// On and off in turn, this long together, while the camera is looked at.
        case heartbeat(Int64)
    }

    public internal(set) var name = Piece()
    /// The line that it drives: its place in `BoardFile.outputs`.
    public internal(set) var output = 0
    /// The line that it waits for, if it does: its place in `BoardFile.triggers`.
    public internal(set) var trigger: Int?
    /// Bit i stands for zone i of the file; none of them for the whole frame.
    public internal(set) var zones: UInt16 = 0
    /// How many boxes there must be at least.
    public internal(set) var boxes = 1
    /// Their least score; 65535 is 1.
    public internal(set) var score: UInt16 = 0
    /// The least length of their shorter sides, in pixels of `BoardFile.frameSize`.
    public internal(set) var height = 0
    /// The same of their longer sides.
    public internal(set) var width = 0
    /// The rule goes on when so many of the last looks found its boxes.
    public internal(set) var hits = 2
    /// How many looks these are, up to 64.
    public internal(set) var looks = 3
    /// It stays on so long, at least, after its condition last held.
    public internal(set) var hold: Int64 = 0
    /// It goes on only if its line has been off so long.
    public internal(set) var off: Int64 = 0
    public internal(set) var mode = Mode.level
}

/// A line that rules drive.
public struct OutputLine: Sendable {
    public internal(set) var reference = LineReference.named(Piece())
    /// Whether its low level is its on.
    public internal(set) var isActiveLow = false
    /// What it is, on or off, while the camera is gone and when the program ends.
    public internal(set) var safeIsOn = false
}

/// `[watch]`: how often to look. Times are in nanoseconds.
public struct WatchSection: Sendable {
    /// `rate`: the least time from one frame to the next; 0 where there is no limit.
    public internal(set) var frameInterval: Int64 = 0
    /// `still`: how much a picture may differ from the one last looked at and need no look, in levels of brightness; 0 if each needs one.
    public internal(set) var still = 0
    /// `look`: the longest time without a look, however still the picture is.
    public internal(set) var lookInterval: Int64 = 2_000_000_000
    /// `hot`: the temperature in °C from which the board must rest.
    public internal(set) var hot = 80
}

extension BoardFile {
    /// For a machine that no file describes: one rule that any text meets, and a line `text` that is nowhere and can only be told of.
    public static var anyMachine: BoardFile {
        var board = BoardFile()
        board.frameSize = PixelSize(width: 1280, height: 720)
        var rule = Rule()
        rule.name = Piece("text")
        _ = board.rules.append(rule)
        var line = OutputLine()
        line.reference = .named(Piece("text"))
        _ = board.outputs.append(line)
        return board
    }
}
