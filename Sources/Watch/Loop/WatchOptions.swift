import CDevices
import Messages

/// What a user asks of the watch loop. Texts are zero-terminated and outlive the loop.
public struct WatchOptions {
    public var source: SourceChoice
    /// A board file with rules and lines; without one there are no lines, and one rule that any text meets.
    public var board: UnsafePointer<CChar>?
    public var threads = 1
    /// Where events go: "-" for standard output, tcp:HOST:PORT, or a file.
    public var events: UnsafePointer<CChar>?
    /// A file that says once a second how the loop is doing; empty for none.
    public var status = PathText()
    /// A folder for pictures of the camera's.
    public var samples: UnsafePointer<CChar>?
    /// Nanoseconds from sample to sample, and how many that folder may hold.
    public var sampleInterval: Int64 = 30_000_000_000
    public var mostSamples = 200
    /// ADDRESS:PORT of a live preview, and what a viewer must know to see it.
    public var preview: UnsafePointer<CChar>?
    public var token: PathText?
    /// Most looks a second; 0 for as many as there are frames.
    public var rate = 0
    /// How the world is reached; tests put doubles here.
    public var cameraCalls: UnsafePointer<textpin_camera_calls>
    public var lineCalls: UnsafePointer<textpin_line_calls>
    /// Whether lines need no place on this machine: they are only told of, or are doubles.
    public var linesAreAnywhere = false
    /// Nanoseconds after which a lost camera is tried again; doubled with each attempt, up to eight times that.
    public var retryDelay: Int64 = 250_000_000
    /// Where signals come from; -1 for nowhere.
    public var signals: Int32 = -1
    /// Where log lines go; -1 for nowhere.
    public var log: Int32 = 2

    public init(source: SourceChoice) {
        self.source = source
        cameraCalls = textpin_camera_system_calls()
        lineCalls = textpin_line_system_calls()
    }

    /// Has lines only told of, not driven.
    public mutating func makeDry() {
        lineCalls = textpin_line_dry_calls()
        linesAreAnywhere = true
    }
}
