import CDevices

/// A short text made without the heap: a literal with numbers and C strings in it. What does not fit into `limit` bytes is cut off.
public struct Text: ExpressibleByStringInterpolation {
    /// Longer than any sentence here with its numbers; names of files, which have no such bound, are written beside it.
    public static let limit = Int(TEXTPIN_SENTENCE_BYTES)

    // In words, since the compiler copies what is thrown or optional element by element, each with code of its own.
    private var words = InlineArray<64, UInt64>(repeating: 0)
    public private(set) var count = 0

    /// One of its first `count` bytes.
    public subscript(index: Int) -> UInt8 { words.span.bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self) }

    /// Lets a C function read it; there is no zero behind.
    public func read<Result>(_ body: (UnsafePointer<CChar>, Int) -> Result) -> Result {
        // 512 bytes, so there is a base address.
        words.span.withUnsafeBytes { body($0.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: CChar.self), count) }
    }

    @inline(never)
    public init(stringLiteral literal: StaticString) { append(literal) }
    public init(stringInterpolation: Interpolation) { self = stringInterpolation.text }
    fileprivate init() {}

    fileprivate mutating func append(_ byte: UInt8) {
        guard count < Self.limit else { return }
        withUnsafeMutableBytes(of: &words) { $0[count] = byte }
        count += 1
    }

    fileprivate mutating func append(_ literal: StaticString) {
        for index in 0..<literal.utf8CodeUnitCount { append(literal.utf8Start[index]) }
    }

    public struct Interpolation: StringInterpolationProtocol {
        fileprivate var text = Text()

        public init(literalCapacity: Int, interpolationCount: Int) {}

        @inline(never)
        public mutating func append(_ byte: UInt8) { text.append(byte) }
        @inline(never)
        public mutating func appendLiteral(_ literal: StaticString) { text.append(literal) }
        @inline(never)
        public mutating func appendInterpolation(_ literal: StaticString) { text.append(literal) }

        @inline(never)
        public mutating func appendInterpolation(_ string: UnsafePointer<CChar>) {
            var next = string
            while next.pointee != 0 {
                text.append(UInt8(bitPattern: next.pointee))
                next += 1
            }
        }

        @inline(never)
        public mutating func appendInterpolation(_ other: Text) {
            for index in 0..<other.count { text.append(other[index]) }
        }

        @inline(never)
        public mutating func appendInterpolation(_ number: Int) {
            if number < 0 { text.append(UInt8(ascii: "-")) }
            appendDigits(number.magnitude, least: 1)
        }

        /// Eight hexadecimal digits.
        @inline(never)
        public mutating func appendInterpolation(hex number: UInt32) {
            for digit in 0..<8 {
                let value = UInt8(number >> UInt32(28 - 4 * digit) & 15)
                text.append(value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10)
            }
        }

        /// `numerator` / `denominator` to so many decimals; a tie goes to the even digit, as in C's printf. Right-aligned in `width`.
        ///
        /// Both are at least 0 and 1, and the numerator times 10^decimals fits an Int.
        @inline(never)
        public mutating func appendInterpolation(_ numerator: Int, over denominator: Int, decimals: Int, width: Int = 0) {
            var unit = 1
            for _ in 0..<decimals { unit *= 10 }
            var (value, rest) = (numerator * unit).quotientAndRemainder(dividingBy: denominator)
            rest *= 2
            if rest > denominator || (rest == denominator && value % 2 == 1) { value += 1 }
            var columns = decimals == 0 ? 1 : decimals + 2
            var left = value / unit
            while left >= 10 {
                left /= 10
                columns += 1
            }
            while columns < width {
                text.append(UInt8(ascii: " "))
                columns += 1
            }
            appendDigits((value / unit).magnitude, least: 1)
            guard decimals > 0 else { return }
            text.append(UInt8(ascii: "."))
            appendDigits((value % unit).magnitude, least: decimals)
        }

        /// Milliseconds to three decimals.
        @inline(never)
        public mutating func appendInterpolation(nanoseconds: Int64) {
            appendInterpolation(Int(nanoseconds), over: 1_000_000, decimals: 3)
        }

        /// At least so many digits, with zeros in front.
        private mutating func appendDigits(_ number: UInt, least: Int) {
            var unit: UInt = 1
            var digits = 1
            while digits < least || number / unit >= 10 {
                unit *= 10
                digits += 1
            }
            while unit > 0 {
                text.append(UInt8(ascii: "0") + UInt8(number / unit % 10))
                unit /= 10
            }
        }
    }
}
