import CDevices
import FakeCamera
import Foundation
import Testing

@Suite("Camera: frames")
struct CameraFrameTests {
    @Test("frames come in order with the driver's bytes, times and numbers, and can be waited for")
    func order() throws {
        let scripted = try ScriptedCamera(offering: "GREY")
        var camera = try scripted.stream("GREY")
        fake_camera_set_sequence(scripted.driver, UInt32.max)
        var frame = textpin_camera_frame()
        #expect(textpin_camera_take(&camera, &frame) == EAGAIN)
        #expect(!isReadable(camera.file))
        let pictures = (0..<3).map { seed in (0..<64 * 48).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ seed) } }
        for (index, picture) in pictures.enumerated() {
            #expect(scripted.push(picture, time: 5_000_001_999 + Int64(index) * 33_000_000))
        }
        #expect(isReadable(camera.file))
        for (index, picture) in pictures.enumerated() {
            let frame = try camera.take()
            #expect(bytes(of: frame) == picture)
            #expect(frame.damage == 0 && frame.sequence == UInt32.max &+ UInt32(index))
            // V4L2 counts in microseconds.
            #expect(frame.time == 5_000_001_000 + Int64(index) * 33_000_000)
            #expect(camera.queued_count == 3 - Int32(index))
        }
        #expect(!isReadable(camera.file))
        textpin_camera_close(&camera)
        #expect(scripted.leavesNothing)
    }

    @Test("the time of taking stands in for another clock, and for a time that is still to come")
    func clocks() throws {
        let scripted = try ScriptedCamera(offering: "GREY", width: 8, height: 8)
        var camera = try scripted.stream("GREY", width: 8, height: 8)
        let before = textpin_monotonic_nanoseconds()
        for time in [Int64.min, before + 3_600_000_000_000, Int64.max, -1_000_000_000] {
            scripted.push(Array(repeating: 1, count: 64), time: time)
            let frame = try camera.take()
            #expect(frame.time >= before && frame.time <= textpin_monotonic_nanoseconds())
            #expect(textpin_camera_give_back(&camera, frame.buffer) == 0)
        }
        textpin_camera_close(&camera)
    }

    @Test("damaged raw frames are told by reason")
    func rawDamage() throws {
        let whole = 64 * 48
        let padded = whole + 512
        // Count, flags, claimed count, damage.
        let table: [(count: Int, flags: UInt32, claim: UInt32?, damage: textpin_frame_damage)] = [
            (whole, 0, nil, TEXTPIN_FRAME_WHOLE), (padded, 0, nil, TEXTPIN_FRAME_WHOLE), (whole, errorFlag, nil, TEXTPIN_FRAME_FLAGGED),
            (10, errorFlag, nil, TEXTPIN_FRAME_FLAGGED), (whole - 1, 0, nil, TEXTPIN_FRAME_WRONG_LENGTH),
            (whole + 1, 0, nil, TEXTPIN_FRAME_WRONG_LENGTH), (0, 0, nil, TEXTPIN_FRAME_WRONG_LENGTH),
            (whole, 0, UInt32(padded + 1), TEXTPIN_FRAME_WRONG_LENGTH), (whole, 0, UInt32.max, TEXTPIN_FRAME_WRONG_LENGTH),
        ]
        let scripted = try ScriptedCamera(offering: "GREY")
        fake_camera_lie(scripted.driver, FAKE_CAMERA_IMAGE_BYTES, UInt32(padded))
        var camera = try scripted.stream("GREY")
        for row in table {
            if let claim = row.claim { fake_camera_lie(scripted.driver, FAKE_CAMERA_BYTES_USED, claim) }
            #expect(scripted.push(Array(repeating: 9, count: row.count), flags: row.flags))
            let frame = try camera.take()
            #expect(frame.damage == Int32(row.damage.rawValue), "\(row)")
            #expect(frame.count == (row.damage == TEXTPIN_FRAME_WHOLE ? whole : 0))
            #expect(textpin_camera_give_back(&camera, frame.buffer) == 0)
            fake_camera_tell_truth(scripted.driver)
        }
        textpin_camera_close(&camera)
        #expect(scripted.leavesNothing)
    }

    @Test("of 100 000 frames, a quarter of them damaged, each is told for what it is")
    func manyDamaged() throws {
        let scripted = try ScriptedCamera(offering: "GREY", width: 8, height: 8)
        var camera = try scripted.stream("GREY", width: 8, height: 8)
        var noise = Noise(state: 20_261_123)
        var wrong = 0
        for number in 0..<100_000 {
            let isFlagged = Int.random(in: 0..<8, using: &noise) == 0
            let count = Int.random(in: 0..<8, using: &noise) == 0 ? Int.random(in: 0..<64, using: &noise) : 64
            scripted.push(Array(repeating: UInt8(truncatingIfNeeded: number), count: count), flags: isFlagged ? errorFlag : 0)
            let frame = try camera.take()
            let expected = isFlagged ? TEXTPIN_FRAME_FLAGGED : count < 64 ? TEXTPIN_FRAME_WRONG_LENGTH : TEXTPIN_FRAME_WHOLE
            let isSame = frame.damage != 0 || bytes(of: frame) == Array(repeating: UInt8(truncatingIfNeeded: number), count: 64)
            wrong += frame.damage == Int32(expected.rawValue) && isSame ? 0 : 1
            try #require(textpin_camera_give_back(&camera, frame.buffer) == 0)
        }
        #expect(wrong == 0)
        textpin_camera_close(&camera)
        #expect(scripted.leavesNothing && scripted.counts.frames_taken == 100_000)
    }

    @Test("a buffer that was not the driver's to give is refused")
    func wrongIndex() throws {
        for index in [4, UInt32.max, 0] {
            let scripted = try ScriptedCamera(offering: "GREY")
            var camera = try scripted.stream("GREY")
            scripted.push(Array(repeating: 1, count: 64 * 48))
            _ = try camera.take()
            scripted.push(Array(repeating: 2, count: 64 * 48))
            // Number 0 is held already.
            fake_camera_lie(scripted.driver, FAKE_CAMERA_BUFFER_INDEX, index)
            var frame = textpin_camera_frame()
            #expect(textpin_camera_take(&camera, &frame) == EPROTO, "index \(index)")
            textpin_camera_close(&camera)
            #expect(scripted.leavesNothing)
        }
    }

    @Test("whatever is taken and given back in whatever order, each buffer is the driver's or the program's")
    func accounting() throws {
        let scripted = try ScriptedCamera(offering: "GREY", width: 8, height: 8)
        var camera = try scripted.stream("GREY", width: 8, height: 8)
        var noise = Noise(state: 7)
        var held: [Int32] = []
        var ready = 0
        for _ in 0..<20_000 {
            switch Int.random(in: 0..<3, using: &noise) {
            case 0:
                let isLost = !scripted.push(Array(repeating: 1, count: 64))
                #expect(isLost == (ready + held.count == 4))
                ready += isLost ? 0 : 1
            case 1:
                var frame = textpin_camera_frame()
                let error = textpin_camera_take(&camera, &frame)
                #expect(error == (ready > 0 ? 0 : EAGAIN))
                if error == 0 {
                    #expect(!held.contains(frame.buffer))
                    held.append(frame.buffer)
                    ready -= 1
                }
            default:
                guard let buffer = held.randomElement(using: &noise) else { continue }
                #expect(textpin_camera_give_back(&camera, buffer) == 0)
                held.removeAll { $0 == buffer }
            }
            #expect(camera.queued_count + Int32(held.count) == camera.buffer_count)
        }
        textpin_camera_close(&camera)
        #expect(scripted.leavesNothing)
    }

    private func isReadable(_ file: Int32) -> Bool {
        var wait = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
        return poll(&wait, 1, 0) == 1 && wait.revents & Int16(POLLIN) != 0
    }
}
