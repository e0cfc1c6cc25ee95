import CDevices
import FakeCamera
import Foundation
import Testing

@Suite("Camera: compressed frames")
struct CameraJPEGTests {
    private static let start: [UInt8] = [0xff, 0xd8]
    private static let end: [UInt8] = [0xff, 0xd9]
    /// A segment of a thumbnail, which has an end marker of its own.
    private static let thumbnail: [UInt8] = [0xff, 0xe1, 0x00, 0x08, 0xff, 0xd8, 0x11, 0x22, 0xff, 0xd9]
    private static let scanHeader: [UInt8] = [0xff, 0xda, 0x00, 0x08, 1, 1, 0, 0, 63, 0]
    /// With a stuffed zero, a restart marker and fill bytes.
    private static let scanData: [UInt8] = [0x12, 0xff, 0x00, 0x34, 0xff, 0xd0, 0x56, 0xff, 0xff, 0xd7, 0x78]
    private static let whole = start + thumbnail + scanHeader + scanData + end

    @Test("a frame's end marker bounds it, whatever stands behind")
    func ends() throws {
        let progressive = Self.start + Self.scanHeader + Self.scanData + Self.scanHeader + Self.scanData + Self.end
        for picture in [Self.whole, progressive] {
            for padding in [[], [0], Array(repeating: 0, count: 5000), [0xff], [0xff, 0xd9], Self.scanData + Self.end] {
                let frame = try taken(picture + padding)
                #expect(frame.damage == Int32(TEXTPIN_FRAME_WHOLE.rawValue) && frame.count == picture.count)
            }
        }
    }

    @Test("a frame that is cut off anywhere is damaged")
    func cuts() throws {
        for count in 0..<Self.whole.count {
            let expected = count == 0 ? TEXTPIN_FRAME_WRONG_LENGTH : TEXTPIN_FRAME_WRONG_MARKERS
            let frame = try taken(Array(Self.whole.prefix(count)))
            #expect(frame.damage == Int32(expected.rawValue), "the first \(count) bytes")
            #expect(frame.count == 0)
        }
    }

    @Test("frames without JPEG's structure are damaged")
    func broken() throws {
        let broken: [(String, [UInt8])] = [
            ("no start", [0x00] + Self.whole), ("zeros", Array(repeating: 0, count: 4096)),
            ("only 0xff", Array(repeating: 0xff, count: 4096)), ("start and end alone", Self.start + Self.end),
            ("no scan", Self.start + Self.thumbnail + Self.end), ("two starts", Self.start + Self.whole),
            ("a segment shorter than its length", Self.start + [0xff, 0xe0, 0x00, 0x01] + Self.scanHeader + Self.end),
            ("a segment longer than the frame", Self.start + [0xff, 0xe0, 0xff, 0xff] + Self.scanHeader + Self.end),
            ("a reserved marker", Self.start + [0xff, 0x02] + Self.scanHeader + Self.end),
        ]
        for (name, picture) in broken {
            #expect(try taken(picture).damage == Int32(TEXTPIN_FRAME_WRONG_MARKERS.rawValue), "\(name)")
        }
        #expect(try taken(Self.whole, flags: errorFlag).damage == Int32(TEXTPIN_FRAME_FLAGGED.rawValue))
    }

    @Test("noise between a start and an end never reads past the buffer, and never gives more than it has")
    func noise() throws {
        let scripted = try ScriptedCamera(offering: "MJPG", width: 16, height: 16)
        var camera = try scripted.stream("MJPG", width: 16, height: 16)
        var noise = Noise(state: 99)
        for _ in 0..<20_000 {
            // Whole buffers, so that the byte behind the last is on the page that may not be read; rich in markers.
            var picture = (0..<16 * 16 * 2 + 4096).map { _ in
                Bool.random(using: &noise) ? UInt8.random(in: 0xd0...0xff, using: &noise) : UInt8.random(in: 0...255, using: &noise)
            }
            picture.replaceSubrange(0..<2, with: Self.start)
            if Bool.random(using: &noise) { picture.replaceSubrange(picture.count - 2..<picture.count, with: Self.end) }
            scripted.push(picture)
            let frame = try camera.take()
            #expect(frame.count <= picture.count)
            #expect((frame.damage == 0) == (frame.count > 0))
            if frame.damage == 0 { #expect(Array(bytes(of: frame).suffix(2)) == Self.end) }
            try #require(textpin_camera_give_back(&camera, frame.buffer) == 0)
        }
        textpin_camera_close(&camera)
    }

    @Test("photographs are whole, with an older frame's rest behind them too")
    func photographs() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Calibration/samples/images").standardized
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "jpg" }
        try #require(!files.isEmpty)
        for file in files {
            let photograph = [UInt8](try Data(contentsOf: file))
            for rest in [0, photograph.count / 3] {
                let frame = try taken(photograph + photograph.suffix(rest))
                #expect(frame.damage == 0 && frame.count == photograph.count, "\(file.lastPathComponent)")
            }
        }
    }

    /// What becomes of one pushed frame; its bytes are gone.
    private func taken(_ picture: [UInt8], flags: UInt32 = 0) throws -> textpin_camera_frame {
        let scripted = try ScriptedCamera(offering: "MJPG", width: 1024, height: 1024)
        var camera = try scripted.stream("MJPG", width: 1024, height: 1024)
        defer { textpin_camera_close(&camera) }
        try #require(scripted.push(picture, flags: flags))
        return try camera.take()
    }
}
