/// Why a picture or a folder of pictures could not be used, as one sentence with its name.
public enum PictureError: Error, Sendable, Equatable {
    case file(FileError)
    /// The first bytes are those of no format that is read here.
    case unknownFormat(path: String)
    /// `reason` in the decoder's words.
    case damaged(path: String, format: String, reason: String)
    case emptySize(path: String, width: Int, height: Int)
    case tooLarge(path: String, width: Int, height: Int)
    case printColours(path: String)
    case outOfMemory(path: String)
    case noPictures(folder: String)
    case unknownExtension(path: String)
    case doesNotFitFormat(path: String, format: String, width: Int, height: Int)

    /// The exit status that a command ends with: 66 for what is missing, 64 for a wrong output name, 65 for bad data.
    public var exitStatus: Int32 {
        switch self {
        case .file(let error): error.exitStatus
        case .noPictures: 66
        case .unknownExtension: 64
        case .outOfMemory: 70
        case .unknownFormat, .damaged, .emptySize, .tooLarge, .printColours, .doesNotFitFormat: 65
        }
    }
}

extension PictureError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .file(let error):
            error.description
        case .unknownFormat(let path):
            "\(path) is not a picture that can be read: its content is neither JPEG, PNG nor binary PPM or PGM."
        case .damaged(let path, let format, let reason):
            "\(path) is a damaged \(format) file: \(reason)."
        case .emptySize(let path, let width, let height):
            "\(path) holds no pixels: its header says \(width) x \(height)."
        case .tooLarge(let path, let width, let height):
            "\(path) is too large: its header says \(width) x \(height), and at most \(Picture.longestSide) pixels a side"
                + " and \(Picture.mostPixels / 1_000_000) million pixels in all are read."
        case .printColours(let path):
            "\(path) is a JPEG in print colours (CMYK): convert it to RGB first."
        case .outOfMemory(let path):
            "There is not enough memory to decode or encode \(path)."
        case .noPictures(let folder):
            "\(folder) holds no pictures: files that end in \(Picture.extensions.joined(separator: ", ")) are looked for."
        case .unknownExtension(let path):
            "\(path) cannot be written: its name must end in .jpg, .jpeg or .png."
        case .doesNotFitFormat(let path, let format, let width, let height):
            "\(path) cannot be written: \(width) x \(height) pixels do not fit into a \(format) file."
        }
    }
}
