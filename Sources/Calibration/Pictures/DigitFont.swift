/// A font of ten digits and a point, 5 x 7 squares each: what a score's label needs.
enum DigitFont {
    /// Seven rows for each sign, top first; the highest of five bits is the left column.
    private static let digits: [[UInt8]] = [
        [0b01110, 0b10001, 0b10011, 0b10101, 0b11001, 0b10001, 0b01110],
        [0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110],
        [0b01110, 0b10001, 0b00001, 0b00010, 0b00100, 0b01000, 0b11111],
        [0b11111, 0b00010, 0b00100, 0b00010, 0b00001, 0b10001, 0b01110],
        [0b00010, 0b00110, 0b01010, 0b10010, 0b11111, 0b00010, 0b00010],
        [0b11111, 0b10000, 0b11110, 0b00001, 0b00001, 0b10001, 0b01110],
        [0b00110, 0b01000, 0b10000, 0b11110, 0b10001, 0b10001, 0b01110],
        [0b11111, 0b00001, 0b00010, 0b00100, 0b01000, 0b01000, 0b01000],
        [0b01110, 0b10001, 0b10001, 0b01110, 0b10001, 0b10001, 0b01110],
        [0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b00010, 0b01100],
    ]
    private static let point: [UInt8] = [0, 0, 0, 0, 0, 0b01100, 0b01100]
    private static let columns = 5
    private static let rows = 7

    /// A score as it is printed: 0.87 for 0.874; what is not in 0...1 is moved there.
    static func hundredths(_ score: Double) -> String {
        let value = score.isNaN ? 0 : Int((min(max(score, 0), 1) * 100).rounded())
        return "\(value / 100).\(value / 10 % 10)\(value % 10)"
    }

    /// With one square of space on every side and between signs.
    static func size(of text: String, scale: Int) -> (width: Int, height: Int) {
        ((text.utf8.count * (columns + 1) + 1) * scale, (rows + 2) * scale)
    }

    /// Calls `body` with the top left corner of every inked square of `scale` pixels, counted from the label's top left corner.
    static func forEachSquare(of text: String, scale: Int, _ body: (_ x: Int, _ y: Int) -> Void) {
        for (place, sign) in text.utf8.enumerated() {
            let shape = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(sign) ? digits[Int(sign - UInt8(ascii: "0"))] : point
            for (row, bits) in shape.enumerated() {
                for column in 0..<columns where bits >> (columns - 1 - column) & 1 == 1 {
                    body((1 + place * (columns + 1) + column) * scale, (1 + row) * scale)
                }
            }
        }
    }
}
