import BoardFile
import CDevices
import Inference
import Messages
import TextDetection

/// What a user says of where frames come from, before it is known what it is.
public struct SourceOptions {
    /// "-", a folder, a picture, or a camera's path, number or name; nil for the first camera.
    public var camera: UnsafePointer<CChar>?
    /// Pictures of a folder in 1000 seconds.
    public var folderRateThousandths = 5000
    /// Whether a folder begins anew at its end.
    public var repeats = false
    /// Of raw frames on standard input, "yuyv" and so on; nil for JPEGs.
    public var format: UnsafePointer<CChar>?
    /// Of raw frames on standard input, WIDTHxHEIGHT; of a camera, what is wished for.
    public var size: UnsafePointer<CChar>?

    public init() {}

    /// Finds out what is meant. A camera's size and formats are the board file's unless given, or else suit the network's input.
    ///
    /// - Parameter board: nil for a machine that no file describes.
    public func choice(board: BoardFile?, model: Model) throws(Failure) -> SourceChoice {
        let size = try size.map { text throws(Failure) in try Self.size(text) }
        guard let camera else { return .camera(wish(("" as StaticString).cString, size, board, model)) }
        if isEqual(camera, "-") { return .stream(descriptor: 0, try layout(size)) }
        switch UInt32(bitPattern: textpin_path_kind_of(camera)) {
        case TEXTPIN_PATH_FILE.rawValue, TEXTPIN_PATH_FOLDER.rawValue:
            return .folder(camera, interval: 1_000_000_000_000 / Int64(max(folderRateThousandths, 1)), repeats: repeats)
        default: return .camera(wish(camera, size, board, model))
        }
    }

    private func wish(
        _ name: UnsafePointer<CChar>, _ size: PixelSize?, _ board: BoardFile?, _ model: Model
    ) -> CameraWish {
        guard let board else {
            return CameraWish(name: name, width: size?.width ?? model.inputWidth, height: size?.height ?? model.inputHeight)
        }
        let asked = size ?? board.frameSize
        var wish = CameraWish(name: name, width: asked.width, height: asked.height)
        for index in 0..<min(board.formats.count, wish.formats.count) {
            let letters = board.formats[index].bytes
            // A board file's formats have four letters each.
            wish.formats[index] = UInt32(letters[0]) | UInt32(letters[1]) << 8 | UInt32(letters[2]) << 16 | UInt32(letters[3]) << 24
        }
        return wish
    }

    private func layout(_ size: PixelSize?) throws(Failure) -> StreamLayout {
        guard let format else { return .jpeg }
        if isEqual(format, "mjpeg") { return .jpeg }
        guard let raw = Self.format(format) else {
            throw Failure("\(format) is no format of frames: mjpeg, yuyv, nv12, yuv420, rgb, bgr or grey was expected", status: 64)
        }
        guard let size else { throw Failure("raw frames have no size of their own: give --frame-size WIDTHxHEIGHT", status: 64) }
        return .raw(raw, width: size.width, height: size.height)
    }

    private static func format(_ name: UnsafePointer<CChar>) -> FrameView.Format? {
        if isEqual(name, "yuyv") { return .yuyv }
        if isEqual(name, "nv12") { return .nv12 }
        if isEqual(name, "yuv420") { return .i420 }
        if isEqual(name, "rgb") { return .rgb }
        if isEqual(name, "bgr") { return .bgr }
        return isEqual(name, "grey") ? .grey : nil
    }

    /// 640x480.
    private static func size(_ text: UnsafePointer<CChar>) throws(Failure) -> PixelSize {
        var sides = InlineArray<2, Int>(repeating: 0)
        var side = 0
        var next = text
        while next.pointee != 0 {
            let byte = UInt8(bitPattern: next.pointee)
            if byte == UInt8(ascii: "x"), side == 0 {
                side = 1
            } else if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte), sides[side] < 10_000 {
                sides[side] = 10 * sides[side] + Int(byte - UInt8(ascii: "0"))
            } else {
                side = 2
            }
            guard side < 2 else { break }
            next += 1
        }
        guard side == 1, (1...65_535).contains(sides[0]), (1...65_535).contains(sides[1]) else {
            throw Failure("\(text) is no size: WIDTHxHEIGHT was expected, such as 640x480", status: 64)
        }
        return PixelSize(width: sides[0], height: sides[1])
    }
}
