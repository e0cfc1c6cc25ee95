import CDevices
import FakeCamera
import Foundation
import Testing

@Suite("Camera: every call failing once")
struct CameraFaultTests {
    /// What one life of a camera came to.
    private struct Life: Equatable {
        var error: Int32 = 0
        var whole = 0
        var wrong = 0
        /// Times that a taken frame had to be asked for again.
        var again = 0
    }

    private static let frameCount = 6

    /// Opens a camera, asks what it has, streams, takes frames and gives them back, and closes; the first error ends it.
    private func live(_ scripted: ScriptedCamera) -> Life {
        var life = Life()
        var camera = textpin_camera()
        life.error = scripted.open(&camera)
        defer { textpin_camera_close(&camera) }
        guard life.error == 0 else { return life }
        var format = textpin_camera_format()
        var index: Int32 = 0
        while textpin_camera_format(&camera, index, &format) { index += 1 }
        var (width, height): (Int32, Int32) = (40, 30)
        textpin_camera_nearest_size(&camera, fourcc("GREY"), &width, &height)
        life.error = textpin_camera_start(&camera, fourcc("GREY"), width, height, 30)
        guard life.error == 0 else { return life }
        for number in 0..<Self.frameCount {
            let picture = (0..<camera.frame_bytes).map { UInt8(truncatingIfNeeded: $0 &* 3 &+ number) }
            scripted.push(picture)
            var frame = textpin_camera_frame()
            life.error = textpin_camera_take(&camera, &frame)
            if life.error == EAGAIN {
                life.again += 1
                life.error = textpin_camera_take(&camera, &frame)
            }
            guard life.error == 0 else { return life }
            if frame.damage == 0 && bytes(of: frame) == picture { life.whole += 1 } else { life.wrong += 1 }
            life.error = textpin_camera_give_back(&camera, frame.buffer)
            guard life.error == 0 else { return life }
        }
        return life
    }

    private static let errors = [EIO, ENODEV, EINVAL, EBUSY, ENOMEM, ENOSPC, EPROTO, EAGAIN]
    private static let healthy = Life(whole: frameCount)

    private func makeCamera() throws -> ScriptedCamera {
        let scripted = try ScriptedCamera(offering: "YUYV")
        for size: UInt32 in [16, 32, 64] { fake_camera_offer(scripted.driver, fourcc("GREY"), size, size) }
        return scripted
    }

    @Test(
        "each control fails once with each errno: an error or all frames, nothing left open or mapped, and the next life is whole",
        arguments: errors)
    func controls(error: Int32) throws {
        let scripted = try makeCamera()
        try #require(live(scripted) == Self.healthy)
        let controls = scripted.counts.controls
        var endedEarly = 0
        for k in 1...controls {
            fake_camera_fail(scripted.driver, FAKE_CAMERA_CONTROL, k, error)
            let life = live(scripted)
            #expect(life.wrong == 0)
            if life.error == 0 {
                #expect(life.whole == Self.frameCount, "control \(k)")
            } else {
                #expect(life.error == error, "control \(k)")
                endedEarly += 1
            }
            #expect(scripted.leavesNothing, "control \(k)")
            // A fault that came too late for this life must not hit the next.
            fake_camera_fail(scripted.driver, FAKE_CAMERA_CONTROL, 0, 0)
            #expect(live(scripted) == Self.healthy, "after control \(k)")
        }
        // Opening, the format, the buffers' five kinds of control, and each frame's two cannot be done without.
        #expect(endedEarly >= 1 + 1 + 1 + 4 + 4 + 1 + Self.frameCount)
    }

    @Test("a signal that interrupts any control changes nothing")
    func interruptions() throws {
        let scripted = try makeCamera()
        try #require(live(scripted) == Self.healthy)
        for k in 1...scripted.counts.controls {
            fake_camera_fail(scripted.driver, FAKE_CAMERA_CONTROL, k, EINTR)
            #expect(live(scripted) == Self.healthy, "control \(k)")
        }
        fake_camera_fail(scripted.driver, FAKE_CAMERA_OPEN, 1, EINTR)
        #expect(live(scripted) == Self.healthy)
        #expect(scripted.leavesNothing)
    }

    @Test("opening and mapping fail once: told, and nothing left; unmapping and closing: the rest is done")
    func otherCalls() throws {
        let scripted = try makeCamera()
        for error in Self.errors {
            fake_camera_fail(scripted.driver, FAKE_CAMERA_OPEN, 1, error)
            #expect(live(scripted) == Life(error: error))
            for k: UInt64 in 1...4 {
                fake_camera_fail(scripted.driver, FAKE_CAMERA_MAP, k, error)
                #expect(live(scripted) == Life(error: error))
                #expect(scripted.leavesNothing)
            }
            fake_camera_fail(scripted.driver, FAKE_CAMERA_CLOSE, 1, error)
            #expect(live(scripted) == Self.healthy)
            #expect(scripted.leavesNothing)
        }
        for k: UInt64 in 1...4 {
            let leaking = try makeCamera()
            fake_camera_fail(leaking.driver, FAKE_CAMERA_UNMAP, k, EINVAL)
            #expect(live(leaking) == Self.healthy)
            #expect(leaking.counts.maps == 1 && leaking.counts.open_files == 0)
        }
    }

    @Test("an unplugged camera ends the life at any control, and the next begins when it is back, also with another format")
    func unplug() throws {
        for control in 0..<40 {
            let scripted = try makeCamera()
            var camera = textpin_camera()
            try #require(scripted.open(&camera) == 0)
            var frame = textpin_camera_frame()
            // Before the start, while frames are taken, and with frames held.
            if control > 0 {
                try #require(textpin_camera_start(&camera, fourcc("GREY"), 32, 32, 0) == 0)
                for number in 0..<control {
                    scripted.push(Array(repeating: 5, count: 32 * 32))
                    guard textpin_camera_take(&camera, &frame) == 0 else { break }
                    if number % 3 != 0 { try #require(textpin_camera_give_back(&camera, frame.buffer) == 0) }
                }
            }
            fake_camera_unplug(scripted.driver)
            if control == 0 {
                #expect(textpin_camera_start(&camera, fourcc("GREY"), 32, 32, 0) == ENODEV)
            } else {
                var wait = pollfd(fd: camera.file, events: Int16(POLLIN), revents: 0)
                #expect(poll(&wait, 1, 0) == 1 && wait.revents & Int16(POLLHUP) != 0)
                #expect(textpin_camera_take(&camera, &frame) == ENODEV)
                #expect(camera.queued_count <= camera.buffer_count)
            }
            textpin_camera_close(&camera)
            textpin_camera_close(&camera)
            #expect(scripted.leavesNothing)
            #expect(scripted.open(&camera) == ENOENT)
            fake_camera_plug(scripted.driver)
            fake_camera_forget_offers(scripted.driver)
            fake_camera_offer(scripted.driver, fourcc("GREY"), 16, 24)
            #expect(live(scripted) == Self.healthy)
            #expect(scripted.leavesNothing)
        }
    }
}
