/// Places buffers with lifetimes in one arena, the largest first, each at the lowest offset where nothing alive at the same time lies
/// (greedy by size, Pisarchyk & Lee 2020).
package struct MemoryPlan: Sendable {
    package struct Buffer: Sendable {
        package var byteCount: Int
        package var lifetime: ClosedRange<Int>

        package init(byteCount: Int, lifetime: ClosedRange<Int>) {
            self.byteCount = byteCount
            self.lifetime = lifetime
        }
    }

    /// One per buffer, in the order given; multiples of the alignment.
    package private(set) var offsets: [Int]
    /// The arena's bytes: no less can hold what is alive at the fullest step, see `lowerBound`.
    package private(set) var byteCount: Int

    package init(_ buffers: [Buffer], alignment: Int) {
        offsets = [Int](repeating: 0, count: buffers.count)
        byteCount = 0
        var placed: [Int] = []
        let order = buffers.indices.sorted { (buffers[$0].byteCount, $1) > (buffers[$1].byteCount, $0) }
        for index in order {
            let size = (buffers[index].byteCount + alignment - 1) / alignment * alignment
            let neighbours =
                placed
                .filter { buffers[$0].lifetime.overlaps(buffers[index].lifetime) }
                .map { (start: offsets[$0], end: offsets[$0] + (buffers[$0].byteCount + alignment - 1) / alignment * alignment) }
                .sorted { $0.start < $1.start }
            var offset = 0
            for neighbour in neighbours {
                if neighbour.start >= offset + size { break }
                offset = max(offset, neighbour.end)
            }
            offsets[index] = offset
            byteCount = max(byteCount, offset + size)
            placed.append(index)
        }
    }

    /// The most bytes alive at one step.
    package static func lowerBound(_ buffers: [Buffer]) -> Int {
        let steps = Set(buffers.map(\.lifetime.lowerBound))
        return steps.map { step in buffers.reduce(0) { $0 + ($1.lifetime.contains(step) ? $1.byteCount : 0) } }.max() ?? 0
    }
}
