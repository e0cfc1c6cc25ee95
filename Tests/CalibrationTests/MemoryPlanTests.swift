import Calibration
import Testing

@Suite struct MemoryPlanTests {
    private static let alignment = 64

    private func drawn(_ seed: UInt64) -> [MemoryPlan.Buffer] {
        var numbers = SeededNumbers(seed)
        return (0..<Int.random(in: 1...80, using: &numbers)).map { _ in
            let first = Int.random(in: 0..<60, using: &numbers)
            let last = min(59, first + Int.random(in: 0...20, using: &numbers))
            let bytes = Int.random(in: 0..<5, using: &numbers) == 0 ? 0 : Int.random(in: 1...100_000, using: &numbers)
            return MemoryPlan.Buffer(byteCount: bytes, lifetime: first...last)
        }
    }

    @Test(arguments: 0..<200)
    func buffersAliveAtOnceDoNotOverlap(_ seed: Int) {
        let buffers = drawn(UInt64(seed))
        let plan = MemoryPlan(buffers, alignment: Self.alignment)
        #expect(plan.offsets.count == buffers.count)
        for (index, one) in buffers.enumerated() {
            let bytes = plan.offsets[index]..<(plan.offsets[index] + one.byteCount)
            #expect(bytes.lowerBound >= 0 && bytes.lowerBound % Self.alignment == 0 && bytes.upperBound <= plan.byteCount)
            for (other, two) in buffers.enumerated() where other < index && one.lifetime.overlaps(two.lifetime) {
                #expect(!bytes.overlaps(plan.offsets[other]..<(plan.offsets[other] + two.byteCount)), "\(index) and \(other)")
            }
        }
    }

    /// No plan can do with less than the fullest step's bytes; greedy by size stays within twice that on such draws.
    @Test(arguments: 0..<200)
    func theArenaIsNearTheLowerBound(_ seed: Int) {
        let buffers = drawn(UInt64(seed))
        let bound = (0..<60).map { step in buffers.reduce(0) { $0 + ($1.lifetime.contains(step) ? $1.byteCount : 0) } }.max() ?? 0
        #expect(MemoryPlan.lowerBound(buffers) == bound)
        let plan = MemoryPlan(buffers, alignment: Self.alignment)
        #expect(plan.byteCount >= bound)
        #expect(plan.byteCount <= 2 * bound + 80 * Self.alignment)
    }

    @Test func theSameBuffersGiveTheSamePlan() {
        let buffers = drawn(7) + drawn(7)
        #expect(MemoryPlan(buffers, alignment: 64).offsets == MemoryPlan(buffers, alignment: 64).offsets)
    }

    @Test func chainsShareTheirBytes() {
        // Of buffers that each live for two steps, neighbours overlap in time: the largest pair of neighbours is what the arena takes.
        let buffers = (0..<10).map { MemoryPlan.Buffer(byteCount: 640, lifetime: $0...($0 + 1)) }
        #expect(MemoryPlan(buffers, alignment: 64).byteCount == 1280)
    }
}
