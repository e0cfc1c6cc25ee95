import CDevices
import CPreview
import Inference
import Messages
import TextDetection

/// A page for browsers that shows what a frame loop sees: the picture with its boxes, lines and times, live.
///
/// Viewers are served by a thread of the preview's own, which also forms their boxes and encodes their pictures; the loop copies a frame when
/// somebody watches, and never waits. Nothing that a viewer sends changes anything but what that viewer sees.
public struct Preview: ~Copyable {
    private let memory: Arena
    private let server: OpaquePointer
    private let shared: UnsafeMutablePointer<SharedPictures>
    private let viewers: UnsafeMutablePointer<Viewers>
    private let logitCount: Int
    private var serial: UInt64 = 0
    /// Whether viewers have been shown a frame since they began to watch.
    private var isShowing = false

    /// Starts to listen.
    ///
    /// - Parameters:
    ///   - address: "127.0.0.1:8080", "[::1]:8080", "0.0.0.0:8080"; without a host (":8080") the loopback address.
    ///   - token: What viewers must give as the password of HTTP's basic authentication, 16 to 128 bytes. Nil only for a loopback address. It
    ///     is copied.
    ///   - model: The model that logits come from; its bytes outlive the preview.
    ///   - settings: How boxes are formed for viewers that choose nothing else.
    public init(
        address: UnsafePointer<CChar>, token: UnsafePointer<CChar>?, model: Model, settings: BoxSettings
    ) throws(Failure) {
        var place = textpin_preview_address()
        guard textpin_preview_read_address(address, &place) else {
            throw Failure("\(address) is no address for a preview: 127.0.0.1:8080, [::1]:8080 or :8080 was expected", status: 64)
        }
        guard place.is_loopback || token != nil else {
            throw Failure("a preview at \(address) can be reached from other machines, so it needs a token: --token-file FILE", status: 64)
        }
        let gate = try ViewerGate(token: token)

        let boxes = try ViewerBoxes(model: model, settings: settings)

        let serverBytes = Int(TEXTPIN_PREVIEW_SERVER_BYTES)
        let sharedBytes = (MemoryLayout<SharedPictures>.size + 63) & ~63
        let memory = try Self.memory(byteCount: serverBytes + sharedBytes + MemoryLayout<Viewers>.size)
        guard let start = memory.bytes.baseAddress, let server = textpin_preview_prepare(start) else {
            throw Failure("there is no memory for a preview", status: 70)
        }
        let shared = (start + serverBytes).bindMemory(to: SharedPictures.self, capacity: 1)
        shared.initialize(to: SharedPictures())
        let viewers = (start + serverBytes + sharedBytes).bindMemory(to: Viewers.self, capacity: 1)
        viewers.initialize(to: Viewers(server: server, shared: shared, gate: gate, boxes: boxes))

        let error = textpin_preview_start(
            server, &place,
            { context, request, answer in
                // The viewers outlive the server's thread.
                guard let viewers = context?.assumingMemoryBound(to: Viewers.self), let request, let answer else { return }
                answer.pointee = viewers.pointee.answer(request.pointee)
            }, viewers)
        guard error == 0 else {
            viewers.deinitialize(count: 1)
            shared.deinitialize(count: 1)
            throw Self.failure(error, address)
        }
        self.memory = memory
        self.server = server
        self.shared = shared
        self.viewers = viewers
        logitCount = model.inputWidth * model.inputHeight
    }

    deinit {
        textpin_preview_stop(server)
        viewers.deinitialize(count: 1)
        shared.deinitialize(count: 1)
    }

    private static func memory(byteCount: Int) throws(Failure) -> Arena {
        do throws(NetworkError) { return try Arena(byteCount: byteCount) } catch { throw .network(nil, error) }
    }

    private static func failure(_ error: Int32, _ address: UnsafePointer<CChar>) -> Failure {
        error == TEXTPIN_PREVIEW_NO_LIBRARY
            ? Failure("a preview needs libmicrohttpd 0.9.72 or later: apt-get install libmicrohttpd12", status: 69)
            : Failure("a preview at \(address) is not possible: \(textpin_error_text(error))", status: 69)
    }

    /// The port it listens on: what the address says, or if that is 0 a free one.
    public var port: UInt16 { textpin_preview_port(server) }

    /// Whether somebody asked for a frame within the last two seconds. Otherwise none is copied, and none encoded.
    public var isWatched: Bool { Watching.isOn(asked: textpin_preview_asked(server)) }

    /// Whether viewers wait for their first frame, so that one is to be shown though nothing in it is new.
    public var lacksFrame: Bool { isWatched && !isShowing }

    /// Shows a frame. False where it was left out, because nobody watches or because a viewer is about to take the frame before it.
    ///
    /// Nothing is allocated but when a frame is larger than those before.
    ///
    /// - Parameters:
    ///   - logits: The network's map that the detection was formed from, at the size of the model's input.
    ///   - sequence: The camera's number of the frame.
    ///   - status: The JSON object that `/status` shows, at most 64 KB; in UTF-8.
    public mutating func publish(
        _ frame: FrameView, _ detection: Detection, logits: UnsafePointer<Int16>, sequence: UInt32, status: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        guard isWatched else {
            _ = publish(status: status)
            return false
        }
        guard textpin_preview_try_lock(server) else { return false }
        defer { textpin_preview_unlock(server) }
        serial += 1
        _ = shared.pointee.status.copy(status)
        textpin_preview_add(server, Int32(TEXTPIN_PREVIEW_COPIES.rawValue))
        isShowing = shared.pointee.frame.copy(
            frame, detection, logits: logits, logitCount: logitCount, sequence: sequence, status: status, serial: serial)
        return isShowing
    }

    /// Shows a status alone; to be called about twice a second, also when there are no frames. False where it was left out.
    public mutating func publish(status: UnsafeBufferPointer<UInt8>) -> Bool {
        if !isWatched { isShowing = false }
        guard textpin_preview_try_lock(server) else { return false }
        defer { textpin_preview_unlock(server) }
        return shared.pointee.status.copy(status)
    }

    /// What is counted from the start on.
    package enum Count {
        case copies
        case encodes
        case connections
        case lateConnections
    }

    package func counted(_ count: Count) -> Int {
        let number =
            switch count {
            case .copies: TEXTPIN_PREVIEW_COPIES
            case .encodes: TEXTPIN_PREVIEW_ENCODES
            case .connections: TEXTPIN_PREVIEW_CONNECTIONS
            case .lateConnections: TEXTPIN_PREVIEW_LATE
            }
        return Int(clamping: textpin_preview_counted(server, Int32(number.rawValue)))
    }
}

/// What the loop leaves for viewers, under the server's lock.
struct SharedPictures: ~Copyable {
    var frame = PreviewedFrame()
    var status = PreviewedStatus()
}

/// Whether viewers watch, from when one of them last asked for a frame.
enum Watching {
    static let nanoseconds: Int64 = 2_000_000_000

    static func isOn(asked: Int64) -> Bool { asked != 0 && textpin_monotonic_nanoseconds() - asked < nanoseconds }
}
