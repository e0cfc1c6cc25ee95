/// How a stored picture must be turned to stand upright: tag 0x0112 of EXIF 2.3, whose numbers these are.
///
/// A file without the tag, or whose EXIF data cannot be read, counts as upright: a camera's bad metadata does not make a picture unusable.
package enum ExifOrientation: Int, Sendable {
    case upright = 1
    case mirrored = 2
    case halfTurn = 3
    case upsideDownMirrored = 4
    case transposed = 5
    case turnRight = 6
    case transverse = 7
    case turnLeft = 8

    /// Bytes of a PNG's signature, ahead of its first chunk.
    private static let pngSignatureBytes = 8

    /// Whether the upright picture is as wide as the stored one is high.
    package var swapsSides: Bool { rawValue >= 5 }

    /// From a JPEG's first Exif segment (APP1), looked for up to the start of the scan.
    package init(jpeg data: UnsafeRawBufferPointer) {
        let file = BoundedBytes(data, bigEndian: true)
        var position = 2
        while let prefix = file.byte(at: position), prefix == 0xFF, let marker = file.byte(at: position + 1) {
            switch marker {
            case 0xFF:
                position += 1
            case 0x01, 0xD0...0xD7:
                position += 2
            default:
                guard marker != 0xDA, marker != 0xD9, let length = file.number16(at: position + 2), length >= 2 else {
                    self = .upright
                    return
                }
                // "Exif" and two bytes of 0.
                if marker == 0xE1, length >= 8, file.number32(at: position + 4) == 0x4578_6966, file.number16(at: position + 8) == 0,
                    let tiff = file.slice(at: position + 10, count: length - 8)
                {
                    self.init(tiff: tiff)
                    return
                }
                position += 2 + length
            }
        }
        self = .upright
    }

    /// From a PNG's eXIf chunk.
    package init(png data: UnsafeRawBufferPointer) {
        let file = BoundedBytes(data, bigEndian: true)
        var position = Self.pngSignatureBytes
        while let length = file.number32(at: position), let name = file.number32(at: position + 4) {
            // "eXIf".
            if name == 0x6558_4966 {
                self = file.slice(at: position + 8, count: length).map { ExifOrientation(tiff: $0) } ?? .upright
                return
            }
            // Length, name and checksum take 12 bytes besides the content.
            position += 12 + length
        }
        self = .upright
    }

    /// From the TIFF structure that EXIF data is: a byte order, then a directory of twelve-byte entries.
    private init(tiff data: UnsafeRawBufferPointer) {
        self = Self.read(tiff: data) ?? .upright
    }

    private static func read(tiff data: UnsafeRawBufferPointer) -> ExifOrientation? {
        // "MM" for most significant first, "II" for least.
        guard let order = BoundedBytes(data, bigEndian: true).number16(at: 0), order == 0x4D4D || order == 0x4949 else { return nil }
        let tiff = BoundedBytes(data, bigEndian: order == 0x4D4D)
        guard tiff.number16(at: 2) == 42, let directory = tiff.number32(at: 4), let entries = tiff.number16(at: directory) else {
            return nil
        }
        for entry in 0..<entries {
            let position = directory + 2 + entry * 12
            guard let tag = tiff.number16(at: position) else { return nil }
            if tag == 0x0112 {
                // Type 3 is SHORT, whose one value stands in the entry itself.
                guard tiff.number16(at: position + 2) == 3, let value = tiff.number16(at: position + 8) else { return nil }
                return ExifOrientation(rawValue: value)
            }
        }
        return nil
    }

    /// Writes the upright picture: rows of 3-byte pixels without padding, `width` x `height` as stored, `height` x `width` if `swapsSides`.
    package func turn(_ stored: UnsafePointer<UInt8>, width: Int, height: Int, into upright: UnsafeMutablePointer<UInt8>) {
        let (newWidth, newHeight) = swapsSides ? (height, width) : (width, height)
        // The source of an output pixel moves by one stored step to the right and by another downwards.
        let row = width * 3
        let last = (width - 1) * 3
        let bottom = (height - 1) * row
        let (start, right, down): (Int, Int, Int) =
            switch self {
            case .upright: (0, 3, row)
            case .mirrored: (last, -3, row)
            case .halfTurn: (bottom + last, -3, -row)
            case .upsideDownMirrored: (bottom, 3, -row)
            case .transposed: (0, row, 3)
            case .turnRight: (bottom, -row, 3)
            case .transverse: (bottom + last, -row, -3)
            case .turnLeft: (last, row, -3)
            }
        for y in 0..<newHeight {
            for x in 0..<newWidth {
                let source = start + x * right + y * down
                let target = (y * newWidth + x) * 3
                upright[target] = stored[source]
                upright[target + 1] = stored[source + 1]
                upright[target + 2] = stored[source + 2]
            }
        }
    }
}

/// Numbers out of a file's bytes: nil for every place that does not lie inside.
private struct BoundedBytes {
    private let bytes: UnsafeRawBufferPointer
    private let bigEndian: Bool

    init(_ bytes: UnsafeRawBufferPointer, bigEndian: Bool) {
        self.bytes = bytes
        self.bigEndian = bigEndian
    }

    /// Positions are sums of a few 32-bit numbers from the file, which cannot overflow an Int.
    func slice(at position: Int, count: Int) -> UnsafeRawBufferPointer? {
        guard position >= 0, count >= 0, position <= bytes.count, count <= bytes.count - position else { return nil }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<(position + count)])
    }

    func byte(at position: Int) -> UInt8? { slice(at: position, count: 1)?.first }
    func number16(at position: Int) -> Int? { number(at: position, count: 2) }
    func number32(at position: Int) -> Int? { number(at: position, count: 4) }

    private func number(at position: Int, count: Int) -> Int? {
        guard let digits = slice(at: position, count: count) else { return nil }
        var value = 0
        for index in 0..<count { value = value << 8 | Int(digits[bigEndian ? index : count - 1 - index]) }
        return value
    }
}
