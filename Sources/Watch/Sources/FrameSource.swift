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

    @inline(never)
    init(_ options: WatchOptions, at time: Int64) throws(Failure) {
        switch options.source {
        case .camera(let wish): self = .camera(CameraSource(wish, calls: options.cameraCalls, retryDelay: options.retryDelay))
        case .folder(let path, let interval, let repeats):
            self = .folder(try FolderSource(path: path, interval: interval, repeats: repeats, at: time))
        case .stream(let descriptor, let layout): self = .stream(try StreamSource.open(descriptor, layout))
        }
    }

    @inline(never)
    var state: SourceState {
        switch self {
        case .camera(let camera): camera.state
        case .folder(let folder): folder.state
        case .stream(let stream): stream.state
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
