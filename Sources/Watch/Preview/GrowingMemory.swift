import CDevices

/// Memory from the system that is taken anew when more is needed, and given back at the end.
struct GrowingMemory: ~Copyable {
    private(set) var bytes: UnsafeMutableRawBufferPointer

    init() { bytes = UnsafeMutableRawBufferPointer(start: nil, count: 0) }

    /// The same as bytes of text.
    var text: UnsafeMutableBufferPointer<UInt8> { bytes.assumingMemoryBound(to: UInt8.self) }

    deinit { textpin_unmap_memory(bytes.baseAddress, bytes.count) }

    /// Sees to at least `count` bytes, a multiple of 64 from their start; what was there is lost if more had to be taken. False, and as
    /// before, if they are not to be had.
    mutating func reserve(_ count: Int) -> Bool {
        if count <= bytes.count { return true }
        guard let memory = textpin_map_memory(count) else { return false }
        textpin_unmap_memory(bytes.baseAddress, bytes.count)
        bytes = UnsafeMutableRawBufferPointer(start: memory, count: count)
        return true
    }
}
