/// Binary PPM and PGM files (P6 and P5 of netpbm), 8 or 16 bits a sample.
enum PortableMap {
    static func decode(_ data: [UInt8], path: String) throws(PictureError) -> Picture {
        let channels = data[1] == UInt8(ascii: "6") ? 3 : 1
        let format = channels == 3 ? "PPM" : "PGM"
        var header = Header(bytes: data[2...])
        guard let width = header.number(), let height = header.number(), let maximum = header.number(), header.endsInSpace() else {
            throw .damaged(path: path, format: format, reason: "its header does not hold a width, a height and a largest value")
        }
        try Picture.check(width: width, height: height, path: path)
        guard (1...65_535).contains(maximum) else {
            throw .damaged(path: path, format: format, reason: "its largest value is \(maximum), where 1 to 65535 is allowed")
        }
        let sampleBytes = maximum > 255 ? 2 : 1
        let samples = header.bytes
        let needed = width * height * channels * sampleBytes
        guard samples.count >= needed else {
            throw .damaged(path: path, format: format, reason: "it holds \(samples.count) bytes of pixels where \(needed) belong")
        }
        let first = samples.startIndex
        let pixels = [UInt8](unsafeUninitializedCapacity: width * height * 3) { buffer, count in
            for index in 0..<buffer.count {
                let position = first + (channels == 3 ? index : index / 3) * sampleBytes
                let value = sampleBytes == 2 ? Int(data[position]) << 8 | Int(data[position + 1]) : Int(data[position])
                buffer[index] = UInt8((min(value, maximum) * 255 + maximum / 2) / maximum)
            }
            count = buffer.count
        }
        return Picture(width: width, height: height, pixels: pixels)
    }

    /// Numbers in ASCII between white space and comments that run from # to the end of the line.
    private struct Header {
        var bytes: ArraySlice<UInt8>

        /// The next number, or nil where there is none or it has more than nine digits.
        mutating func number() -> Int? {
            while let byte = bytes.first {
                if byte == UInt8(ascii: "#") {
                    bytes = bytes.drop { $0 != UInt8(ascii: "\n") }
                } else if isSpace(byte) {
                    bytes.removeFirst()
                } else {
                    break
                }
            }
            let digits = bytes.prefix(10).prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            guard (1...9).contains(digits.count) else { return nil }
            bytes = bytes.dropFirst(digits.count)
            return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        }

        /// Takes the one byte of white space that stands before the pixels.
        mutating func endsInSpace() -> Bool {
            guard let byte = bytes.first, isSpace(byte) else { return false }
            bytes.removeFirst()
            return true
        }

        private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
    }
}
