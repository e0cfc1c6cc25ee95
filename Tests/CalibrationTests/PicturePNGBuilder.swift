/// PNG files of every kind, written from the specification and not with libpng: what the decoder reads must not depend on who wrote it.
struct PNGBuilder {
    enum ColourType: UInt8, CaseIterable {
        case grey = 0
        case colour = 2
        case palette = 3
        case greyAlpha = 4
        case colourAlpha = 6

        var channels: Int {
            switch self {
            case .grey, .palette: 1
            case .greyAlpha: 2
            case .colour: 3
            case .colourAlpha: 4
            }
        }
        var depths: [Int] {
            switch self {
            case .grey: [1, 2, 4, 8, 16]
            case .palette: [1, 2, 4, 8]
            default: [8, 16]
            }
        }
    }

    var width: Int
    var height: Int
    var type: ColourType
    var depth: Int
    var interlaced = false
    /// Chunks between the header and the pixels, such as ("gAMA", …).
    var chunks: [(name: String, content: [UInt8])] = []

    /// The file, with `sample(x, y, channel)` in 0 ..< 2^depth.
    func file(_ sample: (Int, Int, Int) -> Int) -> [UInt8] {
        var header = Self.bigEndian(width) + Self.bigEndian(height)
        header += [UInt8(depth), type.rawValue, 0, 0, interlaced ? 1 : 0]
        var bytes: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + Self.chunk("IHDR", header)
        for extra in chunks { bytes += Self.chunk(extra.name, extra.content) }
        return bytes + Self.chunk("IDAT", Self.stored(rows(sample))) + Self.chunk("IEND", [])
    }

    /// Filter byte 0 and packed samples for every row, in the seven passes of Adam7 where interlaced.
    private func rows(_ sample: (Int, Int, Int) -> Int) -> [UInt8] {
        let passes =
            interlaced
            ? [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)] : [(0, 0, 1, 1)]
        var bytes: [UInt8] = []
        for (left, top, right, down) in passes where left < width {
            for y in stride(from: top, to: height, by: down) {
                bytes.append(0)
                var bits = 0
                var count = 0
                for x in stride(from: left, to: width, by: right) {
                    for channel in 0..<type.channels {
                        bits = bits << depth | sample(x, y, channel)
                        count += depth
                        while count >= 8 {
                            bytes.append(UInt8(truncatingIfNeeded: bits >> (count - 8)))
                            count -= 8
                        }
                        bits &= (1 << count) - 1
                    }
                }
                if count > 0 { bytes.append(UInt8(bits << (8 - count))) }
            }
        }
        return bytes
    }

    static func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
        let named = Array(name.utf8) + content
        return bigEndian(content.count) + named + bigEndian(Int(checksum(named)))
    }

    static func bigEndian(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }

    /// CRC-32 as PNG has it.
    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var sum = ~UInt32(0)
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? (sum >> 1) ^ 0xEDB8_8320 : sum >> 1 }
        }
        return ~sum
    }

    /// A zlib stream of stored blocks: no compression.
    private static func stored(_ bytes: [UInt8]) -> [UInt8] {
        var stream: [UInt8] = [0x78, 0x01]
        var rest = bytes[...]
        repeat {
            let block = rest.prefix(65_535)
            rest = rest.dropFirst(block.count)
            let (low, high) = (UInt8(block.count & 255), UInt8(block.count >> 8))
            stream += [rest.isEmpty ? 1 : 0, low, high, ~low, ~high] + block
        } while !rest.isEmpty
        var (first, second) = (1, 0)
        for byte in bytes {
            first = (first + Int(byte)) % 65_521
            second = (second + first) % 65_521
        }
        return stream + bigEndian(second << 16 | first)
    }
}
