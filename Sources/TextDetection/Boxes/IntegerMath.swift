/// The greatest integer not above `dividend / divisor`; the divisor is positive.
@inline(__always)
func floorQuotient<Value: FixedWidthInteger & SignedInteger>(_ dividend: Value, _ divisor: Value) -> Value {
    let (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient &- 1 : quotient
}

/// The nearest integer to `dividend / divisor`, halves up; the divisor is positive.
@inline(__always)
func roundedQuotient(_ dividend: Int64, _ divisor: Int64) -> Int64 {
    floorQuotient(2 * dividend + divisor, 2 * divisor)
}

/// The greatest integer whose square is not above `value`.
///
/// Newton's iteration from above: every step that still shrinks the root stays at or above the answer, so the first that does not is it.
package func integerSquareRoot(_ value: UInt64) -> UInt64 {
    guard value > 1 else { return value }
    var root: UInt64 = 1 << UInt64((65 - value.leadingZeroBitCount) / 2)
    while true {
        let next = (root + value / root) / 2
        guard next < root else { return root }
        root = next
    }
}

/// A pixel's centre, in whole pixels.
package struct PixelPoint: Sendable, Equatable {
    package var x: Int32
    package var y: Int32

    package init(x: Int32, y: Int32) {
        self.x = x
        self.y = y
    }
}

/// The z component of (b - a) x (c - a): positive where c lies clockwise of b as seen from a, with y downwards.
///
/// For coordinates below 2^13 it fits 32 bits.
@inline(__always)
func crossProduct(_ a: PixelPoint, _ b: PixelPoint, _ c: PixelPoint) -> Int32 {
    (b.x &- a.x) &* (c.y &- a.y) &- (b.y &- a.y) &* (c.x &- a.x)
}

/// From one point to another, in units of 1/256 pixel. With coordinates below 2^22 products fit 64 bits by far.
struct Vector {
    let x: Int64
    let y: Int64

    @inline(__always)
    init(from start: BoxPoint, to end: BoxPoint) {
        x = Int64(end.x) - Int64(start.x)
        y = Int64(end.y) - Int64(start.y)
    }

    @inline(__always)
    func dot(_ other: Vector) -> Int64 { x * other.x + y * other.y }

    /// Positive where `other` lies clockwise of this one, with y downwards.
    @inline(__always)
    func cross(_ other: Vector) -> Int64 { x * other.y - y * other.x }

    /// Rounded down.
    var length: Int64 {
        x == 0 || y == 0 ? abs(x + y) : Int64(integerSquareRoot(UInt64(dot(self))))
    }
}
