import Foundation

/// Why a file or folder could not be read or written, as one sentence with its name.
public enum FileError: Error, Sendable, Equatable {
    case missing(path: String)
    case cannotRead(path: String, reason: String)
    case isFolder(path: String)
    case isNoFolder(path: String)
    case tooLarge(path: String, limit: Int)
    case cannotWrite(path: String, reason: String)

    /// The exit status that a command ends with: 66 for what is missing, 64 for an output place that cannot be used, 65 for the rest.
    public var exitStatus: Int32 {
        switch self {
        case .missing: 66
        case .cannotWrite: 64
        case .cannotRead, .isFolder, .isNoFolder, .tooLarge: 65
        }
    }
}

extension FileError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .missing(let path):
            "\(path) does not exist."
        case .cannotRead(let path, let reason):
            "\(path) cannot be read: \(reason)."
        case .isFolder(let path):
            "\(path) is a folder, and a file was expected."
        case .isNoFolder(let path):
            "\(path) is a file, and a folder was expected."
        case .tooLarge(let path, let limit):
            "\(path) is larger than the \(limit) bytes that such a file may have."
        case .cannotWrite(let path, let reason):
            "\(path) cannot be written: \(reason)."
        }
    }
}

extension FileError {
    /// The system's words for the last failed call, in the middle of a sentence: "permission denied".
    static func reason(_ code: Int32) -> String {
        let words = String(cString: strerror(code))
        return words.prefix(1).lowercased() + words.dropFirst()
    }
}
