import CDevices
import Messages

extension CameraSource.Fault {
    /// What is wrong, in a few words.
    var words: Text {
        switch self {
        case .missing: "there is no such camera"
        case .refused(let error, let what): "it could not be \(what): \(textpin_error_text(error))"
        case .stalled: "it gave no frame"
        case .onlyDamaged: "all its frames are damaged"
        case .noFormat(isBayer: true): "it gives a sensor's raw mosaic only"
        case .noFormat(isBayer: false): "it has no pixel format that is read"
        case .outOfMemory: "there is not enough memory for its frames"
        }
    }

    /// The same with what happens next, or what to do.
    var sentence: Text {
        switch self {
        case .noFormat(isBayer: true):
            """
            the camera gives a sensor's raw mosaic (Bayer) only, as CSI cameras do: run this under libcamerify, or give it frames with \
            rpicam-vid -n -t 0 --codec mjpeg -o - | textpin watch --camera -
            """
        case .noFormat(isBayer: false):
            "the camera has none of the pixel formats YUYV, NV12, YU12, GREY, RGB3, BGR3 and MJPG, which are read"
        default: "the camera is lost: \(words); the lines are safe, and it is tried again"
        }
    }

    /// Whether it needs no telling after the other.
    func isLike(_ other: Self) -> Bool {
        switch (self, other) {
        case (.missing, .missing), (.stalled, .stalled), (.onlyDamaged, .onlyDamaged), (.outOfMemory, .outOfMemory): true
        case (.noFormat(let first), .noFormat(let second)): first == second
        case (.refused(let first, _), .refused(let second, _)): first == second
        default: false
        }
    }
}

extension FrameSource {
    /// What frames come from and how, for people.
    var description: Text {
        switch self {
        case .camera(let source): source.description.words
        case .folder: "pictures of a folder"
        case .stream: "frames from standard input"
        }
    }

    /// The camera, if it is one.
    var camera: CameraDescription? {
        switch self {
        case .camera(let source): source.description
        case .folder: nil
        case .stream: nil
        }
    }
}

/// A camera as its driver says it is.
struct CameraDescription {
    let card: PathText
    let path: PathText
    let streaming: textpin_camera

    var words: Text {
        guard !path.isEmpty else { return "no camera yet" }
        let rate = Int(streaming.rate_thousandths)
        let size: Text = "\(streaming.width)x\(streaming.height) \(fourcc: streaming.fourcc)"
        return rate > 0
            ? "\(card) at \(path): \(size), \(rate, over: 1000, decimals: 1) frames a second" : "\(card) at \(path): \(size)"
    }
}

extension Text.Interpolation {
    mutating func appendInterpolation(_ number: Int32) { appendInterpolation(Int(number)) }

    mutating func appendInterpolation(_ text: PathText) { text.read { appendInterpolation($0) } }

    /// V4L2's four letters.
    @inline(never)
    mutating func appendInterpolation(fourcc: UInt32) {
        for shift in 0..<4 {
            let letter = UInt8(truncatingIfNeeded: fourcc >> UInt32(8 * shift))
            append((0x20...0x7E).contains(letter) ? letter : UInt8(ascii: "?"))
        }
    }

    @inline(never)
    mutating func appendInterpolation(_ failure: Failure) {
        if let path = failure.path {
            appendInterpolation(path)
            if let place = failure.place { appendInterpolation(":\(place.line):\(place.column)" as Text) }
            append(UInt8(ascii: ":"))
            append(UInt8(ascii: " "))
        }
        for byte in failure.sentence { append(byte) }
    }
}
