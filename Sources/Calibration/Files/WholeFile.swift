import Foundation

/// Reading a file at once, and writing one so that nobody ever sees half of it.
package enum WholeFile {
    /// The bytes of a file of at most `limit` bytes.
    package static func read(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let code = errno
            throw code == ENOENT || code == ENOTDIR ? .missing(path: path) : .cannotRead(path: path, reason: FileError.reason(code))
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .cannotRead(path: path, reason: FileError.reason(errno)) }
        guard status.st_mode & S_IFMT != S_IFDIR else { throw .isFolder(path: path) }
        guard status.st_size <= limit else { throw .tooLarge(path: path, limit: limit) }
        // The stated size is a first guess only: a pipe states none, and a file may grow while it is read.
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(status.st_size) + 1)
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = block.withUnsafeMutableBytes { Foundation.read(descriptor, $0.baseAddress, $0.count) }
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw .cannotRead(path: path, reason: FileError.reason(errno))
            }
            guard bytes.count + count <= limit else { throw .tooLarge(path: path, limit: limit) }
            bytes.append(contentsOf: block[..<count])
        }
    }

    /// Writes `bytes` under a temporary name in the same folder, then renames: `path` holds all of them, or what it held before.
    ///
    /// Only a regular file is replaced: renaming over a device such as /dev/null would destroy it.
    package static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
            throw .cannotWrite(path: path, reason: "it exists and is not an ordinary file")
        }
        let temporary = "\(path).\(getpid()).\(UInt32.random(in: .min ... .max)).partial"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw .cannotWrite(path: path, reason: FileError.reason(errno)) }
        var failure: Int32 = bytes.withUnsafeBytes { writeAll($0, to: descriptor) }
        if close(descriptor) != 0, failure == 0 { failure = errno }
        if failure == 0, rename(temporary, path) != 0 { failure = errno }
        if failure != 0 {
            unlink(temporary)
            throw .cannotWrite(path: path, reason: FileError.reason(failure))
        }
    }

    /// Writes every byte and waits until they are on the disk; returns 0 or the error's number.
    private static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
        var rest = bytes
        while let start = rest.baseAddress, !rest.isEmpty {
            let count = Foundation.write(descriptor, start, rest.count)
            if count < 0 {
                if errno == EINTR { continue }
                return errno
            }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
        }
        return fsync(descriptor) == 0 ? 0 : errno
    }
}
