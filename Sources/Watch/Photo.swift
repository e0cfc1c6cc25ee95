import CPictures
import Inference
import Messages
import PictureFiles
import TextDetection

/// A picture file decoded to 8-bit RGB, the right way up. Its memory comes from the system and goes with it.
///
/// libturbojpeg takes heap of its own while it decodes; nothing else does.
public struct Photo: ~Copyable {
    public let width: Int
    public let height: Int
    private let pixels: Arena

    /// What a JPEG's header can state, as on the workstation.
    private static let longestSide = 65_535
    /// A phone's largest sensor, 600 MB as RGB, as on the workstation.
    private static let mostPixels = 200_000_000

    /// Reads a JPEG or a binary PPM or PGM; which of them it is, its first bytes say and not its name.
    public init(path: UnsafePointer<CChar>) throws(Failure) {
        let file = try Self.mapped(path)
        let bytes = file.bytes
        if bytes.count > 3, bytes[0] == 0xFF, bytes[1] == 0xD8, bytes[2] == 0xFF {
            self = try Photo(jpeg: bytes, path: path)
        } else if bytes.count > 2, bytes[0] == UInt8(ascii: "P"), bytes[1] == UInt8(ascii: "6") || bytes[1] == UInt8(ascii: "5") {
            self = try Photo(portableMap: bytes, path: path)
        } else {
            throw Failure(
                "its content is neither JPEG nor binary PPM or PGM, which is what boards read; convert it first", status: 65, path: path)
        }
    }

    private static func mapped(_ path: UnsafePointer<CChar>) throws(Failure) -> MappedFile {
        do throws(ModelError) { return try MappedFile(path: path) } catch { throw .model(path, error) }
    }

    /// Memory for a picture whose header states this size.
    package init(width: Int, height: Int, path: UnsafePointer<CChar>) throws(Failure) {
        guard width > 0, height > 0 else {
            throw Failure("it holds no pixels: its header says \(width) x \(height)", status: 65, path: path)
        }
        guard width <= Self.longestSide, height <= Self.longestSide, width * height <= Self.mostPixels else {
            throw Failure(
                "it is too large: its header says \(width) x \(height), and at most 65535 pixels a side and 200 million in all are read",
                status: 65, path: path)
        }
        pixels = try Self.arena(width: width, height: height, path)
        self.width = width
        self.height = height
    }

    private static func arena(width: Int, height: Int, _ path: UnsafePointer<CChar>) throws(Failure) -> Arena {
        do throws(NetworkError) {
            return try Arena(byteCount: 3 * width * height)
        } catch {
            throw Failure("there is not enough memory for \(width) x \(height) pixels", status: 65, path: path)
        }
    }

    private init(jpeg bytes: UnsafeRawBufferPointer, path: UnsafePointer<CChar>) throws(Failure) {
        let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        var width: UInt32 = 0
        var height: UInt32 = 0
        try Self.check(path) { message in textpin_jpeg_size(start, bytes.count, &width, &height, message) }
        let stored = try Photo(width: Int(width), height: Int(height), path: path)
        let target = stored.start
        let byteCount = stored.pixels.bytes.count
        try Self.check(path) { message in textpin_jpeg_decode(start, bytes.count, target, byteCount, message) }
        let orientation = ExifOrientation(jpeg: bytes)
        guard orientation != .upright else {
            self = stored
            return
        }
        let (uprightWidth, uprightHeight) = orientation.swapsSides ? (stored.height, stored.width) : (stored.width, stored.height)
        let upright = try Photo(width: uprightWidth, height: uprightHeight, path: path)
        orientation.turn(stored.start, width: stored.width, height: stored.height, into: upright.start)
        self = upright
    }

    private init(portableMap bytes: UnsafeRawBufferPointer, path: UnsafePointer<CChar>) throws(Failure) {
        guard let map = PortableMap(bytes) else {
            throw Failure("it is damaged: its header does not hold a width, a height and a largest value", status: 65, path: path)
        }
        let photo = try Photo(width: map.width, height: map.height, path: path)
        guard PortableMap.maximumRange.contains(map.maximum) else {
            throw Failure(
                "it is damaged: its largest value is \(map.maximum), where 1 to 65535 is allowed", status: 65, path: path)
        }
        guard map.foundBytes >= map.neededBytes else {
            throw Failure(
                "it is damaged: it holds \(map.foundBytes) bytes of pixels where \(map.neededBytes) belong", status: 65, path: path)
        }
        map.decode(into: photo.start)
        self = photo
    }

    /// Runs a shim of libturbojpeg's and turns its status into the error it stands for.
    private static func check(
        _ path: UnsafePointer<CChar>, _ call: (UnsafeMutablePointer<CChar>?) -> textpin_picture_status
    ) throws(Failure) {
        let failure: Failure? = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(TEXTPIN_PICTURE_MESSAGE_BYTES)) { message in
            switch call(message.baseAddress) {
            case TEXTPIN_PICTURE_OK: return nil
            case TEXTPIN_PICTURE_CMYK:
                return Failure("it is a JPEG in print colours (CMYK): convert it to RGB first", status: 65, path: path)
            case TEXTPIN_PICTURE_OUT_OF_MEMORY: return Failure("there is not enough memory to decode it", status: 65, path: path)
            case TEXTPIN_PICTURE_WRONG_BUFFER: return Failure("it is damaged: its header contradicts itself", status: 65, path: path)
            default:
                guard let words = message.baseAddress else { return Failure("it is damaged", status: 65, path: path) }
                return Failure("it is a damaged JPEG file: \(UnsafePointer(words))", status: 65, path: path)
            }
        }
        if let failure { throw failure }
    }

    package var start: UnsafeMutablePointer<UInt8> {
        // An arena has at least one byte, so there is a base address.
        pixels.bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self)
    }

    /// A view that must not outlive the photo; nil only for sizes that `init` refuses.
    public var frame: FrameView? { FrameView(pixels: start, width: width, height: height, rowStride: 3 * width, format: .rgb) }
}
