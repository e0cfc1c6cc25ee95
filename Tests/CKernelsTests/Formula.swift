import CKernels

/// The contract's arithmetic in plain Int64, written from the equations and not from the kernels.
enum Formula {
    /// Equation 1 as a real division: the floor of x / 2^shift + 1/2.
    static func requantize(_ accumulator: Int64, multiplier: Int64, shift: Int64) -> Int64 {
        let product = accumulator * multiplier
        let divisor = Int64(1) << shift
        let (quotient, remainder) = product.quotientAndRemainder(dividingBy: divisor)
        let floor = remainder < 0 ? quotient - 1 : quotient
        let fraction = product - floor * divisor
        return fraction * 2 >= divisor ? floor + 1 : floor
    }

    static func clamp(_ value: Int64, _ range: ClosedRange<Int64>) -> Int64 {
        min(max(value, range.lowerBound), range.upperBound)
    }

    /// The rounded product of equations 5 and 8: a b / 2^15, halves up.
    static func roundedProduct(_ a: Int64, _ b: Int64) -> Int64 {
        Int64((Double(a * b) / 32768 + 0.5).rounded(.down))
    }

    /// Equation 5, from the requantized x to the output.
    static func hardSwish(_ requantized: Int64, _ constants: textpin_hard_swish, outputMultiplier: Int64, zeroPoint: Int64) -> Int8 {
        let x = Int64(saturate16(requantized))
        let three = Int64(constants.three)
        let slope = clamp(x, -three...three) * Int64(1 << constants.slope_shift)
        let gate = Int64(saturate16(roundedProduct(slope, Int64(constants.slope)) + 16384))
        let y = Int64(saturate16(roundedProduct(x, gate) + Int64(constants.offset)))
        return saturate8(roundedProduct(y, outputMultiplier) + zeroPoint)
    }

    /// Equation 8, from the requantized x to the output.
    static func residualAdd(_ requantized: Int64, _ addend: Int64, multiplier: Int64, zeroPoint: Int64) -> Int8 {
        let y = saturate16(Int64(saturate16(requantized)) + roundedProduct(addend * 256, multiplier))
        return saturate8(Int64((Double(Int64(y) + 64) / 128).rounded(.down)) + zeroPoint)
    }

    static func saturate8(_ value: Int64) -> Int8 { Int8(clamp(value, -128...127)) }
    static func saturate16(_ value: Int64) -> Int16 { Int16(clamp(value, -32768...32767)) }
}

/// SplitMix64 (Steele, Lea and Flood, 2014): the same numbers on every machine.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func bytes(_ count: Int, in range: ClosedRange<Int8> = -128...127) -> [Int8] {
        (0..<count).map { _ in Int8.random(in: range, using: &self) }
    }
}

/// One layer's weights and requantization in the order of the model file.
struct Layer {
    var weights: [Int8]
    var bias: [Int32]
    var multiplier: [Int32]
    var shift: [UInt8]
    /// Empty where the layer has no hard-swish.
    var outputMultiplier: [Int16] = []
    var outputChannels: Int
    var kernelRows: Int
    var kernelColumns: Int
    var inputChannels: Int
    var inputChannelStride: Int

    /// Calls `body` with the layer as the kernels take it; its pointers are valid in there only.
    func withWeights<Result>(_ body: (inout textpin_weights) throws -> Result) rethrows -> Result {
        try weights.withUnsafeBufferPointer { weights in
            try bias.withUnsafeBufferPointer { bias in
                try multiplier.withUnsafeBufferPointer { multiplier in
                    try shift.withUnsafeBufferPointer { shift in
                        try outputMultiplier.withUnsafeBufferPointer { outputMultiplier in
                            var layer = textpin_weights(
                                weights: weights.baseAddress, bias: bias.baseAddress, multiplier: multiplier.baseAddress,
                                shift: shift.baseAddress,
                                output_multiplier: self.outputMultiplier.isEmpty ? nil : outputMultiplier.baseAddress,
                                output_channels: Int32(outputChannels), kernel_rows: Int32(kernelRows),
                                kernel_columns: Int32(kernelColumns), input_channels: Int32(inputChannels),
                                input_channel_stride: Int32(inputChannelStride))
                            return try body(&layer)
                        }
                    }
                }
            }
        }
    }

    /// Calls `body` with the packed form that `set` makes of a dense layer.
    func withPackedConvolution<Result>(_ set: textpin_kernel_set, _ body: (UnsafeRawPointer) throws -> Result) rethrows -> Result {
        try withWeights { weights in
            let packed = UnsafeMutableRawPointer.allocate(
                byteCount: set.packed_convolution_bytes(&weights), alignment: Int(TEXTPIN_ALIGNMENT))
            defer { packed.deallocate() }
            set.pack_convolution(&weights, packed)
            return try body(packed)
        }
    }

    /// Calls `body` with the packed form that `set` makes of a depthwise layer.
    func withPackedDepthwise<Result>(_ set: textpin_kernel_set, _ body: (UnsafeRawPointer) throws -> Result) rethrows -> Result {
        try withWeights { weights in
            let packed = UnsafeMutableRawPointer.allocate(
                byteCount: set.packed_depthwise_bytes(&weights), alignment: Int(TEXTPIN_ALIGNMENT))
            defer { packed.deallocate() }
            set.pack_depthwise(&weights, packed)
            return try body(packed)
        }
    }
}
