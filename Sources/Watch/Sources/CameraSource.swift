import CDevices
import Inference
import Messages
import TextDetection

/// What is wanted of a camera.
public struct CameraWish {
    /// A path, a number, a name in /dev/v4l/by-id, or (part of) a card's name; empty for the first camera.
    public var name: UnsafePointer<CChar>
    /// Of the frame; the nearest that the camera offers is taken.
    public var width: Int
    public var height: Int
    /// Frames a second; 0 for the driver's choice.
    public var rate: Int
    /// V4L2's four letters, best first, zeros behind the last; none for the order that costs least.
    public var formats = InlineArray<8, UInt32>(repeating: 0)

    public init(name: UnsafePointer<CChar>, width: Int, height: Int, rate: Int = 0) {
        self.name = name
        self.width = width
        self.height = height
        self.rate = rate
    }
}

/// A V4L2 camera that may stall, lie or be unplugged at any time, and is opened anew until it is back.
struct CameraSource: ~Copyable {
    /// Why there are no frames just now.
    enum Fault {
        case missing
        /// A system call's errno, and what was being done.
        case refused(Int32, StaticString)
        case stalled
        case onlyDamaged
        case noFormat(isBayer: Bool)
        case outOfMemory
    }

    enum Change {
        case none
        case opened
        case lost(Fault)
    }

    /// The delay before an attempt grows to so many times the first: a camera that comes back after a week is found as fast as after a minute.
    private static let longestDelay: Int64 = 8
    /// As long as this a camera that gives damaged frames alone is left as it is.
    private static let damagePatience: Int64 = 5_000_000_000

    private let wish: CameraWish
    private let calls: UnsafePointer<textpin_camera_calls>
    private var camera = textpin_camera()
    /// Known after the first opening: another camera is never taken in its place.
    private var identity: textpin_camera_identity?
    /// Where the camera is now; empty before the first opening.
    private var path = PathText()
    private var retryAt: Int64 = 0
    private let firstDelay: Int64
    private var delay: Int64
    private var lastFrameAt: Int64 = 0
    private var lastWholeAt: Int64 = 0
    private var rhythm = FrameRhythm()
    private var decoder: JPEGFrames?

    private var isOpen = false
    private var damage = FrameDamage()
    private var droppedCount = 0
    private var openCount = 0

    /// - Parameter retryDelay: nanoseconds before a lost camera is tried again for the first time.
    init(_ wish: CameraWish, calls: UnsafePointer<textpin_camera_calls>, retryDelay: Int64) {
        firstDelay = retryDelay
        delay = retryDelay
        self.wish = wish
        self.calls = calls
        camera.file = -1
    }

    deinit {
        var camera = camera
        textpin_camera_close(&camera)
    }

    var state: SourceState {
        SourceState(
            isLive: true, descriptor: isOpen ? camera.file : -1,
            deadline: isOpen ? min(lastFrameAt + rhythm.patience, lastWholeAt + Self.damagePatience) : retryAt, patience: rhythm.patience,
            isOpen: isOpen, droppedCount: droppedCount, damage: damage, openCount: openCount)
    }

    var description: CameraDescription {
        var card = PathText()
        withUnsafeBytes(of: camera.card) { letters in
            guard let letters = letters.baseAddress?.assumingMemoryBound(to: CChar.self) else { return }
            card = PathText("\(letters)")
        }
        return CameraDescription(card: card, path: path, streaming: camera)
    }

    /// Opens a camera that is not open if it is time to, and gives up one that has nothing to give.
    mutating func advance(to time: Int64) -> Change {
        if isOpen {
            if time - lastFrameAt >= rhythm.patience { return lose(.stalled, at: time) }
            if time - lastWholeAt >= Self.damagePatience { return lose(.onlyDamaged, at: time) }
            return .none
        }
        guard time >= retryAt else { return .none }
        if let fault = open() { return lose(fault, at: time) }
        isOpen = true
        openCount += 1
        lastFrameAt = time
        lastWholeAt = time
        rhythm = FrameRhythm(rateThousandths: Int(camera.rate_thousandths))
        return .opened
    }

    /// Closes the camera, to be opened again after a while.
    private mutating func lose(_ fault: Fault, at time: Int64) -> Change {
        textpin_camera_close(&camera)
        isOpen = false
        retryAt = time + delay
        delay = min(2 * delay, Self.longestDelay * firstDelay)
        return .lost(fault)
    }

    // MARK: Opening

    private mutating func open() -> Fault? {
        if let fault = find() { return fault }
        let (node, calls) = (path, calls)
        let error = node.read { textpin_camera_open(&camera, calls, $0) }
        guard error == 0 else { return .refused(error, "opened") }
        guard let format = bestFormat() else { return .noFormat(isBayer: givesBayer()) }
        var (width, height) = (Int32(clamping: wish.width), Int32(clamping: wish.height))
        textpin_camera_nearest_size(&camera, format, &width, &height)
        let started = textpin_camera_start(&camera, format, width, height, Int32(clamping: wish.rate))
        guard started == 0 else { return .refused(started, "started") }
        guard Self.isCompressed(camera.fourcc) else { return nil }
        if (decoder?.width ?? 0) < Int(camera.width) || (decoder?.height ?? 0) < Int(camera.height) {
            decoder = JPEGFrames(width: Int(camera.width), height: Int(camera.height))
        }
        return decoder == nil ? .outOfMemory : nil
    }

    /// Finds the node: by the user's words the first time, by the camera's identity afterwards.
    private mutating func find() -> Fault? {
        var found = PathText()
        var error: Int32
        if var identity {
            error = found.fill { textpin_camera_find(&identity, $0, $1) }
        } else {
            error = found.fill { textpin_camera_resolve(wish.name, $0, $1) }
        }
        guard error == 0 else { return .missing }
        path = found
        if identity == nil {
            var fresh = textpin_camera_identity()
            error = path.read { textpin_camera_identify($0, &fresh) }
            if error == 0 { identity = fresh }
        }
        return nil
    }

    /// The wished format that the camera gives, or else the one that costs least: its own before one that libv4l2 converts.
    private mutating func bestFormat() -> UInt32? {
        for index in wish.formats.indices where wish.formats[index] != 0 && offers(wish.formats[index], converted: false) {
            return wish.formats[index]
        }
        for index in CameraFormat.byCost.indices where offers(CameraFormat.byCost[index], converted: false) {
            return CameraFormat.byCost[index]
        }
        for index in CameraFormat.byCost.indices where offers(CameraFormat.byCost[index], converted: true) {
            return CameraFormat.byCost[index]
        }
        return nil
    }

    private mutating func offers(_ fourcc: UInt32, converted: Bool) -> Bool {
        var index: Int32 = 0
        var format = textpin_camera_format()
        while textpin_camera_format(&camera, index, &format) {
            if format.fourcc == fourcc, format.is_converted == converted { return true }
            index += 1
        }
        return false
    }

    private mutating func givesBayer() -> Bool {
        var index: Int32 = 0
        var format = textpin_camera_format()
        while textpin_camera_format(&camera, index, &format) {
            if CameraFormat.isBayer(format.fourcc) { return true }
            index += 1
        }
        return false
    }

    private static func isCompressed(_ fourcc: UInt32) -> Bool { FrameView.Format(fourcc: fourcc) == nil }

    // MARK: Frames

    /// Takes the newest whole frame, giving back all others; nil if there is none, and then `change` says if the camera was lost.
    ///
    /// The frame must be given back by `giveBack` before the next call.
    mutating func takeNewest(at time: Int64, change: inout Change) -> SourceFrame? {
        guard isOpen else { return nil }
        var newest: textpin_camera_frame?
        // As many as can be ready at once, so that a camera that is faster than this does not keep us here.
        for _ in 0..<camera.buffer_count {
            var frame = textpin_camera_frame()
            let error = textpin_camera_take(&camera, &frame)
            if error == TEXTPIN_TRY_AGAIN { break }
            guard error == 0 else {
                change = lose(.refused(error, "read"), at: time)
                return nil
            }
            rhythm.note(frame.time)
            lastFrameAt = time
            let isWhole = count(frame.damage)
            let given = isWhole ? newest?.buffer : frame.buffer
            if isWhole {
                if newest != nil { droppedCount += 1 }
                newest = frame
            }
            if let given {
                let error = textpin_camera_give_back(&camera, given)
                guard error == 0 else {
                    change = lose(.refused(error, "given its buffer back"), at: time)
                    return nil
                }
            }
        }
        guard let newest else { return nil }
        guard let view = view(of: newest) else {
            damage.undecodable += 1
            change = queue(newest.buffer, at: time)
            return nil
        }
        lastWholeAt = time
        delay = firstDelay
        return SourceFrame(view: view, time: newest.time, sequence: newest.sequence, buffer: newest.buffer)
    }

    /// - Parameter time: when the frame had been looked at. While it was, nobody asked for the next one, so no camera stalled.
    mutating func giveBack(_ buffer: Int32, at time: Int64) -> Change {
        lastFrameAt = time
        lastWholeAt = time
        return queue(buffer, at: time)
    }

    private mutating func queue(_ buffer: Int32, at time: Int64) -> Change {
        guard isOpen else { return .none }
        let error = textpin_camera_give_back(&camera, buffer)
        return error == 0 ? .none : lose(.refused(error, "given its buffer back"), at: time)
    }

    /// Whether the frame is whole; else counts why not.
    private mutating func count(_ damage: Int32) -> Bool {
        switch UInt32(bitPattern: damage) {
        case TEXTPIN_FRAME_WHOLE.rawValue: return true
        case TEXTPIN_FRAME_FLAGGED.rawValue: self.damage.flagged += 1
        case TEXTPIN_FRAME_WRONG_LENGTH.rawValue: self.damage.wrongLength += 1
        default: self.damage.wrongMarkers += 1
        }
        return false
    }

    private func view(of frame: textpin_camera_frame) -> FrameView? {
        guard let bytes = frame.bytes else { return nil }
        guard let format = FrameView.Format(fourcc: camera.fourcc) else {
            // A JPEG of another size than the one agreed on is damage too.
            return decoder?.decode(
                UnsafeRawBufferPointer(start: bytes, count: frame.count), width: Int(camera.width), height: Int(camera.height))
        }
        let (width, height, stride) = (Int(camera.width), Int(camera.height), Int(camera.row_stride))
        guard let needed = FrameView.byteCount(width: width, height: height, rowStride: stride, format: format), needed <= frame.count
        else {
            return nil
        }
        return FrameView(pixels: bytes, width: width, height: height, rowStride: stride, format: format)
    }
}

/// V4L2's names of pixel formats.
enum CameraFormat {
    /// Those that are looked at, the ones that cost least first: raw ones as they are, JPEG decoded.
    static let byCost: InlineArray<8, UInt32> = [
        code("YUYV"), code("NV12"), code("YU12"), code("GREY"), code("RGB3"), code("BGR3"), code("MJPG"), code("JPEG"),
    ]

    static func code(_ name: StaticString) -> UInt32 {
        let letters = name.utf8Start
        return UInt32(letters[0]) | UInt32(letters[1]) << 8 | UInt32(letters[2]) << 16 | UInt32(letters[3]) << 24
    }

    /// Whether it is a sensor's raw mosaic of colours (V4L2's SRGGB, SGRBG, SGBRG and SBGGR in 8 to 16 bits, packed or not).
    static func isBayer(_ fourcc: UInt32) -> Bool {
        let first = UInt8(truncatingIfNeeded: fourcc)
        let second = UInt8(truncatingIfNeeded: fourcc >> 8)
        let isMosaic = fourcc == code("BA81") || fourcc == code("GBRG") || fourcc == code("GRBG") || fourcc == code("RGGB")
        // pBAA, pgAA, pGAA, pRAA and so on; BG10, GB10, BA10, RG10 and so on with 12, 14 and 16.
        let isPacked = first == UInt8(ascii: "p") && UInt8(truncatingIfNeeded: fourcc >> 16) == UInt8(truncatingIfNeeded: fourcc >> 24)
        let isDeep =
            UInt8(truncatingIfNeeded: fourcc >> 16) == UInt8(ascii: "1")
            && (first == UInt8(ascii: "B") || first == UInt8(ascii: "G") || first == UInt8(ascii: "R"))
            && (second == UInt8(ascii: "G") || second == UInt8(ascii: "B") || second == UInt8(ascii: "A") || second == UInt8(ascii: "R"))
        return isMosaic || isPacked || isDeep || fourcc == code("BYR2")
    }
}

extension FrameView.Format {
    /// Nil for compressed and unknown ones.
    init?(fourcc: UInt32) {
        switch fourcc {
        case CameraFormat.code("YUYV"): self = .yuyv
        case CameraFormat.code("NV12"): self = .nv12
        case CameraFormat.code("YU12"): self = .i420
        case CameraFormat.code("GREY"): self = .grey
        case CameraFormat.code("RGB3"): self = .rgb
        case CameraFormat.code("BGR3"): self = .bgr
        default: return nil
        }
    }
}
