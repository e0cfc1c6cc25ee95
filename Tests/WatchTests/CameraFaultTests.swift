import CDevices
import CountedHeap
import FakeCamera
import FakeLines
import Foundation
import Testing
import Watch

/// Whatever the camera does, the loop goes on, and the line is safe meanwhile.
@Suite(.serialized) struct CameraFaultTests {
    /// Steps until a frame with text has raised the line.
    private func raise(_ rig: WatchRig, _ loop: inout WatchLoop) throws {
        #expect(
            try loop.step {
                if fake_camera_count(rig.camera).open_files == 1 { _ = rig.push(WatchRig.pictures.text) }
                return rig.level
            })
    }

    @Test func anUnpluggedCameraMakesTheLineSafeAndIsFoundAgain() throws {
        let rig = try WatchRig()
        var loop = try rig.loop(try rig.options())
        for _ in 0..<1000 {
            try raise(rig, &loop)
            fake_camera_unplug(rig.camera)
            #expect(try loop.step { !rig.level })
            fake_camera_plug(rig.camera)
        }
        try raise(rig, &loop)
        let fallen = try #require(try rig.events().last { $0["event"] as? String == "line" && $0["on"] as? Bool == false })
        #expect(fallen["boxes"] == nil, "no picture says so")
        #expect(fake_camera_count(rig.camera).violations == 0)
        #expect(try loop.step { (try? rig.status())?["reopened"] as? Int == 1000 })
    }

    @Test func aSilentCameraIsClosedAndOpenedAnew() throws {
        let rig = try WatchRig()
        var loop = try rig.loop(try rig.options())
        try raise(rig, &loop)
        fake_camera_set_silent(rig.camera, true)
        #expect(try loop.step { !rig.level })
        // It opens well each time, which says nothing: it is waited for until a frame comes.
        #expect(try loop.step { fake_camera_count(rig.camera).opens >= 2 && (try? rig.status())?["state"] as? String == "waiting" })
        #expect(try !loop.step(seconds: 1.5) { (try? rig.status())?["state"] as? String != "waiting" })
        fake_camera_set_silent(rig.camera, false)
        try raise(rig, &loop)
        #expect(fake_camera_count(rig.camera).opens >= 2)
    }

    @Test func aCameraThatGivesDamagedFramesAloneMakesTheLineSafe() throws {
        let rig = try WatchRig()
        var loop = try rig.loop(try rig.options())
        try raise(rig, &loop)
        #expect(
            try loop.step {
                _ = rig.push(WatchRig.pictures.text, flags: 0x40)
                usleep(10_000)
                return !rig.level
            })
        #expect(
            try loop.step {
                _ = rig.push(WatchRig.pictures.text, flags: 0x40)
                return (try? rig.status())?["state"] as? String == "degraded"
            })
        try raise(rig, &loop)
    }

    @Test func aNewFormatAfterAReplugIsTaken() throws {
        let rig = try WatchRig()
        var loop = try rig.loop(try rig.options())
        try raise(rig, &loop)
        fake_camera_unplug(rig.camera)
        fake_camera_forget_offers(rig.camera)
        fake_camera_offer(rig.camera, fourcc("GREY"), 64, 64)
        // From its first stream on.
        fake_camera_play(rig.camera, fake_camera_make_noise, nil)
        fake_camera_plug(rig.camera)
        #expect(
            try loop.step {
                ((try? rig.status())?["camera"] as? [String: Any])?["format"] as? String == "GREY"
                    && (try? rig.status())?["state"] as? String == "watching"
            })
    }

    /// Each control call fails once with each errno: the loop looks again, and nothing is left open.
    @Test(arguments: [5, 19, 22, 16, 12, 28, 71, 11])
    func everyCallOfTheCameraMayFailOnce(errno: Int) throws {
        let rig = try WatchRig()
        var loop = try rig.loop(try rig.options())
        try raise(rig, &loop)
        let controlsOfALife = fake_camera_count(rig.camera).controls
        for k in 1...(controlsOfALife + 10) {
            fake_camera_fail(rig.camera, FAKE_CAMERA_CONTROL, k, Int32(errno))
            fake_camera_unplug(rig.camera)
            #expect(try loop.step { !rig.level }, "call \(k)")
            fake_camera_plug(rig.camera)
            try raise(rig, &loop)
            for _ in 0..<3 {
                _ = rig.push(WatchRig.pictures.text)
                _ = loop.step()
            }
            fake_camera_fail(rig.camera, FAKE_CAMERA_CONTROL, 0, 0)
            try raise(rig, &loop)
        }
        #expect(fake_camera_count(rig.camera).violations == 0)
        #expect(fake_camera_count(rig.camera).open_files == 1)
    }

    /// Memory and descriptors are the whole process's, in which no other test may run.
    private static let isAlone = ProcessInfo.processInfo.environment["TEXTPIN_ALONE"] != nil

    @Test(.enabled(if: isAlone, "it needs a process of its own, as Boards/host/test gives it: TEXTPIN_ALONE=1, and a filter"))
    func aHundredThousandFramesWithAFaultInEachThousandLeakNothing() throws {
        let rig = try WatchRig()
        var options = try rig.options()
        options.events = nil
        var loop = try rig.loop(options)
        fake_camera_play(rig.camera, fake_camera_make_noise, nil)
        var (memory, files) = ([Int](), 0)
        let lost = fake_camera_count(rig.camera).frames_lost
        for thousand in 1...100 {
            let goal = UInt64(1000 * thousand)
            #expect(try loop.step { fake_camera_count(rig.camera).frames_taken >= goal })
            // After some faults of each kind, what is there for the first time has been there.
            if thousand >= 40, thousand % 20 == 0 { memory.append(residentPages()) }
            if thousand == 40 { files = openFiles() }
            if thousand == 100 { break }
            // The double's trace would grow.
            fake_line_forget_events(rig.line)
            if thousand % 2 == 0 {
                fake_camera_fail(rig.camera, FAKE_CAMERA_CONTROL, 1, 5)
            } else {
                fake_camera_unplug(rig.camera)
                #expect(try loop.step { fake_camera_count(rig.camera).open_files == 0 })
                fake_camera_plug(rig.camera)
            }
        }
        // The test's own runner touches pages now and then, in one stretch or another; what each fault leaves behind is there in each of the three: 410 bytes
        // for each of its 20 faults would be two pages.
        let growths = zip(memory.dropFirst(), memory).map { $0 - $1 }
        #expect(try #require(growths.min()) < 2, "\(growths)")
        #expect(openFiles() == files)
        #expect(fake_camera_count(rig.camera).frames_lost == lost)
    }

    @Test func aThousandFramesMakeNoCallOfTheHeap() throws {
        let rig = try WatchRig()
        var loop = try rig.loop(try rig.options())
        fake_camera_play(rig.camera, fake_camera_make_noise, nil)
        #expect(try loop.step { fake_camera_count(rig.camera).frames_taken >= 100 })
        counted_heap_watch()
        counted_heap_start()
        let goal = fake_camera_count(rig.camera).frames_taken + 1000
        while fake_camera_count(rig.camera).frames_taken < goal { _ = loop.step() }
        #expect(counted_heap_stop() == 0)
    }

    private func residentPages() -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        return text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    }

    private func openFiles() -> Int { (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0 }
}
