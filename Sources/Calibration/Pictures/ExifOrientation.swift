/// How a stored picture must be turned to stand upright: tag 0x0112 of EXIF 2.3, whose numbers these are.
///
/// A file without the tag, or whose EXIF data cannot be read, counts as upright: a camera's bad metadata does not make a picture unusable.
package enum ExifOrientation: Int, Sendable, CaseIterable {
    case upright = 1
    case mirrored = 2
    case halfTurn = 3
    case upsideDownMirrored = 4
    case transposed = 5
    case turnRight = 6
    case transverse = 7
    case turnLeft = 8

    static let pngSignature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    /// From a JPEG's first Exif segment (APP1), looked for up to the start of the scan.
    package init(jpeg data: [UInt8]) {
        let file = BoundedBytes(data[...], bigEndian: true)
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
                if marker == 0xE1, let segment = file.slice(at: position + 4, count: length - 2),
                    segment.starts(with: [0x45, 0x78, 0x69, 0x66, 0, 0])
                {
                    self.init(tiff: segment.dropFirst(6))
                    return
                }
                position += 2 + length
            }
        }
        self = .upright
    }

    /// From a PNG's eXIf chunk.
    package init(png data: [UInt8]) {
        let file = BoundedBytes(data[...], bigEndian: true)
        var position = Self.pngSignature.count
        while let length = file.number32(at: position), let name = file.slice(at: position + 4, count: 4) {
            if name.elementsEqual("eXIf".utf8) {
                self.init(tiff: file.slice(at: position + 8, count: length) ?? [])
                return
            }
            // Length, name and checksum take 12 bytes besides the content.
            position += 12 + length
        }
        self = .upright
    }

    /// From the TIFF structure that EXIF data is: a byte order, then a directory of twelve-byte entries.
    private init(tiff data: ArraySlice<UInt8>) {
        self = Self.read(tiff: data) ?? .upright
    }

    private static func read(tiff data: ArraySlice<UInt8>) -> ExifOrientation? {
        let bigEndian = data.starts(with: [0x4D, 0x4D])
        guard bigEndian || data.starts(with: [0x49, 0x49]) else { return nil }
        let tiff = BoundedBytes(data, bigEndian: bigEndian)
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
}

/// Numbers out of a file's bytes: nil for every place that does not lie inside.
private struct BoundedBytes {
    private let bytes: ArraySlice<UInt8>
    private let bigEndian: Bool

    init(_ bytes: ArraySlice<UInt8>, bigEndian: Bool) {
        self.bytes = bytes
        self.bigEndian = bigEndian
    }

    /// Positions are sums of a few 32-bit numbers from the file, which cannot overflow an Int.
    func slice(at position: Int, count: Int) -> ArraySlice<UInt8>? {
        guard position >= 0, count >= 0, position <= bytes.count, count <= bytes.count - position else { return nil }
        return bytes[(bytes.startIndex + position)..<(bytes.startIndex + position + count)]
    }

    func byte(at position: Int) -> UInt8? { slice(at: position, count: 1)?.first }
    func number16(at position: Int) -> Int? { number(at: position, count: 2) }
    func number32(at position: Int) -> Int? { number(at: position, count: 4) }

    private func number(at position: Int, count: Int) -> Int? {
        guard let digits = slice(at: position, count: count) else { return nil }
        return bigEndian ? digits.reduce(0) { $0 << 8 | Int($1) } : digits.reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}

extension Picture {
    /// The picture as it stands upright, where it is stored with this orientation.
    package func turned(by orientation: ExifOrientation) -> Picture {
        guard orientation != .upright else { return self }
        let swapsSides = orientation.rawValue >= 5
        let (newWidth, newHeight) = swapsSides ? (height, width) : (width, height)
        // The source of an output pixel moves by one stored step to the right and by another downwards.
        let row = width * 3
        let last = (width - 1) * 3
        let bottom = (height - 1) * row
        let (start, right, down): (Int, Int, Int) =
            switch orientation {
            case .upright: (0, 3, row)
            case .mirrored: (last, -3, row)
            case .halfTurn: (bottom + last, -3, -row)
            case .upsideDownMirrored: (bottom, 3, -row)
            case .transposed: (0, row, 3)
            case .turnRight: (bottom, -row, 3)
            case .transverse: (bottom + last, -row, -3)
            case .turnLeft: (last, row, -3)
            }
        let turned = [UInt8](unsafeUninitializedCapacity: pixels.count) { buffer, count in
            for y in 0..<newHeight {
                for x in 0..<newWidth {
                    let source = start + x * right + y * down
                    let target = (y * newWidth + x) * 3
                    buffer[target] = pixels[source]
                    buffer[target + 1] = pixels[source + 1]
                    buffer[target + 2] = pixels[source + 2]
                }
            }
            count = buffer.count
        }
        return Picture(width: newWidth, height: newHeight, pixels: turned)
    }
}
