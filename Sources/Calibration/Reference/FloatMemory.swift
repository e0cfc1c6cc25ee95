/// The memory of one run: blocks are handed out, given back after their last use and handed out again, so that the system is asked rarely.
///
/// Every block is followed by room for one more `Vector` of 8 floats, so that loops run over whole vectors and need no remainder of their own.
final class FloatMemory {
    typealias Vector = SIMD8<Float>

    struct Block: Sequence {
        let start: UnsafeMutablePointer<Float>
        let count: Int
        fileprivate let capacity: Int

        /// How many vectors cover it.
        var vectors: Int { (count + Vector.scalarCount - 1) / Vector.scalarCount }

        func update(from source: UnsafeBufferPointer<Float>) {
            _ = UnsafeMutableBufferPointer(start: start, count: count).update(from: source)
        }

        func makeIterator() -> UnsafeBufferPointer<Float>.Iterator {
            UnsafeBufferPointer(start: start, count: count).makeIterator()
        }
    }

    private var all: [UnsafeMutablePointer<Float>] = []
    private var free: [Block] = []

    func take(_ count: Int) -> Block {
        let fitting = free.indices.filter { free[$0].capacity >= count }.min { free[$0].capacity < free[$1].capacity }
        if let index = fitting {
            let block = free.remove(at: index)
            return Block(start: block.start, count: count, capacity: block.capacity)
        }
        let padded = count + Vector.scalarCount
        let start = UnsafeMutableRawPointer.allocate(byteCount: padded * MemoryLayout<Float>.stride, alignment: 64)
            .bindMemory(to: Float.self, capacity: padded)
        start.initialize(repeating: 0, count: padded)
        all.append(start)
        return Block(start: start, count: count, capacity: count)
    }

    func give(_ block: Block) {
        free.append(block)
    }

    deinit {
        for start in all { start.deallocate() }
    }
}

extension UnsafePointer<Float> {
    /// Eight floats from here on, aligned or not.
    @inline(__always) func vector(at offset: Int) -> SIMD8<Float> {
        UnsafeRawPointer(self + offset).loadUnaligned(as: SIMD8<Float>.self)
    }
}

extension UnsafeMutablePointer<Float> {
    @inline(__always) func vector(at offset: Int) -> SIMD8<Float> {
        UnsafeRawPointer(self + offset).loadUnaligned(as: SIMD8<Float>.self)
    }

    @inline(__always) func store(_ vector: SIMD8<Float>, at offset: Int) {
        UnsafeMutableRawPointer(self + offset).storeBytes(of: vector, as: SIMD8<Float>.self)
    }

    /// The first `count` floats of a vector, where fewer than eight belong there.
    @inline(__always) func store(_ vector: SIMD8<Float>, at offset: Int, count: Int) {
        if count >= 8 {
            store(vector, at: offset)
        } else {
            for lane in 0..<count { self[offset + lane] = vector[lane] }
        }
    }
}
