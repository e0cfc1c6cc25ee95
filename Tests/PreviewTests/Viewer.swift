import Foundation

/// A viewer at the level of bytes, so that it can also be rude.
final class Viewer {
    struct Answer {
        var status: Int
        /// Names in small letters.
        var fields: [String: String]
        var body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    struct NoAnswer: Error {}

    private let file: Int32
    /// Kept for as long as somebody asks it.
    private let server: AnyObject
    private var received: [UInt8] = []

    /// Connects to 127.0.0.1.
    ///
    /// - Parameters:
    ///   - peer: The address it comes from, one of 127.0.0.0/8.
    ///   - receiveBytes: What the kernel may keep for it before it reads; nil for the system's choice.
    init(of server: AnyObject, port: UInt16, peer: String, receiveBytes: Int32?) throws {
        self.server = server
        file = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard file >= 0 else { throw NoAnswer() }
        if var bytes = receiveBytes { setsockopt(file, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout<Int32>.size)) }
        // A server that hangs must fail the test, not stop it.
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        guard Self.call(bind, file, peer, 0), Self.call(connect, file, "127.0.0.1", port) else { throw NoAnswer() }
    }

    deinit { close(file) }

    private static func call(
        _ function: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32, _ file: Int32, _ host: String, _ port: UInt16
    ) -> Bool {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        inet_pton(AF_INET, host, &address.sin_addr)
        return withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { function(file, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) } == 0
        }
    }

    /// False where the server has closed the connection.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.send(file, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Sends what it can without waiting.
    func sendAtOnce(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.send(file, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
    }

    /// Says that nothing more will be sent.
    func finish() { shutdown(file, Int32(SHUT_WR)) }

    /// Waits until the server closes the connection; what came before is left out. False if it does not, or not in a minute.
    func isClosedByServer() -> Bool {
        while true {
            switch receive() {
            case .some(0): return true
            case .some: received.removeAll()
            case .none: return errno == ECONNRESET
            }
        }
    }

    /// The bytes that came, 0 at the end of the connection, nil for an error.
    private func receive() -> Int? {
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = recv(file, &buffer, buffer.count, 0)
        guard count >= 0 else { return nil }
        received += buffer[..<count]
        return count
    }

    private func takeLine() throws -> String {
        while true {
            if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: received[..<end], as: UTF8.self).trimmingCharacters(in: .newlines)
                received.removeSubrange(...end)
                return line
            }
            guard let count = receive(), count > 0 else { throw NoAnswer() }
        }
    }

    func readAnswer(hasBody: Bool = true) throws -> Answer {
        let first = try takeLine().split(separator: " ")
        guard first.count >= 2, first[0] == "HTTP/1.1", let status = Int(first[1]) else { throw NoAnswer() }
        var fields: [String: String] = [:]
        while case let line = try takeLine(), !line.isEmpty {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { throw NoAnswer() }
            fields[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        let count = hasBody ? Int(fields["content-length"] ?? "0") ?? 0 : 0
        while received.count < count {
            guard let more = receive(), more > 0 else { throw NoAnswer() }
        }
        defer { received.removeSubrange(..<count) }
        return Answer(status: status, fields: fields, body: Array(received[..<count]))
    }

    /// Asks and waits for the answer.
    func ask(_ path: String, method: String = "GET", host: String? = "127.0.0.1", _ fields: [String: String] = [:]) throws -> Answer {
        var text = "\(method) \(path) HTTP/1.1\r\n"
        if let host { text += "Host: \(host)\r\n" }
        for (name, value) in fields { text += "\(name): \(value)\r\n" }
        guard send(text + "\r\n") else { throw NoAnswer() }
        return try readAnswer(hasBody: method != "HEAD")
    }
}
