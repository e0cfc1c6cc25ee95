import CPictures
import Inference
import Messages
import TextDetection

/// Decodes JPEG frames into memory of its own, one at a time.
///
/// libturbojpeg takes heap of its own for each; nothing else does.
struct JPEGFrames: ~Copyable {
    /// The most that a frame may have.
    let width: Int
    let height: Int
    private let decoder: OpaquePointer
    private let pixels: Arena

    /// Nil if there is not enough memory, or for sizes that JPEG has not.
    init?(width: Int, height: Int) {
        let sides = 1...65_500
        guard sides.contains(width), sides.contains(height), let decoder = textpin_jpeg_decoder_make() else { return nil }
        guard let pixels = try? Arena(byteCount: 3 * width * height) else {
            textpin_jpeg_decoder_free(decoder)
            return nil
        }
        self.width = width
        self.height = height
        self.decoder = decoder
        self.pixels = pixels
    }

    deinit { textpin_jpeg_decoder_free(decoder) }

    /// What a JPEG's header states, if that is a size that can be held; nil otherwise.
    static func size(of bytes: UnsafeRawBufferPointer) -> (width: Int, height: Int)? {
        // Sizes of cameras: more would be a damaged header, and memory taken for nothing.
        let mostPixels = 64_000_000
        var (width, height) = (UInt32(0), UInt32(0))
        var message = PathText()
        let status = message.fill { message, _ in
            textpin_jpeg_size(bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count, &width, &height, message)
        }
        guard status == TEXTPIN_PICTURE_OK, Int(width) * Int(height) <= mostPixels else { return nil }
        return (Int(width), Int(height))
    }

    /// The frame, valid until the next call; nil if it is damaged, of another size than the one given, or larger than this can hold.
    func decode(_ bytes: UnsafeRawBufferPointer, width: Int? = nil, height: Int? = nil) -> FrameView? {
        guard let data = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self),
            let target = pixels.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        else { return nil }
        var (foundWidth, foundHeight) = (UInt32(0), UInt32(0))
        guard textpin_jpeg_decoder_size(decoder, data, bytes.count, &foundWidth, &foundHeight) == TEXTPIN_PICTURE_OK,
            Int(foundWidth) <= self.width, Int(foundHeight) <= self.height,
            width.map({ $0 == Int(foundWidth) }) ?? true, height.map({ $0 == Int(foundHeight) }) ?? true,
            textpin_jpeg_decoder_decode(decoder, data, bytes.count, target, 3 * Int(foundWidth) * Int(foundHeight)) == TEXTPIN_PICTURE_OK
        else { return nil }
        return FrameView(pixels: target, width: Int(foundWidth), height: Int(foundHeight), rowStride: 3 * Int(foundWidth), format: .rgb)
    }
}
