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

/// Frames, whatever they come from. Just one of the sources is there.
struct FrameSource: ~Copyable {
    private var camera: CameraSource?
    private var folder: FolderSource?
    private var stream: StreamSource?
    /// Whether a camera takes the pictures: then they never end, and are never the same twice.
    let isLive: Bool

    init(_ choice: SourceChoice, calls: UnsafePointer<textpin_camera_calls>, at time: Int64) throws(Failure) {
        switch choice {
        case .camera(let wish):
            camera = CameraSource(wish, calls: calls)
            isLive = true
        case .folder(let path, let interval, let repeats):
            folder = try FolderSource(path: path, interval: interval, repeats: repeats, at: time)
            isLive = false
        case .stream(let descriptor, let layout):
            stream = try StreamSource(descriptor: descriptor, layout: layout)
            isLive = false
        }
    }

    /// To be waited on, or -1.
    var descriptor: Int32 { camera?.descriptor ?? stream?.descriptor ?? -1 }
    /// When something is to be done, whatever comes; nil if nothing.
    var deadline: Int64? { camera?.deadline ?? folder?.deadline }
    /// Whether nothing comes any more.
    var isAtEnd: Bool { folder?.isAtEnd ?? stream?.isAtEnd ?? false }
    /// Whether frames can come just now.
    var isOpen: Bool { camera?.isOpen ?? true }
    /// Frames that were passed over for newer ones.
    var droppedCount: Int { camera?.droppedCount ?? stream?.droppedCount ?? 0 }
    var damage: CameraSource.Damage {
        if let damage = camera?.damage { return damage }
        var damage = CameraSource.Damage()
        damage.undecodable = folder?.unreadableCount ?? stream?.damagedCount ?? 0
        return damage
    }
    /// How often a camera was opened.
    var openCount: Int { camera?.openCount ?? 1 }

    mutating func advance(to time: Int64) -> CameraSource.Change { camera?.advance(to: time) ?? .none }

    /// The newest frame since the last call, to be given back before the next one.
    mutating func takeNewest(at time: Int64, change: inout CameraSource.Change) -> SourceFrame? {
        if camera != nil { return camera?.takeNewest(at: time, change: &change) }
        if folder != nil { return folder?.take(at: time) }
        return stream?.takeNewest(at: time)
    }

    mutating func giveBack(_ frame: SourceFrame, at time: Int64) -> CameraSource.Change {
        camera?.giveBack(frame.buffer, at: time) ?? .none
    }

    /// What streams, for people and programs.
    borrowing func describe(_ body: (_ card: UnsafePointer<CChar>, _ path: UnsafePointer<CChar>, _ camera: textpin_camera) -> Void) {
        guard let camera = camera?.camera else { return }
        withUnsafeBytes(of: camera.card) { card in
            guard let card = card.baseAddress?.assumingMemoryBound(to: CChar.self) else { return }
            self.camera?.withPath { body(card, $0, camera) }
        }
    }
}
