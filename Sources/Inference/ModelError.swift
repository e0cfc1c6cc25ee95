/// Why a model file was refused. `Calibration` and the command lines turn it into a sentence.
public enum ModelError: Error {
    /// The file could not be opened or mapped; an errno.
    case unreadable(errno: Int32)
    /// Fewer bytes than a header has.
    case tooShort(bytes: Int)
    /// Not a model file at all.
    case wrongMagic
    case wrongVersion(found: UInt32, supported: UInt32)
    /// The header states another length than the file has: cut off, or longer.
    case wrongLength(stated: Int, found: Int)
    case wrongChecksum
    /// The bytes do not start on a multiple of 64.
    case misaligned
    /// A field of the header is out of bounds.
    case header(StaticString)
    case tensor(index: Int, StaticString)
    case step(index: Int, StaticString)
}

/// Why a network could not be set up.
public enum NetworkError: Error {
    case arenaTooSmall(needed: Int, given: Int)
    case arenaMisaligned
    /// More or fewer than 1...8.
    case threadCount(Int)
    /// A worker thread could not be started; an errno.
    case thread(errno: Int32)
    case outOfMemory(bytes: Int)
    /// This model has no threshold head, so there is no binary map.
    case noBinaryMap
    case model(ModelError)
}
