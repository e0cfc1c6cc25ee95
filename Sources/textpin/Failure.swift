import Calibration
import Foundation
import Inference
import Messages
import TextDetection

/// An error as the user sees it: one sentence and an exit status of sysexits.h.
struct Failure: Error {
    var sentence: String
    /// 64 for a wrong command line, 65 for bad data, 66 for a missing file, 70 for a fault of our own.
    var status: Int32

    init(_ sentence: String, status: Int32) {
        self.sentence = sentence.hasSuffix(".") ? sentence : sentence + "."
        self.status = status
    }

    /// Nil for errors that are the argument parser's.
    init?(_ error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let failure as Messages.Failure:
            var words = ""
            if let path = failure.path {
                words = String(cString: path) + (failure.place.map { ":\($0.line):\($0.column)" } ?? "") + ": "
            }
            words += String(decoding: failure.sentence, as: UTF8.self)
            self.init(words, status: failure.status)
        case let error as PictureError: self.init(error.description, status: error.exitStatus)
        case let error as FileError: self.init(error.description, status: error.exitStatus)
        case let error as JSONFileError: self.init(error.description, status: error.exitStatus)
        case let error as ImportError: self.init(error.description, status: 65)
        case let error as LoweringError: self.init(error.description, status: 65)
        case let error as QuantizationError: self.init(error.description, status: 65)
        case let error as KernelChoiceError: self.init(error.description, status: 64)
        case let error as ModelError: self.init(error.sentence, status: error.exitStatus)
        case let error as NetworkError: self.init(error.sentence, status: error.exitStatus)
        case let error as BoxFormationError: self.init(error.sentence, status: 64)
        case DetectorError.network(let error): self.init(error.sentence, status: error.exitStatus)
        case DetectorError.boxes(let error): self.init(error.sentence, status: 64)
        default: return nil
        }
    }

    /// An error of a known file: its name comes first.
    static func about(_ file: String, _ error: any Error) -> any Error {
        guard var failure = Failure(error) else { return error }
        if !failure.sentence.contains(file) { failure.sentence = "\(file): \(failure.sentence)" }
        return failure
    }
}

extension ModelError {
    var sentence: String {
        switch self {
        case .unreadable(let errno): "the model cannot be read: \(String(cString: strerror(errno)))"
        case .tooShort(let bytes): "a file of \(bytes) bytes is no model: it was cut off, or is something else"
        case .wrongMagic: "this is no model file; textpin calibrate makes one from an ONNX network"
        case .wrongVersion(let found, let supported):
            "the model file has version \(found), and this textpin reads version \(supported); calibrate again"
        case .wrongLength(let stated, let found):
            "the model file is damaged: \(found) bytes long where it states \(stated); copy it again"
        case .wrongChecksum: "the model file is damaged: its checksum differs; copy it again"
        case .misaligned: "the model's bytes do not start on a multiple of 64"
        case .header(let expected): "the model file's header is not valid: \(expected) was expected"
        case .tensor(let index, let expected): "the model file's tensor \(index) is not valid: \(expected) was expected"
        case .step(let index, let expected): "the model file's step \(index) is not valid: \(expected) were expected"
        }
    }

    var exitStatus: Int32 {
        if case .unreadable(let errno) = self, errno == ENOENT { return 66 }
        return 65
    }
}

extension NetworkError {
    var sentence: String {
        switch self {
        case .arenaTooSmall(let needed, let given): "the arena has \(given) bytes and the model needs \(needed)"
        case .arenaMisaligned: "the arena does not start on a multiple of 64"
        case .threadCount(let count): "\(count) threads are not possible: choose 1 to 8"
        case .thread(let errno): "a thread could not be started: \(String(cString: strerror(errno)))"
        case .outOfMemory(let bytes): "\(bytes) bytes of memory for the arena are not to be had"
        case .noBinaryMap: "this model has no threshold head, so there is no binary map; leave --map out"
        case .model(let error): error.sentence
        }
    }

    var exitStatus: Int32 {
        switch self {
        case .threadCount, .noBinaryMap: 64
        case .model(let error): error.exitStatus
        default: 70
        }
    }
}

extension BoxFormationError {
    var sentence: String {
        switch self {
        case .mapSize(let width, let height, let limit): "a map of \(width)x\(height) is not possible: at most \(limit) a side"
        case .unclipRatio(let ratio, let limit): "an unclip ratio of \(Double(ratio) / 256) is not possible: at most \(limit / 256)"
        case .maximumBoxes(let count, let limit): "\(count) boxes are not possible: 1 to \(limit)"
        case .storageTooSmall(let needed, let given): "the model keeps \(given) bytes for boxes, and these settings need \(needed)"
        case .storageMisaligned(let alignment): "the storage of boxes does not start on a multiple of \(alignment)"
        }
    }
}
