import Calibration
import Testing

struct PictureOrientationTests {
    /// Where the letters of a stored picture with A B over C D stand upright, from what EXIF 2.3 says of the stored first row and column:
    /// for 6, "the 0th row is the visual right-hand side, and the 0th column the visual top".
    private static let upright: [(Int, String)] = [
        (1, "AB/CD"), (2, "BA/DC"), (3, "DC/BA"), (4, "CD/AB"), (5, "AC/BD"), (6, "CA/DB"), (7, "DB/CA"), (8, "BD/AC"),
    ]

    /// A TIFF structure with a tag before and after the orientation, as cameras write it.
    private func tiff(_ orientation: Int, bigEndian: Bool) -> [UInt8] {
        func number(_ value: Int, _ count: Int) -> [UInt8] {
            let low = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
            return bigEndian ? low.reversed() : low
        }
        func entry(_ tag: Int, _ value: Int) -> [UInt8] { number(tag, 2) + number(3, 2) + number(1, 4) + number(value, 2) + [0, 0] }
        return (bigEndian ? [0x4D, 0x4D] : [0x49, 0x49]) + number(42, 2) + number(8, 4) + number(3, 2) + entry(0x0103, 6)
            + entry(0x0112, orientation) + entry(0x0128, 2) + number(0, 4)
    }

    /// 6 x 4 pixels in four quarters: A black, B red, C green, D blue.
    private func png(exif: [UInt8]) -> [UInt8] {
        var builder = PNGBuilder(width: 6, height: 4, type: .colour, depth: 8)
        builder.chunks = [("eXIf", exif)]
        return builder.file { x, y, channel in (y / 2 * 2 + x / 3) == channel + 1 ? 255 : 0 }
    }

    private func letters(_ picture: Picture) -> String {
        func letter(_ x: Int, _ y: Int) -> String {
            let pixel = picture[x, y]
            return pixel.red > 128 ? "B" : pixel.green > 128 ? "C" : pixel.blue > 128 ? "D" : "A"
        }
        let (right, bottom) = (picture.width - 1, picture.height - 1)
        return letter(0, 0) + letter(right, 0) + "/" + letter(0, bottom) + letter(right, bottom)
    }

    @Test(arguments: upright, [true, false]) func everyOrientationOfAPNGStandsUpright(turn: (Int, String), bigEndian: Bool) throws {
        let picture = try Picture(data: png(exif: tiff(turn.0, bigEndian: bigEndian)), path: "a.png")
        #expect(letters(picture) == turn.1)
        #expect(picture.width == (turn.0 < 5 ? 6 : 4) && picture.height == (turn.0 < 5 ? 4 : 6))
    }

    @Test(arguments: upright, [true, false]) func everyOrientationOfAJPEGStandsUpright(turn: (Int, String), bigEndian: Bool) throws {
        try TemporaryFolder.with { folder in
            var stored = Picture(width: 48, height: 32, red: 0, green: 0, blue: 0)
            for y in 0..<32 {
                for x in 0..<48 {
                    stored[x, y] = [(0, 0, 0), (255, 0, 0), (0, 255, 0), (0, 0, 255)][y / 16 * 2 + x / 24]
                }
            }
            try stored.write(to: folder.path("a.jpg"))
            var file = try WholeFile.read(folder.path("a.jpg"), limit: 1 << 20)
            let exif: [UInt8] = Array("Exif\0\0".utf8) + tiff(turn.0, bigEndian: bigEndian)
            // After the JFIF segment, and after one that looks alike but is not Exif.
            let jfifEnd = 4 + Int(file[4]) << 8 + Int(file[5])
            let other: [UInt8] = [0xFF, 0xE1, 0, 8] + Array("http:/".utf8)
            file.insert(contentsOf: other + [0xFF, 0xE1, 0, UInt8(exif.count + 2)] + exif, at: jfifEnd)
            let picture = try Picture(data: file, path: "a.jpg")
            #expect(letters(picture) == turn.1)
            #expect(picture.width == (turn.0 < 5 ? 48 : 32) && picture.height == (turn.0 < 5 ? 32 : 48))
        }
    }

    @Test(arguments: [0, 9, 65_535]) func unknownOrientationsCountAsUpright(orientation: Int) throws {
        #expect(letters(try Picture(data: png(exif: tiff(orientation, bigEndian: true)), path: "a.png")) == "AB/CD")
    }

    @Test func brokenExifCountsAsUpright() throws {
        let whole = tiff(6, bigEndian: false)
        // The orientation's value ends 10 + 12 + 10 bytes into the structure.
        for length in 0..<32 {
            #expect(letters(try Picture(data: png(exif: Array(whole.prefix(length))), path: "a.png")) == "AB/CD")
        }
        var outside = whole
        outside.replaceSubrange(4..<8, with: [0xFF, 0xFF, 0xFF, 0xFF])
        #expect(letters(try Picture(data: png(exif: outside), path: "a.png")) == "AB/CD")
        // Type 4 is LONG, which the specification does not allow here.
        var long = whole
        long[24] = 4
        #expect(letters(try Picture(data: png(exif: long), path: "a.png")) == "AB/CD")
    }
}
