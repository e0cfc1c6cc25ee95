/// The constants of hard-swish in 16 bits (kernels' equation 5), then times a scale plus an offset.
struct HardSwishQuantizer {
    /// The real value of one unit of the requantized value x.
    let unit: Double
    /// What is left to add in the end: 0 where all channels have one step, for then the offset holds the zero point.
    let zeroPoint: Int32
    private let offset: Double
    private let multipliers: [Int16]

    /// - Parameters:
    ///   - outputScale: the output's scale; a channel's step is that times its factor, 256 / k with whole k.
    ///   - coarsestAccumulator: the coarsest real unit of the accumulators, which bounds the unit from below (equation 1).
    init(
        _ function: (scale: Float, offset: Float), outputScale: Double, zeroPoint: Int32, factors: [Float]?, channels: Int,
        coarsestAccumulator: Double
    ) {
        let scale = Double(function.scale)
        let realOffset = Double(function.offset) + (factors == nil ? Double(zeroPoint) * outputScale : 0)
        self.zeroPoint = factors == nil ? 0 : zeroPoint
        // With 256 as the last factor of a whole step, x is in 1/128 of the output's step: as fine as 16 bits hold. It may need to be coarser:
        // x must reach -3, the offset must fit, and units finer than the accumulators' would hold nothing.
        let finest = outputScale / scale / 128
        let least = max(
            3.05 / 32767, abs(realOffset) / scale / 32000,
            coarsestAccumulator * 1.0001)
        let smallest = Double(factors?.min() ?? 1)
        let coarsening = max(1, min((least / finest).rounded(.up), (32767 * smallest / 256).rounded(.down)))
        unit = finest * coarsening
        offset = realOffset / scale / unit
        multipliers = (0..<channels).map { Int16((256 * coarsening / Double(factors?[$0] ?? 1)).rounded()) }
    }

    /// For convolutions of `rows` rows: a transposed one has each channel four times.
    func constants(rows: Int) -> StepConstants.HardSwishConstants {
        let three = min((3 / unit).rounded(), 32767)
        var shift = 0
        while three * Double(1 << (shift + 1)) <= 32767, shift < 14 { shift += 1 }
        // The gate, in 1/32768, reaches 0 and 1 at minus three and three: kernels then need not clamp it from above (their equation 5a).
        let slope = min((16384 * 32768 / three / Double(1 << shift)).rounded(), 32767)
        return .init(
            three: Int16(three), slopeShift: Int16(shift), slope: Int16(slope), offset: Int16(min(max(offset.rounded(), -32768), 32767)),
            outputMultipliers: (0..<rows).map { multipliers[$0 % multipliers.count] })
    }
}
