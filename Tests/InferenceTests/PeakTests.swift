import CDevices
import CKernels
import Foundation
import Inference
import TestNetworks
import Testing

/// The loops that `bench --peak` times compute what they count, and the limits follow from what was measured.
@Suite struct PeakTests {
    @Test func everySetsInnerProductsAreAllComputed() {
        for set in KernelSet.all {
            let peak = textpin_peak_of(set.table).pointee
            for rounds in [0, 1, 2, 1000, 123_457] {
                let sum = rounds * Int(peak.multiply_accumulates) * Int(TEXTPIN_PEAK_PRODUCT)
                #expect(peak.multiply(Int64(rounds)) == UInt32(truncatingIfNeeded: sum), "\(String(cString: set.name)), \(rounds) rounds")
            }
        }
    }

    @Test func everySetsReadsTakeEachWordOnce() {
        var numbers = SeededNumbers(21)
        let block = Int(TEXTPIN_PEAK_BLOCK)
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 4 * block, alignment: Int(TEXTPIN_ALIGNMENT))
        defer { memory.deallocate() }
        let words = memory.bindMemory(to: UInt32.self)
        for index in words.indices { words[index] = UInt32.random(in: 0...UInt32.max, using: &numbers) }
        for set in KernelSet.all {
            let peak = textpin_peak_of(set.table).pointee
            for byteCount in stride(from: 0, through: memory.count, by: block) {
                let expected = words[..<(byteCount / 4)].reduce(0, ^)
                #expect(peak.read(memory.baseAddress, byteCount) == expected, "\(String(cString: set.name)), \(byteCount) bytes")
            }
        }
    }

    @Test func setsHaveLoopsOfTheirOwn() {
        let instructions = KernelSet.all.map { String(cString: $0.peakInstructions) }
        #expect(Set(instructions).count == instructions.count)
    }

    @Test func aStepsLimitIsTheSlowerOfComputingAndMoving() {
        let l2 = Peak.Store(byteCount: 1000, bandwidth: 100_000_000_000)
        let l3 = Peak.Store(byteCount: 10_000, bandwidth: 50_000_000_000)
        let memory = Peak.Store(byteCount: 1_000_000, bandwidth: 10_000_000_000)
        let peak = Peak(multiplyAccumulates: 400_000_000_000, l2: l2, l3: l3, memory: memory)
        let board = Peak(multiplyAccumulates: 400_000_000_000, l2: l2, l3: nil, memory: memory)
        func expect(_ peak: Peak, _ count: Int, _ byteCount: Int, _ nanoseconds: Double, _ limit: Peak.Limit) {
            let bound = peak.bound(multiplyAccumulates: count, byteCount: byteCount)
            #expect(abs(bound.nanoseconds - nanoseconds) < 1e-9 && bound.limit == limit, "\(bound)")
        }
        expect(peak, 8000, 1000, 20, .compute)
        expect(peak, 4000, 1000, 10, .compute)
        expect(peak, 3999, 1000, 10, .l2)
        expect(peak, 0, 1001, 20.02, .l3)
        expect(peak, 0, 10_000, 200, .l3)
        expect(peak, 80_000, 10_000, 200, .compute)
        expect(peak, 0, 10_001, 1000.1, .memory)
        expect(board, 0, 1000, 10, .l2)
        expect(board, 0, 1001, 100.1, .memory)
        expect(board, 0, 2_000_000, 200_000, .memory)
    }

    @Test(arguments: [1, 2])
    func measuringFindsLimits(threads: Int) throws {
        for set in [KernelSet.all[0], KernelSet.all[KernelSet.all.count - 1]] {
            let peak = try Peak.measured(kernels: set, threads: threads)
            #expect(peak.multiplyAccumulates > 0)
            #expect(peak.l2.bandwidth > 0 && peak.memory.bandwidth > 0)
            #expect(peak.l2.byteCount > 0 && peak.memory.byteCount > peak.l2.byteCount)
            if let l3 = peak.l3 { #expect(l3.bandwidth > 0 && l3.byteCount > 0) }
        }
    }

    @Test(arguments: [0, 9, -1])
    func measuringWantsOneToEightThreads(threads: Int) {
        #expect(throws: NetworkError.self) { try Peak.measured(kernels: KernelSet.all[0], threads: threads) }
    }

    /// The C library asks the CPU, our code the kernel. Of L3, which groups of cores have for themselves, the former states the sum.
    @Test func cachesAreThoseThatTheCPUStates() throws {
        var cache = textpin_cache()
        #expect(!textpin_cache_at(0, &cache) && !textpin_cache_at(9, &cache))
        for (level, name) in [(Int32(1), _SC_LEVEL1_DCACHE_SIZE), (2, _SC_LEVEL2_CACHE_SIZE)] {
            let stated = sysconf(Int32(name))
            guard stated > 0, textpin_cache_at(level, &cache) else { continue }
            #expect(cache.bytes == stated, "level \(level)")
            #expect(cache.cpus >= 1)
        }
    }
}
