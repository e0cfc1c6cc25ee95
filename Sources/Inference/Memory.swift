import CDevices

/// A file mapped read-only for as long as this value lives.
public struct MappedFile: ~Copyable {
    public let bytes: UnsafeRawBufferPointer

    public init(path: UnsafePointer<CChar>) throws(ModelError) {
        var start: UnsafeRawPointer?
        var count = 0
        let error = textpin_map_file(path, &start, &count)
        guard error == 0 else { throw .unreadable(errno: error) }
        bytes = UnsafeRawBufferPointer(start: start, count: count)
    }

    deinit {
        textpin_unmap_file(bytes.baseAddress, bytes.count)
    }
}

/// Zeroed memory from the system, taken once at start: what a network and its detector live in.
public struct Arena: ~Copyable {
    public let bytes: UnsafeMutableRawBufferPointer

    public init(byteCount: Int) throws(NetworkError) {
        guard byteCount > 0, let memory = textpin_map_memory(byteCount) else { throw .outOfMemory(bytes: byteCount) }
        bytes = UnsafeMutableRawBufferPointer(start: memory, count: byteCount)
    }

    deinit {
        textpin_unmap_memory(bytes.baseAddress, bytes.count)
    }
}
