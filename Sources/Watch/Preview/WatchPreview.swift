import CDevices
import Inference
import Messages
import TextDetection

extension WatchOptions {
    /// The preview that was asked for; nil if none was.
    func makePreview(_ model: Model) throws(Failure) -> Preview? {
        guard let preview else { return nil }
        guard let token else { return try Preview(address: preview, token: nil, model: model, settings: BoxSettings(model)) }
        return try token.read { (token) throws(Failure) in
            try Preview(address: preview, token: token, model: model, settings: BoxSettings(model))
        }
    }
}

extension PathText {
    /// A secret: the first line of a file.
    static func token(path: UnsafePointer<CChar>) throws(Failure) -> PathText {
        var text = PathText()
        // The bytes that were read, and whether the line ends within the room that there is.
        let (found, isWhole) = text.fill { start, room in
            let found = textpin_read_file(path, start, room)
            var end = 0
            while end < found, start[end] != CChar(bitPattern: UInt8(ascii: "\n")) { end += 1 }
            guard end < room else { return (found, false) }
            start[end] = 0
            return (found, true)
        }
        guard found >= 0 else { throw .unreadable(path, errno: Int32(-found)) }
        guard isWhole else { throw Failure("its first line is too long for a token", status: 65, path: path) }
        return text
    }
}

extension WatchLoop {
    /// Shows viewers, if there are any, a frame with what was found in it and how all is at this time.
    mutating func showFrame(_ frame: SourceFrame, _ detection: Detection, at time: Int64) {
        guard preview?.isWatched ?? false else { return }
        writeStatus(at: time)
        _ = preview?.publish(frame.view, detection, logits: detector.logits, sequence: frame.sequence, status: statusFile.text.bytes)
    }
}
