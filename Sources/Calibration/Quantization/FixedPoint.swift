import CKernels
import Foundation

/// real = scale * (q - zeroPoint), q in -128...127.
package struct QuantizationParameters: Sendable, Equatable {
    package var scale: Float
    package var zeroPoint: Int32

    package init(scale: Float, zeroPoint: Int32) {
        self.scale = scale
        self.zeroPoint = zeroPoint
    }

    /// The parameters that hold a range; zero is exact.
    package init(_ range: ValueRange) {
        scale = max((range.high - range.low) / 255, 1e-9)
        zeroPoint = Int32(min(max((-128 - range.low / scale).rounded(), -128), 127))
    }

    /// The range that these parameters hold.
    package var range: ValueRange {
        ValueRange(low: scale * Float(-128 - zeroPoint), high: scale * Float(127 - zeroPoint))
    }

    package func quantize(_ value: Float) -> Int8 {
        Int8(min(max((value / scale).rounded(.toNearestOrAwayFromZero) + Float(zeroPoint), -128), 127))
    }

    package func dequantize(_ value: Int8) -> Float { scale * Float(Int32(value) - zeroPoint) }
}

/// A positive real number as multiplier * 2^-shift.
package struct FixedPointFactor: Sendable, Equatable {
    package var multiplier: Int32
    package var shift: Int

    /// The nearest factor with a multiplier in 2^29..<2^30; nil where the shift falls outside `shifts`.
    package init?(_ value: Double, shifts: ClosedRange<Int>) {
        guard value > 0, value.isFinite else { return nil }
        var shift = 29 - Int(value.exponent)
        var multiplier = (value * exp2(Double(shift))).rounded()
        if multiplier >= Double(TEXTPIN_MULTIPLIER_LIMIT) {
            multiplier /= 2
            shift -= 1
        }
        guard shifts.contains(shift) else { return nil }
        self.multiplier = Int32(multiplier)
        self.shift = shift
    }

    /// The nearest factor with a given shift and a multiplier that has at least 16 bits; nil where it would have fewer, or more than 30.
    ///
    /// - Parameter isEven: takes an even multiplier.
    package init?(_ value: Double, shift: Int, isEven: Bool) {
        let unit = isEven ? 2.0 : 1
        let multiplier = (value * exp2(Double(shift)) / unit).rounded() * unit
        guard multiplier >= exp2(15), multiplier < Double(TEXTPIN_MULTIPLIER_LIMIT) else { return nil }
        self.multiplier = Int32(multiplier)
        self.shift = shift
    }

    /// For the requantization rule of the kernels (equation 1).
    package static let requantizationShifts = Int(TEXTPIN_SHIFT_MINIMUM)...Int(TEXTPIN_SHIFT_MAXIMUM)
    /// The factors that equation 1 can hold, with room for rounding.
    package static let requantizationLimits = (least: exp2(-32.5), most: 0.2499)
}
