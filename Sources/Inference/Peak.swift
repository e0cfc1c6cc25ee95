import CDevices
import CKernels

/// The most that some threads of this CPU do in a second, measured: the two roofs of the roofline model (Williams et al. 2009).
public struct Peak: Sendable {
    /// Multiply-accumulates of int8 a second, of the kernel set's inner product on registers alone.
    public let multiplyAccumulates: Int
    public let l2: Store
    /// Nil where L2 is the last cache, as on the Raspberry Pi 4.
    public let l3: Store?
    public let memory: Store

    /// Where bytes lie that are read again and again.
    public struct Store: Sendable {
        /// What it holds for all threads together.
        public let byteCount: Int
        /// Bytes read a second.
        public let bandwidth: Int

        package init(byteCount: Int, bandwidth: Int) {
            self.byteCount = byteCount
            self.bandwidth = bandwidth
        }
    }

    package init(multiplyAccumulates: Int, l2: Store, l3: Store?, memory: Store) {
        self.multiplyAccumulates = multiplyAccumulates
        self.l2 = l2
        self.l3 = l3
        self.memory = memory
    }

    /// What keeps a step from being faster, however it is computed.
    public enum Limit: Sendable, Equatable {
        case compute
        case l2
        case l3
        case memory
    }

    /// The least time in nanoseconds that a step can take, and the limit that says so: its multiply-accumulates at the peak, or its bytes at the
    /// bandwidth of the nearest store that could hold them all.
    public func bound(of step: StepDescription) -> (nanoseconds: Double, limit: Limit) {
        bound(multiplyAccumulates: step.multiplyAccumulates, byteCount: step.byteCount)
    }

    package func bound(multiplyAccumulates count: Int, byteCount: Int) -> (nanoseconds: Double, limit: Limit) {
        let compute = 1e9 * Double(count) / Double(multiplyAccumulates)
        let (store, limit) = nearest(byteCount)
        let moving = 1e9 * Double(byteCount) / Double(store.bandwidth)
        return compute >= moving ? (compute, .compute) : (moving, limit)
    }

    private func nearest(_ byteCount: Int) -> (Store, Limit) {
        if byteCount <= l2.byteCount { return (l2, .l2) }
        if let l3, byteCount <= l3.byteCount { return (l3, .l3) }
        return (memory, .memory)
    }
}

extension Peak {
    /// Measures `threads` threads (1...8) at once, in memory of their own: a second or so.
    public static func measured(kernels: KernelSet, threads: Int) throws(NetworkError) -> Peak {
        guard (1...Int(TEXTPIN_WORKERS_MAXIMUM)).contains(threads) else { throw .threadCount(threads) }
        let caches = Caches(threads: threads)
        let arena = try Arena(byteCount: caches.memoryByteCount)
        // Pages that were never written to are all one page.
        arena.bytes.initializeMemory(as: UInt8.self, repeating: 1)
        let loops = try PeakLoops(kernels: kernels, threads: threads)
        let memory = UnsafeRawBufferPointer(arena.bytes)
        // Half of a cache: the rest is the system's, and of whatever else runs.
        let l2 = Store(byteCount: caches.l2, bandwidth: loops.bandwidth(memory, byteCount: caches.l2 / 2))
        var l3: Store?
        if let size = caches.l3 { l3 = Store(byteCount: size, bandwidth: loops.bandwidth(memory, byteCount: size / 2)) }
        return Peak(
            multiplyAccumulates: loops.multiplyAccumulates(), l2: l2, l3: l3,
            memory: Store(
                byteCount: Int(clamping: textpin_memory_bytes()), bandwidth: loops.bandwidth(memory, byteCount: memory.count)))
    }
}

/// What the caches hold for some threads.
private struct Caches {
    let l2: Int
    let l3: Int?
    /// Much more than they hold, and at most a quarter of what is to be had.
    let memoryByteCount: Int

    /// Where the kernel says nothing, the least L2 of the supported boards (Raspberry Pi 3B), which all four cores share.
    private static let unknown = textpin_cache(bytes: 512 << 10, cpus: 4)

    private static let leastMemory = 64 << 20

    init(threads: Int) {
        func size(_ level: Int32) -> Int? {
            var cache = textpin_cache()
            guard textpin_cache_at(level, &cache) else { return nil }
            return Self.byteCount(cache, threads: threads)
        }
        l2 = size(2) ?? Self.byteCount(Self.unknown, threads: threads)
        l3 = size(3)
        let last = max(l2, l3 ?? 0)
        let quarter = Int(clamping: textpin_available_memory_bytes()) / 4
        memoryByteCount = max(last, min(max(4 * last, Self.leastMemory), quarter))
    }

    /// One cache where all CPUs share it, else one for each thread.
    private static func byteCount(_ cache: textpin_cache, threads: Int) -> Int {
        let caches = max(1, threads / Int(cache.cpus))
        return Int(clamping: cache.bytes) * caches
    }
}
