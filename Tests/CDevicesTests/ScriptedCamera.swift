import CDevices
import FakeCamera
import Foundation
import Testing

/// V4L2's four letters as a number.
func fourcc(_ letters: String) -> UInt32 {
    letters.utf8.reversed().reduce(0) { $0 << 8 | UInt32($1) }
}

/// A fake camera that lasts as long as a test.
final class ScriptedCamera: @unchecked Sendable {
    let driver: OpaquePointer

    init() throws {
        driver = try #require(fake_camera_create(), "a free fake camera")
    }

    deinit {
        fake_camera_destroy(driver)
    }

    /// A camera that offers one format.
    convenience init(offering letters: String, width: UInt32 = 64, height: UInt32 = 48) throws {
        try self.init()
        fake_camera_offer(driver, fourcc(letters), width, height)
    }

    var counts: fake_camera_counts { fake_camera_count(driver) }

    var leavesNothing: Bool {
        let counts = counts
        return counts.open_files == 0 && counts.maps == 0 && counts.violations == 0
    }

    func open(_ camera: inout textpin_camera) -> Int32 {
        textpin_camera_open(&camera, fake_camera_calls(), fake_camera_path(driver))
    }

    /// Opens and starts; fails the test where that fails.
    func stream(_ letters: String, width: Int32 = 64, height: Int32 = 48, rate: Int32 = 0) throws -> textpin_camera {
        var camera = textpin_camera()
        try #require(open(&camera) == 0)
        try #require(textpin_camera_start(&camera, fourcc(letters), width, height, rate) == 0)
        return camera
    }

    @discardableResult
    func push(_ bytes: [UInt8], flags: UInt32 = 0, time: Int64 = 1000) -> Bool {
        fake_camera_push(driver, bytes, bytes.count, flags, time)
    }
}

/// A frame's bytes, which are the driver's again once the buffer is given back.
func bytes(of frame: textpin_camera_frame) -> [UInt8] {
    Array(UnsafeBufferPointer(start: frame.bytes, count: frame.count))
}

/// V4L2_BUF_FLAG_ERROR.
let errorFlag: UInt32 = 0x40

extension textpin_camera {
    /// Takes the next frame; fails the test where there is none.
    mutating func take() throws -> textpin_camera_frame {
        var frame = textpin_camera_frame()
        try #require(textpin_camera_take(&self, &frame) == 0)
        return frame
    }
}

/// xorshift64.
struct Noise: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
