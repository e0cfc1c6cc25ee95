import CKernels

/// Memory as kernels want it: aligned, with the bytes behind it that they may read.
final class Memory {
    let bytes: UnsafeMutableRawBufferPointer

    /// - Parameter seed: of the bytes that it is filled with, the same for the same seed.
    init(byteCount: Int, seed: UInt64 = 0) {
        bytes = .allocate(byteCount: byteCount + Int(TEXTPIN_READ_SLACK), alignment: Int(TEXTPIN_ALIGNMENT))
        var numbers = SeededNumbers(seed)
        for index in bytes.indices { bytes[index] = UInt8(truncatingIfNeeded: numbers.next()) }
    }

    deinit { bytes.deallocate() }

    var start: UnsafeMutableRawPointer { bytes.baseAddress.unsafelyUnwrapped }
    var int8: UnsafeMutablePointer<Int8> { start.assumingMemoryBound(to: Int8.self) }
}

/// SplitMix64 (Steele et al. 2014).
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

/// A tensor as the arena has it: pixels of `channels` bytes, rounded up to 4, in a border.
struct Tensor {
    let memory: Memory
    let channels: Int
    let width: Int
    let border: Int

    init(_ channels: Int, _ width: Int, _ height: Int, border: Int = 0, seed: UInt64) {
        self.channels = channels
        self.width = width
        self.border = border
        let pixelStride = (channels + 3) / 4 * 4
        memory = Memory(byteCount: (width + 2 * border) * (height + 2 * border) * pixelStride, seed: seed)
    }

    var pixelStride: Int { (channels + 3) / 4 * 4 }
    var rowStride: Int { (width + 2 * border) * pixelStride }

    /// Rows and columns may lie in the border.
    func pixel(row: Int, column: Int = 0) -> UnsafeMutablePointer<Int8> {
        memory.int8 + (row + border) * rowStride + (column + border) * pixelStride
    }
}

/// Drawn weights in the order of the model file, small enough that sums stay within every kernel's bounds.
final class Weights {
    private let weights: [Int8]
    private let bias: [Int32]
    private let multiplier: [Int32]
    private let shift: [UInt8]
    private let outputMultiplier: [Int16]

    init(count: Int, outputs: Int, seed: UInt64) {
        var numbers = SeededNumbers(seed)
        weights = (0..<count).map { _ in Int8.random(in: -40...40, using: &numbers) }
        bias = (0..<outputs).map { _ in Int32.random(in: -1000...1000, using: &numbers) }
        multiplier = (0..<outputs).map { _ in Int32.random(in: TEXTPIN_MULTIPLIER_MINIMUM..<TEXTPIN_MULTIPLIER_LIMIT, using: &numbers) }
        shift = [UInt8](repeating: 40, count: outputs)
        outputMultiplier = [Int16](repeating: 20000, count: outputs)
    }

    /// The weights of outputs `first`, `first` + 1 and so on, packed for a set.
    func packed(
        _ shape: textpin_weights, from first: Int = 0, hasHardSwish: Bool = false,
        byteCount: (UnsafePointer<textpin_weights>?) -> Int, pack: (UnsafePointer<textpin_weights>?, UnsafeMutableRawPointer?) -> Void
    ) -> Memory {
        weights.withUnsafeBufferPointer { weights in
            bias.withUnsafeBufferPointer { bias in
                multiplier.withUnsafeBufferPointer { multiplier in
                    shift.withUnsafeBufferPointer { shift in
                        outputMultiplier.withUnsafeBufferPointer { outputMultiplier in
                            var shape = shape
                            let perOutput = weights.count / bias.count
                            shape.weights = weights.baseAddress.map { $0 + first * perOutput }
                            shape.bias = bias.baseAddress.map { $0 + first }
                            shape.multiplier = multiplier.baseAddress.map { $0 + first }
                            shape.shift = shift.baseAddress.map { $0 + first }
                            if hasHardSwish { shape.output_multiplier = outputMultiplier.baseAddress.map { $0 + first } }
                            let memory = Memory(byteCount: byteCount(&shape))
                            pack(&shape, memory.start)
                            return memory
                        }
                    }
                }
            }
        }
    }
}
