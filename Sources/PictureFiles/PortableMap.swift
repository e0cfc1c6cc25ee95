/// A binary PPM or PGM file (P6 and P5 of netpbm), 8 or 16 bits a sample, whose header has been read.
///
/// Before `decode` the caller checks that both sides are within its limits, `maximum` is in `maximumRange`, and no bytes are missing.
package struct PortableMap {
    package static let maximumRange = 1...65_535

    /// 0...999999999, as the two that follow.
    package let width: Int
    package let height: Int
    /// The sample value that stands for full brightness.
    package let maximum: Int
    /// 3 in a PPM, 1 in a PGM.
    package let channels: Int
    private let samples: UnsafeRawBufferPointer

    /// Nil if the header does not hold a width, a height and a largest value. `file` begins with P6 or P5 and outlives the map.
    package init?(_ file: UnsafeRawBufferPointer) {
        channels = file[1] == UInt8(ascii: "6") ? 3 : 1
        var header = Header(bytes: file, position: 2)
        guard let width = header.number(), let height = header.number(), let maximum = header.number(), header.endsInSpace() else {
            return nil
        }
        self.width = width
        self.height = height
        self.maximum = maximum
        samples = UnsafeRawBufferPointer(rebasing: file[header.position...])
    }

    private var sampleBytes: Int { maximum > 255 ? 2 : 1 }
    /// Bytes of samples that belong behind the header; three numbers of nine digits cannot overflow it.
    package var neededBytes: Int { width * height * channels * sampleBytes }
    package var foundBytes: Int { samples.count }

    /// Writes `width` * `height` pixels of 3 bytes.
    package func decode(into rgb: UnsafeMutablePointer<UInt8>) {
        for index in 0..<(width * height * 3) {
            let position = (channels == 3 ? index : index / 3) * sampleBytes
            let value = sampleBytes == 2 ? Int(samples[position]) << 8 | Int(samples[position + 1]) : Int(samples[position])
            rgb[index] = UInt8((min(value, maximum) * 255 + maximum / 2) / maximum)
        }
    }

    /// Numbers in ASCII between white space and comments that run from # to the end of the line.
    private struct Header {
        let bytes: UnsafeRawBufferPointer
        var position: Int

        private var byte: UInt8? { position < bytes.count ? bytes[position] : nil }

        /// The next number, or nil where there is none or it has more than nine digits.
        @inline(never)
        mutating func number() -> Int? {
            while let byte, byte == UInt8(ascii: "#") || isSpace(byte) {
                if byte == UInt8(ascii: "#") {
                    while let next = self.byte, next != UInt8(ascii: "\n") { position += 1 }
                } else {
                    position += 1
                }
            }
            var value = 0
            let first = position
            while let byte, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
                guard position - first < 9 else { return nil }
                value = value * 10 + Int(byte - UInt8(ascii: "0"))
                position += 1
            }
            return position > first ? value : nil
        }

        /// Takes the one byte of white space that stands before the pixels.
        mutating func endsInSpace() -> Bool {
            guard let byte, isSpace(byte) else { return false }
            position += 1
            return true
        }

        private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
    }
}
