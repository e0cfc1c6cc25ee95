import CDevices
import CPictures
import CPreview
import Messages
import TextDetection

/// What viewers are answered. One thread, the server's, uses it.
struct Viewers: ~Copyable {
    private let server: OpaquePointer
    private let shared: UnsafeMutablePointer<SharedPictures>
    private var gate: ViewerGate
    private var boxes: ViewerBoxes
    /// The newest frame that somebody asked for, and the newest status.
    private var frame = PreviewedFrame()
    private var status = PreviewedStatus()
    /// Since when viewers have asked without a break; frames from before are of another time.
    private var watchedSince: Int64 = 0
    private var picture = ViewerPicture()
    /// What is being answered.
    private var body = GrowingMemory()

    init(
        server: OpaquePointer, shared: UnsafeMutablePointer<SharedPictures>, gate: consuming ViewerGate, boxes: consuming ViewerBoxes
    ) {
        self.server = server
        self.shared = shared
        self.gate = gate
        self.boxes = boxes
    }

    mutating func answer(_ request: textpin_preview_request) -> textpin_preview_answer {
        let answer = checkedAnswer(request)
        if answer.status >= 400 { textpin_preview_add(server, Int32(TEXTPIN_PREVIEW_REFUSALS.rawValue)) }
        return answer
    }

    private mutating func checkedAnswer(_ request: textpin_preview_request) -> textpin_preview_answer {
        if let refusal = gate.refusal(of: request, now: textpin_monotonic_nanoseconds()) { return textpin_preview_answer(refusal) }
        guard let path = request.path else { return .notFound }
        if isEqual(path, "/frame") { return frameAnswer(request) }
        if isEqual(path, "/still.jpg") { return stillAnswer() }
        if isEqual(path, "/status") { return statusAnswer() }
        if isEqual(path, "/healthz") { return healthAnswer() }
        if isEqual(path, "/metrics") { return metricsAnswer() }
        return .pageFile(path) ?? .notFound
    }

    // MARK: Frames

    private mutating func takeNewest() {
        textpin_preview_lock(server)
        defer { textpin_preview_unlock(server) }
        if shared.pointee.frame.serial > frame.serial { swap(&shared.pointee.frame, &frame) }
        status.copy(shared.pointee.status)
    }

    /// The newest frame becomes `frame`; false if there is none that is new enough to be called live.
    private mutating func takeFrame() -> Bool {
        let now = textpin_monotonic_nanoseconds()
        if !Watching.isOn(asked: textpin_preview_asked(server)) { watchedSince = now }
        textpin_preview_set_asked(server, now)
        takeNewest()
        return frame.serial != 0 && frame.time >= watchedSince
    }

    /// A number of bytes (32 bits, little-endian), so many of JSON, and a JPEG.
    private mutating func frameAnswer(_ request: textpin_preview_request) -> textpin_preview_answer {
        guard let settings = boxes.settings(request) else {
            return .sentence(400, "threshold is a number from 0.001 to 0.999, score from 0 to 1, unclip from 0 to 8.\n")
        }
        guard takeFrame() else { return textpin_preview_answer(status: 204) }
        if let after = request.argument("after"), let sequence = SequenceNumber.read(after), sequence == frame.sequence {
            return textpin_preview_answer(status: 204)
        }
        guard let jpeg = picture.jpeg(of: frame, server), body.reserve(256 + boxes.mostBytes + PreviewedFrame.statusLimit + jpeg.count)
        else { return .unavailable }
        var output = TextBuffer(UnsafeMutableBufferPointer(rebasing: body.text[4...]))
        let age = (textpin_monotonic_nanoseconds() - frame.time) / 1_000_000
        output.write("{\"sequence\":\(Int(frame.sequence)),\"age_ms\":\(Int(age)),\"size\":[\(frame.width),\(frame.height)],")
        boxes.write(frame, settings, to: &output)
        output.write(",\"status\":")
        if frame.status.count > 0 { output.write(bytes: frame.status) } else { output.write("{}") }
        output.write("}")
        let end = 4 + output.count
        guard !output.isCut, jpeg.count <= body.bytes.count - end else { return .unavailable }
        body.bytes.storeBytes(of: UInt32(output.count).littleEndian, as: UInt32.self)
        UnsafeMutableRawBufferPointer(rebasing: body.bytes[end...]).copyMemory(from: jpeg)
        return .body(200, "application/octet-stream", body.bytes, count: end + jpeg.count)
    }

    private mutating func stillAnswer() -> textpin_preview_answer {
        guard takeFrame(), let jpeg = picture.still(of: frame, server) else { return .unavailable }
        var answer = textpin_preview_answer.body(200, "image/jpeg", UnsafeMutableRawBufferPointer(mutating: jpeg), count: jpeg.count)
        answer.setField("Content-Disposition", "attachment; filename=\"textpin-still.jpg\"")
        return answer
    }

    // MARK: State

    /// The loop's JSON object, with the time since it said so.
    private mutating func statusAnswer() -> textpin_preview_answer {
        takeNewest()
        guard body.reserve(128 + PreviewedFrame.statusLimit) else { return .unavailable }
        var output = TextBuffer(body.text)
        output.write("{\"status_age_ms\":\(statusAgeMilliseconds)")
        let members = StatusReader(status.bytes).membersOfObject
        if members.count > 0 {
            output.write(",")
            output.write(bytes: members)
        }
        output.write("}\n")
        return .body(200, "application/json", body.bytes, count: output.count)
    }

    private var statusAgeMilliseconds: Int { Int((textpin_monotonic_nanoseconds() - status.time) / 1_000_000) }

    private mutating func healthAnswer() -> textpin_preview_answer {
        takeNewest()
        let health = ReportedHealth(StatusReader(status.bytes), statusAgeMilliseconds: statusAgeMilliseconds)
        return .sentence(health.isGood ? 200 : 503, health.sentence)
    }

    private mutating func metricsAnswer() -> textpin_preview_answer {
        takeNewest()
        guard body.reserve(Metrics.mostBytes) else { return .unavailable }
        var output = TextBuffer(body.text)
        let metrics = Metrics(status: StatusReader(status.bytes), statusAgeMilliseconds: statusAgeMilliseconds)
        metrics.write(to: &output, server)
        guard !output.isCut else { return .unavailable }
        return .body(200, "text/plain; version=0.0.4; charset=utf-8", body.bytes, count: output.count)
    }
}

/// Sequence numbers as a query has them.
enum SequenceNumber {
    static func read(_ text: UnsafePointer<CChar>) -> UInt32? {
        var value: UInt32 = 0
        var next = text
        while next.pointee != 0 {
            let digit = Int(next.pointee) - Int(UInt8(ascii: "0"))
            guard (0...9).contains(digit) else { return nil }
            let (product, overflows) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflowsToo) = product.addingReportingOverflow(UInt32(digit))
            guard !overflows, !overflowsToo else { return nil }
            value = sum
            next += 1
        }
        return next == text ? nil : value
    }
}
