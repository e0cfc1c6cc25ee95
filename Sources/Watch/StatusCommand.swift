import CDevices
import Inference
import Messages

/// `status`: what a running watch says of itself, from its status file; and whether it still says it.
public enum StatusCommand {
    /// A status that is older than this was written by a program that stands still, or is gone.
    private static let fresh: Int64 = 3_000_000_000
    private static let most = 65_536

    /// - Parameter path: a status file; nil for the service's.
    public static func run(_ path: UnsafePointer<CChar>?, to output: inout Output) throws(Failure) {
        let path = path ?? ("/run/textpin/status.json" as StaticString).cString
        let memory = try arena()
        let found = textpin_read_file(path, memory.bytes.baseAddress, memory.bytes.count)
        guard found != -Int64(TEXTPIN_NO_SUCH_FILE) else {
            throw Failure(
                "there is no such status: no watch runs as a service, or name the file that its --status names", status: 66, path: path)
        }
        guard found >= 0 else { throw .unreadable(path, errno: Int32(-found)) }
        let text = UnsafeBufferPointer(rebasing: memory.bytes.bindMemory(to: UInt8.self)[0..<Int(found)])
        guard let process = number(after: "\"process\":", in: text), let time = number(after: "\"monotonic_ns\":", in: text),
            let summary = place(after: "\"summary\":[", in: text)
        else { throw Failure("this is no status of a watch", status: 65, path: path) }
        writeStrings(text, from: summary, to: &output)
        output.flush()
        let age = textpin_monotonic_nanoseconds() - Int64(time)
        guard textpin_process_exists(Int32(clamping: process)) else {
            throw Failure("process \(process), which said this, has ended", status: 69, path: path)
        }
        guard (0...fresh).contains(age) else {
            throw Failure(
                "process \(process) said this \(Int(age) / 1_000_000, over: 1000, decimals: 1) s ago, and nothing since", status: 69,
                path: path)
        }
    }

    private static func arena() throws(Failure) -> Arena {
        do throws(NetworkError) { return try Arena(byteCount: most) } catch {
            throw Failure("there is not enough memory for a status", status: 70)
        }
    }

    /// Where the text behind a key begins.
    private static func place(after key: StaticString, in text: UnsafeBufferPointer<UInt8>) -> Int? {
        let count = key.utf8CodeUnitCount
        guard text.count >= count else { return nil }
        for start in 0...(text.count - count) {
            var length = 0
            while length < count, text[start + length] == key.utf8Start[length] { length += 1 }
            if length == count { return start + count }
        }
        return nil
    }

    private static func number(after key: StaticString, in text: UnsafeBufferPointer<UInt8>) -> Int? {
        guard var index = place(after: key, in: text) else { return nil }
        var value = 0
        let start = index
        while index < text.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[index]), value < 1 << 58 {
            value = 10 * value + Int(text[index] - UInt8(ascii: "0"))
            index += 1
        }
        return index > start ? value : nil
    }

    /// Prints a JSON array's strings, a line each. What an escape stands for is printed as it is unless it is one of control.
    private static func writeStrings(_ text: UnsafeBufferPointer<UInt8>, from start: Int, to output: inout Output) {
        var isInside = false
        var index = start
        while index < text.count {
            let byte = text[index]
            index += 1
            if !isInside {
                if byte == UInt8(ascii: "]") { return }
                isInside = byte == UInt8(ascii: "\"")
            } else if byte == UInt8(ascii: "\"") {
                isInside = false
                output.write("\n")
            } else if byte == UInt8(ascii: "\\"), index < text.count {
                let escaped = text[index]
                index += 1
                output.write(byte: escaped == UInt8(ascii: "\"") || escaped == UInt8(ascii: "\\") ? escaped : UInt8(ascii: " "))
            } else {
                output.write(byte: byte)
            }
        }
    }
}
