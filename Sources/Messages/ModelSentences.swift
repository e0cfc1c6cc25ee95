import CDevices
import Inference
import TextDetection

extension Failure {
    /// A file that could not be opened or mapped.
    public static func unreadable(_ path: UnsafePointer<CChar>?, errno: Int32) -> Failure {
        switch errno {
        case TEXTPIN_NO_SUCH_FILE: Failure("it does not exist", status: 66, path: path)
        case TEXTPIN_INVALID: Failure("it is empty, or no ordinary file", status: 65, path: path)
        default: Failure("it cannot be read: \(textpin_error_text(errno))", status: 65, path: path)
        }
    }

    public static func model(_ path: UnsafePointer<CChar>?, _ error: ModelError) -> Failure {
        func bad(_ sentence: Text) -> Failure { Failure(sentence, status: 65, path: path) }
        return switch error {
        case .unreadable(let errno): unreadable(path, errno: errno)
        case .tooShort(let bytes): bad("a file of \(bytes) bytes is no model: it was cut off, or is something else")
        case .wrongMagic: bad("this is no model file; textpin calibrate, on a workstation, makes one from an ONNX network")
        case .wrongVersion(let found, let supported):
            bad("the model file has version \(Int(found)), and this textpin-board reads version \(Int(supported)); calibrate again")
        case .wrongLength(let stated, let found):
            bad("the model file is damaged: \(found) bytes long where it states \(stated); copy it again")
        case .wrongChecksum: bad("the model file is damaged: its checksum differs; copy it again")
        case .misaligned: bad("the model's bytes do not start on a multiple of 64")
        case .header(let expected): bad("the model file's header is not valid: \(expected) was expected")
        case .tensor(let index, let expected): bad("the model file's tensor \(index) is not valid: \(expected) was expected")
        case .step(let index, let expected): bad("the model file's step \(index) is not valid: \(expected) were expected")
        }
    }

    public static func network(_ path: UnsafePointer<CChar>?, _ error: NetworkError) -> Failure {
        switch error {
        case .arenaTooSmall(let needed, let given):
            Failure("the arena has \(given) bytes and the model needs \(needed)", status: 70, path: path)
        case .arenaMisaligned: Failure("the arena does not start on a multiple of 64", status: 70, path: path)
        case .threadCount(let count): Failure("\(count) threads are not possible: choose 1 to 8", status: 64)
        case .thread(let errno): Failure("a thread could not be started: \(textpin_error_text(errno))", status: 70)
        case .outOfMemory(let bytes): Failure("\(bytes) bytes of memory for the arena are not to be had", status: 70, path: path)
        case .noBinaryMap: Failure("this model has no threshold head, so there is no binary map", status: 64, path: path)
        case .model(let error): model(path, error)
        }
    }

    public static func detector(_ path: UnsafePointer<CChar>?, _ error: DetectorError) -> Failure {
        switch error {
        case .network(let error): network(path, error)
        case .boxes(.mapSize(let width, let height, let limit)):
            Failure("a map of \(width)x\(height) is not possible: at most \(limit) a side", status: 65, path: path)
        case .boxes(.unclipRatio(let ratio, let limit)):
            Failure(
                "an unclip ratio of \(Int(ratio), over: 256, decimals: 2) is not possible: at most \(Int(limit) / 256)", status: 65,
                path: path)
        case .boxes(.maximumBoxes(let count, let limit)): Failure("\(count) boxes are not possible: 1 to \(limit)", status: 65, path: path)
        case .boxes(.storageTooSmall(let needed, let given)):
            Failure("the model keeps \(given) bytes for boxes, and \(needed) are needed; calibrate again", status: 65, path: path)
        case .boxes(.storageMisaligned(let alignment)):
            Failure("the storage of boxes does not start on a multiple of \(alignment)", status: 70, path: path)
        }
    }
}
