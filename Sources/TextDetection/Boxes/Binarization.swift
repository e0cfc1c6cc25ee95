/// A stretch of text pixels in one row: columns start ..< end.
struct PixelRun {
    var start: UInt16
    var end: UInt16
}

/// Finds the runs of one row where logit > threshold.
///
/// A map is mostly empty, and text is mostly solid, so 32 pixels at a time are folded to their extremes: one comparison
/// shows an empty block or a full one, and only a block across an edge is taken apart into bits.
struct RowBinarizer {
    static let blockWidth = 32

    let threshold: Int16
    /// The columns that may hold text.
    let validWidth: Int
    /// The columns that may be read, at least `validWidth`.
    let width: Int

    /// Writes the runs of `row` to `runs`, which has room for (validWidth + 1) / 2 of them, and returns how many there are.
    func findRuns(in row: UnsafePointer<Int16>, into runs: UnsafeMutablePointer<PixelRun>) -> Int {
        var count = 0
        var isInside: UInt32 = 0
        var column = 0
        while column < validWidth {
            var bits = blockBits(row + column, readable: width - column)
            if validWidth - column < Self.blockWidth {
                bits &= (1 << UInt32(validWidth - column)) - 1
            }
            // A set bit is a pixel that differs from the one on its left: a run starts or ends there.
            var edges = bits ^ (bits << 1 | isInside)
            while edges != 0 {
                let edge = UInt16(truncatingIfNeeded: column + edges.trailingZeroBitCount)
                edges &= edges &- 1
                if isInside == 0 {
                    runs[count].start = edge
                } else {
                    runs[count].end = edge
                    count += 1
                }
                isInside ^= 1
            }
            column += Self.blockWidth
        }
        if isInside != 0 {
            runs[count].end = UInt16(truncatingIfNeeded: validWidth)
            count += 1
        }
        return count
    }

    /// One bit per pixel of a block, the first lowest; pixels beyond `readable` count as empty.
    @inline(__always)
    private func blockBits(_ pixels: UnsafePointer<Int16>, readable: Int) -> UInt32 {
        guard readable >= Self.blockWidth else {
            var bits: UInt32 = 0
            for index in 0..<readable where pixels[index] > threshold {
                bits |= 1 << UInt32(index)
            }
            return bits
        }
        let block = UnsafeRawPointer(pixels).loadUnaligned(as: SIMD32<Int16>.self)
        let (first, second) = (block.lowHalf.lowHalf, block.lowHalf.highHalf)
        let (third, fourth) = (block.highHalf.lowHalf, block.highHalf.highHalf)
        if comparison(pointwiseMax(pointwiseMax(first, second), pointwiseMax(third, fourth))) == 0 { return 0 }
        if comparison(pointwiseMin(pointwiseMin(first, second), pointwiseMin(third, fourth))) == ~0 { return ~0 }
        return bits(of: first) | bits(of: second) << 8 | bits(of: third) << 16 | bits(of: fourth) << 24
    }

    /// One bit per pixel. Byte i keeps its bit i, and the product sums all bytes in the highest: no two share a bit, so nothing carries.
    @inline(__always)
    private func bits(of pixels: SIMD8<Int16>) -> UInt32 {
        UInt32(truncatingIfNeeded: ((comparison(pixels) & 0x8040_2010_0804_0201) &* 0x0101_0101_0101_0101) >> 56)
    }

    /// A byte per pixel, the first lowest: 255 where it is text, else 0.
    @inline(__always)
    private func comparison(_ pixels: SIMD8<Int16>) -> UInt64 {
        let lanes = SIMD8<Int16>.zero.replacing(with: -1, where: pixels .> SIMD8(repeating: threshold))
        return UInt64(littleEndian: unsafeBitCast(SIMD8<Int8>(truncatingIfNeeded: lanes), to: UInt64.self))
    }
}
