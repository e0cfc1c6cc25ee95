import Calibration
import Testing

struct PicturePNGTests {
    private struct Kind: CustomTestStringConvertible {
        var type: PNGBuilder.ColourType
        var depth: Int
        var interlaced: Bool
        var testDescription: String { "\(type) \(depth) bits\(interlaced ? " interlaced" : "")" }
    }

    private static let kinds = PNGBuilder.ColourType.allCases.flatMap { type in
        type.depths.flatMap { depth in [false, true].map { Kind(type: type, depth: depth, interlaced: $0) } }
    }

    /// An arbitrary sample below 2^depth that uses all of its bits.
    private func sample(_ x: Int, _ y: Int, _ channel: Int, depth: Int) -> Int {
        (x &* 7919 &+ y &* 104_729 &+ channel &* 1_299_709 &+ 4241) % (1 << depth)
    }

    private static let palette: [UInt8] = (0..<256).flatMap { (entry: Int) -> [UInt8] in
        [UInt8(entry), UInt8(255 - entry), UInt8(entry * 7 % 256)]
    }

    /// What the pixel must be, in reals: samples scaled to 0...255 and laid over white by their alpha.
    private func expected(_ kind: Kind, _ x: Int, _ y: Int) -> [Double] {
        let samples = (0..<kind.type.channels).map { sample(x, y, $0, depth: kind.depth) }
        let scaled = samples.map { Double($0) * 255 / Double((1 << kind.depth) - 1) }
        switch kind.type {
        case .grey: return [scaled[0], scaled[0], scaled[0]]
        case .colour: return scaled
        case .palette: return (0..<3).map { Double(Self.palette[samples[0] * 3 + $0]) }
        case .greyAlpha: return [Double](repeating: 255 + (scaled[0] - 255) * scaled[1] / 255, count: 3)
        case .colourAlpha: return (0..<3).map { 255 + (scaled[$0] - 255) * scaled[3] / 255 }
        }
    }

    @Test(arguments: kinds) private func everyKindIsReadRight(kind: Kind) throws {
        var builder = PNGBuilder(width: 13, height: 11, type: kind.type, depth: kind.depth, interlaced: kind.interlaced)
        // A gamma far from sRGB's: a decoder that applied it would be off by dozens of levels.
        builder.chunks = [("gAMA", PNGBuilder.bigEndian(100_000))]
        if kind.type == .palette { builder.chunks.append(("PLTE", Array(Self.palette.prefix(3 << kind.depth)))) }
        let file = builder.file { sample($0, $1, $2, depth: kind.depth) }
        let picture = try Picture(data: file, path: "a.png")
        #expect(picture.width == 13 && picture.height == 11)
        // Every rounding moves a value by half a level at most: colours of 16 bits become 8, alpha of 16 bits becomes 8, and then one is
        // laid over white by the other.
        let hasAlpha = kind.type == .greyAlpha || kind.type == .colourAlpha
        let roundings = hasAlpha && kind.depth == 16 ? 3.0 : 1.0
        for y in 0..<11 {
            for x in 0..<13 {
                let pixel = picture[x, y]
                for (found, wanted) in zip([pixel.red, pixel.green, pixel.blue], expected(kind, x, y)) {
                    #expect(abs(Double(found) - wanted) <= 0.5 * roundings + 1e-9, "at \(x), \(y)")
                }
            }
        }
    }

    @Test func transparentColoursShowWhite() throws {
        var palette = PNGBuilder(width: 4, height: 1, type: .palette, depth: 2)
        palette.chunks = [("PLTE", [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120]), ("tRNS", [255, 0, 128])]
        let indexed = try Picture(data: palette.file { x, _, _ in x }, path: "a.png")
        #expect(Array(indexed.pixels.prefix(6)) == [10, 20, 30, 255, 255, 255])
        #expect(Array(indexed.pixels.suffix(3)) == [100, 110, 120])
        // 128 of 255: half way between the colour and white.
        let halfWay = 255 - 185 * 128.0 / 255
        #expect(abs(Double(indexed[2, 0].red) - halfWay) <= 1)

        for depth in [2, 8, 16] {
            var grey = PNGBuilder(width: 3, height: 1, type: .grey, depth: depth)
            grey.chunks = [("tRNS", [0, 1])]
            let picture = try Picture(data: grey.file { x, _, _ in x }, path: "a.png")
            #expect(picture[0, 0] == (0, 0, 0))
            #expect(picture[1, 0] == (255, 255, 255), "\(depth) bits")
        }
        var colour = PNGBuilder(width: 2, height: 1, type: .colour, depth: 16)
        colour.chunks = [("tRNS", [0x12, 0x34, 0x12, 0x34, 0x12, 0x34])]
        let picture = try Picture(data: colour.file { x, _, _ in x == 0 ? 0x1234 : 0x1235 }, path: "a.png")
        #expect(picture[0, 0] == (255, 255, 255))
        #expect(picture[1, 0] == (0x12, 0x12, 0x12))
    }

    @Test(arguments: [(1, 1), (30_000, 8), (8, 30_000), (65_535, 1)]) func oddSizesAreRead(width: Int, height: Int) throws {
        let file = PNGBuilder(width: width, height: height, type: .grey, depth: 8).file { x, y, _ in (x + y) % 256 }
        let picture = try Picture(data: file, path: "a.png")
        #expect(picture.width == width && picture.height == height)
        let corner = UInt8((width + height - 2) % 256)
        #expect(picture[width - 1, height - 1] == (corner, corner, corner))
    }

    @Test(arguments: [(0, 5), (5, 0), (0, 0)]) func emptyPicturesAreRefused(width: Int, height: Int) {
        let file = PNGBuilder(width: width, height: height, type: .grey, depth: 8).file { _, _, _ in 0 }
        #expect(throws: PictureError.emptySize(path: "a.png", width: width, height: height)) { try Picture(data: file, path: "a.png") }
    }

    @Test(arguments: [(65_536, 1), (1, 65_536), (20_000, 20_000), (0x7FFF_FFFF, 0x7FFF_FFFF), (0xFFFF_FFFF, 0xFFFF_FFFF)])
    func hugePicturesAreRefusedByTheirHeader(width: Int, height: Int) {
        var file = PNGBuilder(width: 1, height: 1, type: .grey, depth: 8).file { _, _, _ in 0 }
        file.replaceSubrange(16..<24, with: PNGBuilder.bigEndian(width) + PNGBuilder.bigEndian(height))
        #expect(throws: PictureError.tooLarge(path: "a.png", width: width, height: height)) { try Picture(data: file, path: "a.png") }
    }

    @Test func everyCutIsAnError() {
        let file = PNGBuilder(width: 9, height: 9, type: .colour, depth: 8).file { x, y, channel in x * 20 + y + channel }
        for length in 0..<file.count {
            let error = #expect(throws: PictureError.self) { try Picture(data: Array(file.prefix(length)), path: "a.png") }
            #expect(error?.exitStatus == 65)
        }
    }

    @Test func aWrongChecksumOfPixelsIsAnError() {
        var file = PNGBuilder(width: 9, height: 9, type: .colour, depth: 8).file { _, _, _ in 7 }
        file[file.count - 40] ^= 1
        let error = #expect(throws: PictureError.self) { try Picture(data: file, path: "a.png") }
        #expect(error?.description.hasPrefix("a.png is a damaged PNG file: ") == true)
    }
}
