import CDevices
import CPictures
import CPreview
import TextDetection

/// The JPEG of a frame, made once for all viewers.
struct ViewerPicture: ~Copyable {
    /// Letters stay sharp enough to judge boxes by.
    private static let liveQuality: Int32 = 80
    /// For a calibration image: no more is lost than a camera's own JPEG loses.
    private static let stillQuality: Int32 = 95

    private var rgb = GrowingMemory()
    private var encoded = GrowingMemory()
    private var count = 0
    /// Which frame the pixels are of, and which the JPEG; 0 for none.
    private var pixelSerial: UInt64 = 0
    private var serial: UInt64 = 0
    private var isStill = false

    /// Nil if there is no frame, or no memory for it; valid until the next call.
    mutating func jpeg(of frame: borrowing PreviewedFrame, _ server: OpaquePointer) -> UnsafeRawBufferPointer? {
        encode(frame, asStill: false, server)
    }

    /// The same at its best.
    mutating func still(of frame: borrowing PreviewedFrame, _ server: OpaquePointer) -> UnsafeRawBufferPointer? {
        encode(frame, asStill: true, server)
    }

    private mutating func encode(
        _ frame: borrowing PreviewedFrame, asStill: Bool, _ server: OpaquePointer
    ) -> UnsafeRawBufferPointer? {
        if serial != frame.serial || isStill != asStill {
            serial = 0
            guard let view = frame.view, writePixels(view, serial: frame.serial), encodePixels(view, asStill: asStill) else { return nil }
            textpin_preview_add(server, Int32(TEXTPIN_PREVIEW_ENCODES.rawValue))
            serial = frame.serial
            isStill = asStill
        }
        return UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(encoded.bytes)[..<count])
    }

    private mutating func writePixels(_ view: FrameView, serial: UInt64) -> Bool {
        guard pixelSerial != serial else { return true }
        pixelSerial = 0
        guard rgb.reserve(3 * view.width * view.height), let pixels = rgb.bytes.baseAddress else { return false }
        view.writeRGB(into: pixels.assumingMemoryBound(to: UInt8.self))
        pixelSerial = serial
        return true
    }

    private mutating func encodePixels(_ view: FrameView, asStill: Bool) -> Bool {
        let (width, height) = (UInt32(view.width), UInt32(view.height))
        let bound = textpin_jpeg_bound(width, height)
        guard bound > 0, encoded.reserve(bound), let pixels = rgb.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self),
            let data = encoded.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        else { return false }
        var message = InlineArray<200, CChar>(repeating: 0)
        var span = message.mutableSpan
        let status = span.withUnsafeMutableBufferPointer { message in
            let (capacity, words) = (encoded.bytes.count, message.baseAddress)
            return asStill
                ? textpin_jpeg_encode(pixels, width, height, Self.stillQuality, data, capacity, &count, words)
                : textpin_jpeg_encode_quickly(pixels, width, height, Self.liveQuality, data, capacity, &count, words)
        }
        return status == TEXTPIN_PICTURE_OK
    }
}
