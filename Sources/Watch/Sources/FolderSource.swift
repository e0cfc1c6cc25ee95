import CDevices
import Inference
import Messages
import TextDetection

/// Pictures of a folder, or a single one, as if a camera had taken them: in the order of their names, so many a second.
struct FolderSource: ~Copyable {
    private let path: UnsafePointer<CChar>
    private let isSinglePicture: Bool
    private var folder = textpin_folder()
    private let interval: Int64
    private let repeats: Bool
    private var index: Int32 = 0
    private var nextAt: Int64
    private var photo: Photo?
    private var sequence: UInt32 = 0
    private(set) var name = PathText()
    /// Files that are no pictures, or damaged.
    private var unreadableCount = 0

    /// - Parameters:
    ///   - interval: nanoseconds from picture to picture.
    ///   - repeats: Whether the first follows the last.
    init(path: UnsafePointer<CChar>, interval: Int64, repeats: Bool, at time: Int64) throws(Failure) {
        self.path = path
        self.interval = interval
        self.repeats = repeats
        nextAt = time
        let error = textpin_folder_open(&folder, path)
        isSinglePicture = error == TEXTPIN_NO_FOLDER
        guard error == 0 || isSinglePicture else { throw .unreadable(path, errno: error) }
        guard isSinglePicture || folder.count > 0 else { throw Failure("this folder holds no pictures", status: 66, path: path) }
        if isSinglePicture { _ = try Photo(path: path) }
    }

    deinit {
        var folder = folder
        textpin_folder_close(&folder)
    }

    private var count: Int32 { isSinglePicture ? 1 : folder.count }

    var state: SourceState {
        SourceState(deadline: nextAt, isAtEnd: index >= count && !repeats, damage: FrameDamage(undecodable: unreadableCount))
    }

    /// The next picture when its time has come, valid until the next call. Files that cannot be read are passed over.
    mutating func take(at time: Int64) -> SourceFrame? {
        guard time >= nextAt else { return nil }
        nextAt = max(nextAt + interval, time)
        // Once round at most, for there may be no picture at all.
        for _ in 0..<count {
            if index >= count {
                guard repeats else { return nil }
                index = 0
            }
            name = PathText(isSinglePicture ? "\(path)" : "\(path)/\(textpin_folder_name(&folder, index))")
            index += 1
            photo = nil
            photo = name.read { path in try? Photo(path: path) }
            guard let view = photo?.frame else {
                unreadableCount += 1
                continue
            }
            sequence &+= 1
            return SourceFrame(view: view, time: textpin_monotonic_nanoseconds(), sequence: sequence, buffer: 0)
        }
        return nil
    }
}
