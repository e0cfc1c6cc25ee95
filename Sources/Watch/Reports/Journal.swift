import CDevices
import Inference
import Messages

/// Log lines: what changed, once; never so many that a fault fills a disk. On a terminal, a line of statistics below them too.
struct Journal: ~Copyable {
    enum Level {
        case information
        case warning
    }

    /// Lines that may come at once, and how long one takes to be earned again: 10 in an hour of a permanent fault.
    private static let burst = 20
    private static let earning: Int64 = 360_000_000_000

    private var sink: LineSink
    private let isTerminal: Bool
    private let isJournald: Bool
    private var credit = burst
    private var earnedAt: Int64
    private var withheldCount = 0
    private var hasStatusLine = false

    static func make(descriptor: Int32, at time: Int64) throws(Failure) -> Journal {
        do throws(NetworkError) { return try Journal(descriptor: descriptor, at: time) } catch {
            throw Failure("there is not enough memory for log lines", status: 70)
        }
    }

    private init(descriptor: Int32, at time: Int64) throws(NetworkError) {
        sink = try LineSink(descriptor: descriptor < 0 ? -1 : max(textpin_output_open(descriptor), -1))
        isTerminal = descriptor >= 0 && textpin_is_terminal(descriptor)
        isJournald = textpin_environment(("JOURNAL_STREAM" as StaticString).cString) != nil
        earnedAt = time
    }

    mutating func note(_ level: Level = .information, at time: Int64, _ text: Text) {
        while credit < Self.burst, time - earnedAt >= Self.earning {
            credit += 1
            earnedAt += Self.earning
        }
        guard credit > 0 else {
            withheldCount += 1
            return
        }
        if credit == Self.burst { earnedAt = time }
        credit -= 1
        let withheld = withheldCount
        withheldCount = 0
        let (isTerminal, isJournald) = (isTerminal && hasStatusLine, isJournald)
        hasStatusLine = false
        sink.write { line in
            if isTerminal { line.write("\r\u{1B}[K") }
            if isJournald {
                line.write(level == .warning ? "<4>" : "<6>")
            } else if !isTerminal {
                PathText.now().read { line.write(string: $0) }
                line.write(" ")
            }
            line.write(text)
            if withheld > 0 { line.write(" (\(withheld) lines before this one were left out)") }
            line.write("\n")
        }
    }

    /// Replaces the terminal's last line.
    mutating func showStatus(_ body: (inout TextBuffer) -> Void) {
        guard isTerminal else { return }
        hasStatusLine = true
        sink.write { line in
            line.write("\r")
            body(&line)
            line.write("\u{1B}[K")
        }
    }

    var showsStatus: Bool { isTerminal }

    /// Leaves the terminal at the start of a line.
    mutating func end() {
        if hasStatusLine { sink.write { $0.write("\n") } }
        hasStatusLine = false
    }
}
