import CPictures

extension Picture {
    /// What a JPEG is written with: high, since annotated pictures are looked at closely.
    private static let jpegQuality: Int32 = 92

    /// Writes a JPEG or a PNG, as the path's extension says, under a temporary name that is then renamed.
    public func write(to path: String) throws(PictureError) {
        let encoded = try encoded(for: path)
        do { try WholeFile.write(encoded, to: path) } catch { throw .file(error) }
    }

    private func encoded(for path: String) throws(PictureError) -> [UInt8] {
        let name = path.lowercased()
        if name.hasSuffix(".jpg") || name.hasSuffix(".jpeg") {
            return try encode(path: path, format: "JPEG", bound: textpin_jpeg_bound) {
                pixels, width, height, data, capacity, length, message in
                textpin_jpeg_encode(pixels, width, height, Self.jpegQuality, data, capacity, length, message)
            }
        }
        guard name.hasSuffix(".png") else { throw .unknownExtension(path: path) }
        return try encode(path: path, format: "PNG", bound: textpin_png_bound, pixels: textpin_png_encode)
    }

    private typealias Encoder = (
        UnsafePointer<UInt8>?, UInt32, UInt32, UnsafeMutablePointer<UInt8>?, Int, UnsafeMutablePointer<Int>?, UnsafeMutablePointer<CChar>?
    ) -> textpin_picture_status

    private func encode(
        path: String, format: String, bound: (UInt32, UInt32) -> Int, pixels encode: Encoder
    ) throws(PictureError) -> [UInt8] {
        let (width, height) = (UInt32(self.width), UInt32(self.height))
        let capacity = bound(width, height)
        guard capacity > 0 else { throw .doesNotFitFormat(path: path, format: format, width: self.width, height: self.height) }
        var message = [CChar](repeating: 0, count: Int(TEXTPIN_PICTURE_MESSAGE_BYTES))
        var status = TEXTPIN_PICTURE_OK
        let data = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            var length = 0
            status = encode(pixels, width, height, buffer.baseAddress, capacity, &length, &message)
            count = status == TEXTPIN_PICTURE_OK ? length : 0
        }
        try Self.check(status, message, path: path, format: format)
        return data
    }
}
