import CDevices
import Inference
import Messages

/// Events as JSON lines, to standard output, a file, or a TCP address. A reader that is slow or gone never delays a frame: its events are lost
/// and counted.
struct EventStream: ~Copyable {
    private static let reconnectDelay: Int64 = 2_000_000_000

    private var sink: LineSink
    /// ADDRESS:PORT.
    private let address: UnsafePointer<CChar>?
    private var reconnectAt: Int64

    init(_ target: UnsafePointer<CChar>?, at time: Int64) throws(Failure) {
        address = target.flatMap { hasPrefix($0, "tcp:") ? $0 + 4 : nil }
        reconnectAt = time + Self.reconnectDelay
        sink = try Self.sink(target)
    }

    private static func sink(_ target: UnsafePointer<CChar>?) throws(Failure) -> LineSink {
        guard let target else { return try sink(-1) }
        if isEqual(target, "-") {
            return try sink(max(textpin_output_open(1), -1))
        }
        if hasPrefix(target, "tcp:") {
            let descriptor = textpin_connect(target + 4)
            guard descriptor != -TEXTPIN_INVALID else {
                throw Failure("\(target) is no address: tcp:ADDRESS:PORT was expected, such as tcp:192.168.1.5:5000", status: 64)
            }
            return try sink(max(descriptor, -1))
        }
        let file = textpin_append_open(target)
        guard file >= 0 else { throw Failure("events cannot be written to it: \(textpin_error_text(-file))", status: 64, path: target) }
        return try sink(file)
    }

    private static func sink(_ descriptor: Int32) throws(Failure) -> LineSink {
        do throws(NetworkError) { return try LineSink(descriptor: descriptor) } catch {
            throw Failure("there is not enough memory for events", status: 70)
        }
    }

    var droppedCount: Int { sink.droppedCount }
    /// The errno of the last attempt to write, such as a full disk's; 0 if all is well.
    var error: Int32 { sink.error }

    /// Writes an event: `{"event":NAME,"time":…` and what `body` adds to the object.
    mutating func write(_ name: StaticString, _ body: (inout TextBuffer) -> Void = { _ in }) {
        sink.write { line in
            line.write("{\"event\":\"\(name)\",\"time\":\"")
            PathText.now().read { line.write(string: $0) }
            line.write("\"")
            body(&line)
            line.write("}\n")
        }
    }

    /// Sends what was left over; connects again to an address that was lost.
    mutating func advance(to time: Int64) {
        sink.send()
        guard let address, time >= reconnectAt, !sink.isOpen || sink.error != 0 else { return }
        reconnectAt = time + Self.reconnectDelay
        sink.reopen(max(textpin_connect(address), -1))
    }
}
