import CPictures
import PictureFiles

extension Picture {
    /// The most bytes that a picture file may have.
    private static let mostFileBytes = 1 << 30

    /// Reads a JPEG, a PNG or a binary PPM or PGM; which of them it is, its first bytes say and not its name.
    ///
    /// The picture is turned the right way up where the file has an EXIF orientation (JPEG and PNG).
    public init(contentsOf path: String) throws(PictureError) {
        let data: [UInt8]
        do { data = try WholeFile.read(path, limit: Self.mostFileBytes) } catch { throw .file(error) }
        try self.init(data: data, path: path)
    }

    /// Reads a picture file that is in memory; `path` is its name in errors.
    package init(data: [UInt8], path: String) throws(PictureError) {
        if data.starts(with: [0xFF, 0xD8, 0xFF]) {
            let stored = try Self.decode(data, path: path, format: "JPEG", size: textpin_jpeg_size, pixels: textpin_jpeg_decode)
            self = stored.turned(by: data.withUnsafeBytes { ExifOrientation(jpeg: $0) })
        } else if data.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            let stored = try Self.decode(data, path: path, format: "PNG", size: textpin_png_size, pixels: textpin_png_decode)
            self = stored.turned(by: data.withUnsafeBytes { ExifOrientation(png: $0) })
        } else if data.starts(with: [0x50, 0x36]) || data.starts(with: [0x50, 0x35]) {
            try self.init(portableMap: data, path: path)
        } else {
            throw .unknownFormat(path: path)
        }
    }

    /// Refuses a header's size before anything is allocated for it.
    static func check(width: Int, height: Int, path: String) throws(PictureError) {
        guard width > 0, height > 0 else { throw .emptySize(path: path, width: width, height: height) }
        // Each side is at most 2^32, so the product of two admitted sides cannot overflow.
        guard width <= longestSide, height <= longestSide, width * height <= mostPixels else {
            throw .tooLarge(path: path, width: width, height: height)
        }
    }

    private typealias SizeReader = (
        UnsafePointer<UInt8>?, Int, UnsafeMutablePointer<UInt32>?, UnsafeMutablePointer<UInt32>?, UnsafeMutablePointer<CChar>?
    ) -> textpin_picture_status
    private typealias PixelReader = (
        UnsafePointer<UInt8>?, Int, UnsafeMutablePointer<UInt8>?, Int, UnsafeMutablePointer<CChar>?
    ) -> textpin_picture_status

    private static func decode(
        _ data: [UInt8], path: String, format: String, size: SizeReader, pixels readPixels: PixelReader
    ) throws(PictureError) -> Picture {
        var message = [CChar](repeating: 0, count: Int(TEXTPIN_PICTURE_MESSAGE_BYTES))
        var width: UInt32 = 0
        var height: UInt32 = 0
        let sizeStatus = size(data, data.count, &width, &height, &message)
        try check(sizeStatus, message, path: path, format: format)
        try check(width: Int(width), height: Int(height), path: path)
        var status = TEXTPIN_PICTURE_OK
        let pixels = [UInt8](unsafeUninitializedCapacity: Int(width) * Int(height) * 3) { buffer, count in
            status = readPixels(data, data.count, buffer.baseAddress, buffer.count, &message)
            // What a failed decoder leaves unwritten is never read: the array ends here.
            count = status == TEXTPIN_PICTURE_OK ? buffer.count : 0
        }
        try check(status, message, path: path, format: format)
        return Picture(width: Int(width), height: Int(height), pixels: pixels)
    }

    /// Turns a shim's status into the error it stands for.
    static func check(_ status: textpin_picture_status, _ message: [CChar], path: String, format: String) throws(PictureError) {
        switch status {
        case TEXTPIN_PICTURE_OK: return
        case TEXTPIN_PICTURE_CMYK: throw .printColours(path: path)
        case TEXTPIN_PICTURE_OUT_OF_MEMORY: throw .outOfMemory(path: path)
        case TEXTPIN_PICTURE_WRONG_BUFFER: throw .damaged(path: path, format: format, reason: "its header contradicts itself")
        default:
            let words = String(decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            throw .damaged(path: path, format: format, reason: words)
        }
    }
}
