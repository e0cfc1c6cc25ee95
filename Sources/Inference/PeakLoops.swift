import CDevices
import CKernels

extension KernelSet {
    /// The instructions that `Peak` counts multiply-accumulates of, for people; lasts as long as the program.
    public var peakInstructions: UnsafePointer<CChar> { textpin_peak_of(table).pointee.instructions }
}

/// Times the peak loops of a kernel set on a pool of threads of its own.
struct PeakLoops: ~Copyable {
    private let loops: UnsafePointer<textpin_peak>
    private let threads: Int
    private let pool: Arena
    private let workers: OpaquePointer

    /// Long enough that the clock and the meeting of threads count for nothing.
    private static let leastNanoseconds: Int64 = 1_000_000
    /// The shortest of so many runs counts: whatever else the machine does makes runs longer.
    private static let runs = 50
    /// The same where it is found out how long a run is to be.
    private static let trials = 3

    init(kernels: KernelSet, threads: Int) throws(NetworkError) {
        let pool = try Arena(byteCount: Int(TEXTPIN_WORKERS_BYTES))
        // An arena has at least one byte, so there is a base address.
        let start = pool.bytes.baseAddress.unsafelyUnwrapped
        let error = textpin_workers_start(start, Int32(threads))
        guard error == 0 else { throw .thread(errno: error) }
        loops = textpin_peak_of(kernels.table)
        self.threads = threads
        self.pool = pool
        workers = OpaquePointer(start)
    }

    deinit {
        textpin_workers_stop(workers)
    }

    /// Of all threads together in a second.
    borrowing func multiplyAccumulates() -> Int {
        let (repeats, nanoseconds) = shortest(reading: nil)
        return Int(Double(repeats) * Double(threads) * Double(loops.pointee.multiply_accumulates) / Double(nanoseconds) * 1e9)
    }

    /// Bytes that all threads together read in a second, each its own part of the first `byteCount` of `bytes` over and over.
    borrowing func bandwidth(_ bytes: UnsafeRawBufferPointer, byteCount: Int) -> Int {
        let block = Int(TEXTPIN_PEAK_BLOCK)
        let part = max(block, byteCount / threads / block * block)
        precondition(part * threads <= bytes.count)
        let (repeats, nanoseconds) = shortest(reading: UnsafeRawBufferPointer(rebasing: bytes[..<part]))
        return Int(Double(repeats) * Double(threads) * Double(part) / Double(nanoseconds) * 1e9)
    }

    /// How often a loop was repeated in a run, and the shortest run.
    private borrowing func shortest(reading part: UnsafeRawBufferPointer?) -> (repeats: Int, nanoseconds: Int64) {
        var run = PeakRun(loops: loops, workers: workers, part: part)
        // By one thread alone: it waits for no other.
        while Self.least(of: Self.trials, { run.timeAlone() }) < Self.leastNanoseconds { run.repeats *= 2 }
        let least = Self.least(of: Self.runs) {
            run.time()
            return run.nanoseconds
        }
        return (run.repeats, least)
    }

    private static func least(of count: Int, _ nanoseconds: () -> Int64) -> Int64 {
        var least = Int64.max
        for _ in 0..<count { least = min(least, nanoseconds()) }
        return least
    }
}

/// A loop that all threads run at once.
private struct PeakRun {
    let loops: UnsafePointer<textpin_peak>
    let workers: OpaquePointer
    /// What the first thread reads; the others' parts follow. Nil where the multiplications are timed.
    let part: UnsafeRawBufferPointer?
    var repeats = 1
    /// From when all threads had begun until all were done.
    var nanoseconds: Int64 = 0

    init(loops: UnsafePointer<textpin_peak>, workers: OpaquePointer, part: UnsafeRawBufferPointer?) {
        self.loops = loops
        self.workers = workers
        self.part = part
    }

    mutating func time() {
        let workers = workers
        withUnsafeMutablePointer(to: &self) { run in
            textpin_workers_run(
                workers,
                { context, worker, _ in
                    // The pointer is the run below, which lives until all threads are done.
                    guard let run = context?.assumingMemoryBound(to: PeakRun.self) else { return }
                    let workers = run.pointee.workers
                    textpin_workers_meet(workers)
                    let start = textpin_monotonic_nanoseconds()
                    run.pointee.work(of: Int(worker))
                    textpin_workers_meet(workers)
                    if worker == 0 { run.pointee.nanoseconds = textpin_monotonic_nanoseconds() - start }
                }, run)
        }
    }

    /// How long the caller alone needs for the first thread's share.
    func timeAlone() -> Int64 {
        let start = textpin_monotonic_nanoseconds()
        work(of: 0)
        return textpin_monotonic_nanoseconds() - start
    }

    private func work(of worker: Int) {
        guard let part, let start = part.baseAddress else {
            _ = loops.pointee.multiply(Int64(repeats))
            return
        }
        for _ in 0..<repeats { _ = loops.pointee.read(start + worker * part.count, part.count) }
    }
}
