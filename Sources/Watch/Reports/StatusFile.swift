import CDevices
import Inference
import Messages

/// A file that says once a second how the loop is doing; and memory for what it says.
struct StatusFile: ~Copyable {
    /// Zones, rules and lines at their most, with long names, take half of it.
    private static let capacity = 32_768
    private static let interval: Int64 = 1_000_000_000

    private let path: PathText
    private let memory: Arena
    var text: TextBuffer
    private var nextAt: Int64 = 0
    private var reportedError: Int32 = 0

    static func make(_ path: PathText) throws(Failure) -> StatusFile {
        do throws(NetworkError) { return try StatusFile(path) } catch {
            throw Failure("there is not enough memory for the status", status: 70)
        }
    }

    private init(_ path: PathText) throws(NetworkError) {
        let memory = try Arena(byteCount: Self.capacity)
        text = TextBuffer(memory.bytes.bindMemory(to: UInt8.self))
        self.memory = memory
        self.path = path
    }

    mutating func isDue(at time: Int64) -> Bool {
        guard time >= nextAt else { return false }
        nextAt = time + Self.interval
        return true
    }

    /// Puts what `text` holds into the file. Returns a sentence where there is something to tell.
    mutating func write() -> Text? {
        guard !path.isEmpty else { return nil }
        let bytes = text.bytes
        let error = path.read { textpin_replace_file($0, bytes.baseAddress, bytes.count) }
        guard error != reportedError else { return nil }
        reportedError = error
        return error == 0
            ? "the status is written to \(path) again" : "the status cannot be written to \(path): \(textpin_error_text(error))"
    }
}
