/// A stretch of text pixels in one row: columns start ..< end.
struct PixelRun {
    var start: UInt16
    var end: UInt16
}

/// Finds the runs of one row where logit > threshold.
///
/// Four logits at a time are compared inside a 64-bit word. Swift's SIMD comparisons would say the same shorter, but become a loop over
/// lanes wherever the compiler does not unroll them, which took ten times as long; these words it turns into vector instructions by itself.
struct RowBinarizer {
    private static let blockWidth = 32
    /// The highest bit of each 16-bit lane.
    private static let highBits: UInt64 = 0x8000_8000_8000_8000

    /// The columns that may hold text.
    let validWidth: Int
    /// The columns that may be read, at least `validWidth`.
    let width: Int
    private let threshold: Int16
    /// The least logit that is text, plus 2^15, in each lane.
    private let least: UInt64

    init(threshold: Int16, validWidth: Int, width: Int) {
        // Above the greatest threshold there is nothing.
        self.validWidth = threshold == .max ? 0 : validWidth
        self.width = width
        self.threshold = threshold
        least = UInt64(UInt16(truncatingIfNeeded: Int32(threshold) + 1 + 1 << 15)) * 0x0001_0001_0001_0001
    }

    /// Writes the runs of `row` to `runs`, which has room for (validWidth + 1) / 2 of them, and returns how many there are.
    func findRuns(in row: UnsafePointer<Int16>, into runs: UnsafeMutablePointer<PixelRun>) -> Int {
        var count = 0
        var isInside: UInt32 = 0
        var column = 0
        while column < validWidth {
            var bits = blockBits(row + column, readable: width - column)
            if validWidth - column < Self.blockWidth {
                bits &= (1 << UInt32(truncatingIfNeeded: validWidth - column)) - 1
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
        if readable >= Self.blockWidth { return halfBits(pixels) | halfBits(pixels + Self.blockWidth / 2) << 16 }
        var bits: UInt32 = 0
        for index in 0..<readable where pixels[index] > threshold {
            bits |= 1 << UInt32(truncatingIfNeeded: index)
        }
        return bits
    }

    /// One bit per pixel of 16.
    @inline(__always)
    private func halfBits(_ pixels: UnsafePointer<Int16>) -> UInt32 {
        let (first, second) = (comparison(pixels), comparison(pixels + 4))
        let (third, fourth) = (comparison(pixels + 8), comparison(pixels + 12))
        if first | second | third | fourth == 0 { return 0 }
        // Lane i now gets pixels i, i + 4, i + 8, i + 12, at its bits 0, 4, 8, 12; shifting the lanes over each other puts them in order.
        let lanes = first >> 15 | second >> 11 | third >> 7 | fourth >> 3
        return UInt32(truncatingIfNeeded: (lanes | lanes >> 15 | lanes >> 30 | lanes >> 45) & 0xFFFF)
    }

    /// The highest bit of each lane says whether its logit is text.
    ///
    /// With 2^15 added the comparison is one of unsigned numbers, u >= v. Setting the highest bit of u and clearing that of v keeps borrows
    /// inside their lanes; the difference then compares the lower 15 bits, and counts where the highest bits are equal.
    @inline(__always)
    private func comparison(_ pixels: UnsafePointer<Int16>) -> UInt64 {
        let values = UInt64(littleEndian: UnsafeRawPointer(pixels).loadUnaligned(as: UInt64.self)) ^ Self.highBits
        let difference = (values | Self.highBits) &- (least & ~Self.highBits)
        return (values & ~least | ~(values ^ least) & difference) & Self.highBits
    }
}
