import CDevices
import Messages
import TextDetection

/// Where frames come from, as the user says it.
public enum SourceChoice {
    case camera(CameraWish)
    /// A folder of pictures or a single one, so many nanoseconds apart.
    case folder(UnsafePointer<CChar>, interval: Int64, repeats: Bool)
    case stream(descriptor: Int32, StreamLayout)
}

/// Frames, whatever they come from.
enum FrameSource: ~Copyable {
    case camera(CameraSource)
    case folder(FolderSource)
    case stream(StreamSource)

    init(_ choice: SourceChoice, calls: UnsafePointer<textpin_camera_calls>, at time: Int64) throws(Failure) {
        switch choice {
        case .camera(let wish): self = .camera(CameraSource(wish, calls: calls))
        case .folder(let path, let interval, let repeats):
            self = .folder(try FolderSource(path: path, interval: interval, repeats: repeats, at: time))
        case .stream(let descriptor, let layout): self = .stream(try StreamSource.open(descriptor, layout))
        }
    }

    /// Whether a camera takes the pictures: then no two are the same to the last bit.
    var isLive: Bool {
        switch self {
        case .camera: true
        case .folder: false
        case .stream: false
        }
    }

    /// To be waited on, or -1.
    var descriptor: Int32 {
        switch self {
        case .camera(let camera): camera.descriptor
        case .folder: -1
        case .stream(let stream): stream.descriptor
        }
    }

    /// When something is to be done, whatever comes; nil if nothing.
    var deadline: Int64? {
        switch self {
        case .camera(let camera): camera.deadline
        case .folder(let folder): folder.deadline
        case .stream: nil
        }
    }

    /// How long to wait for a frame before nobody knows what is to be seen; nil for a source that is not late.
    var patience: Int64? {
        switch self {
        case .camera(let camera): camera.rhythm.patience
        case .folder: nil
        case .stream(let stream): stream.rhythm.patience
        }
    }

    /// Whether nothing comes any more.
    var isAtEnd: Bool {
        switch self {
        case .camera: false
        case .folder(let folder): folder.isAtEnd
        case .stream(let stream): stream.isAtEnd
        }
    }

    /// Whether frames can come just now.
    var isOpen: Bool {
        switch self {
        case .camera(let camera): camera.isOpen
        case .folder: true
        case .stream: true
        }
    }

    /// Frames that were passed over for newer ones.
    var droppedCount: Int {
        switch self {
        case .camera(let camera): camera.droppedCount
        case .folder: 0
        case .stream(let stream): stream.droppedCount
        }
    }

    var damage: FrameDamage {
        switch self {
        case .camera(let camera): camera.damage
        case .folder(let folder): FrameDamage(undecodable: folder.unreadableCount)
        case .stream(let stream): FrameDamage(undecodable: stream.damagedCount)
        }
    }

    /// How often a camera was opened.
    var openCount: Int {
        switch self {
        case .camera(let camera): camera.openCount
        case .folder: 1
        case .stream: 1
        }
    }

    mutating func advance(to time: Int64) -> CameraSource.Change {
        switch consume self {
        case .camera(var camera):
            let change = camera.advance(to: time)
            self = .camera(camera)
            return change
        case .folder(let folder): self = .folder(folder)
        case .stream(let stream): self = .stream(stream)
        }
        return .none
    }

    /// The newest frame since the last call, to be given back before the next one.
    mutating func takeNewest(at time: Int64, change: inout CameraSource.Change) -> SourceFrame? {
        let frame: SourceFrame?
        switch consume self {
        case .camera(var camera):
            frame = camera.takeNewest(at: time, change: &change)
            self = .camera(camera)
        case .folder(var folder):
            frame = folder.take(at: time)
            self = .folder(folder)
        case .stream(var stream):
            frame = stream.takeNewest(at: time)
            self = .stream(stream)
        }
        return frame
    }

    mutating func giveBack(_ frame: SourceFrame, at time: Int64) -> CameraSource.Change {
        switch consume self {
        case .camera(var camera):
            let change = camera.giveBack(frame.buffer, at: time)
            self = .camera(camera)
            return change
        case .folder(let folder): self = .folder(folder)
        case .stream(let stream): self = .stream(stream)
        }
        return .none
    }
}
