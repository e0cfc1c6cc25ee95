import CDevices
import FakeCamera
import FakeLines
import Foundation
import Testing
import Watch

/// What frames show is what the line says, in order, and nothing else is.
@Suite(.serialized) struct FramesToLineTests {
    @Test func theRigsPicturesAreWhatTheyAreCalled() throws {
        #expect(try WatchRig.boxes(in: WatchRig.pictures.text) > 0)
        #expect(try WatchRig.boxes(in: WatchRig.pictures.blank) == 0)
    }

    @Test func twoHundredFramesRaiseAndLowerTheLineInOrder() throws {
        let rig = try WatchRig()
        var loop = try rig.loop(try rig.options())
        #expect(try loop.step { fake_camera_count(rig.camera).open_files == 1 })
        var random = SystemRandomNumberGenerator()
        var expected = [false]
        for _ in 0..<200 {
            let hasText = Bool.random(using: &random)
            #expect(rig.push(hasText ? WatchRig.pictures.text : WatchRig.pictures.blank))
            let taken = fake_camera_count(rig.camera).frames_taken
            #expect(try loop.step { fake_camera_count(rig.camera).frames_taken > taken })
            #expect(rig.level == hasText)
            if expected.last != hasText { expected.append(hasText) }
        }
        #expect(rig.levels == expected)
        let told = try rig.events().filter { $0["event"] as? String == "line" }
        #expect(told.map { $0["on"] as? Bool } == expected.dropFirst().map { $0 })
        let boxes = told.compactMap { $0["boxes"] as? [Any] }
        #expect(boxes.count == told.count)
        #expect(zip(told, boxes).allSatisfy { event, boxes in (event["on"] as? Bool == true) == !boxes.isEmpty })
    }

    @Test func ofSeveralFramesTheNewestIsLookedAt() throws {
        let rig = try WatchRig()
        var loop = try rig.loop(try rig.options())
        #expect(try loop.step { fake_camera_count(rig.camera).open_files == 1 })
        for picture in [WatchRig.pictures.text, WatchRig.pictures.text, WatchRig.pictures.blank] { #expect(rig.push(picture)) }
        #expect(try loop.step { fake_camera_count(rig.camera).frames_taken == 3 })
        #expect(rig.levels == [false])
        #expect(rig.push(WatchRig.pictures.text))
        #expect(try loop.step { rig.level })
        #expect(try loop.step { ((try? rig.status())?["frames"] as? [String: Any])?["dropped"] as? Int == 2 })
    }

    /// Damaged frames show text here: if one were looked at, the line would rise.
    @Test func damagedFramesAreNotLookedAt() throws {
        let rig = try WatchRig()
        var loop = try rig.loop(try rig.options())
        #expect(try loop.step { fake_camera_count(rig.camera).open_files == 1 })
        let text = WatchRig.pictures.text
        // V4L2_BUF_FLAG_ERROR.
        #expect(rig.push(text, flags: 0x40))
        #expect(rig.push(Array(text.dropLast())))
        #expect(rig.push([]))
        #expect(try loop.step { fake_camera_count(rig.camera).frames_taken == 3 })
        #expect(rig.push(WatchRig.pictures.blank))
        #expect(try loop.step { ((try? rig.status())?["frames"] as? [String: Any])?["looked"] as? Int == 1 })
        #expect(rig.levels == [false])
        let damaged = try #require((rig.status()["frames"] as? [String: Any])?["damaged"] as? [String: Int])
        #expect(damaged == ["flagged": 1, "length": 2, "markers": 0, "jpeg": 0])
    }

    @Test func aPictureThatDoesNotChangeIsLookedAtThreeTimesAndThenNowAndThen() throws {
        let rig = try WatchRig()
        let rules = "[watch]\nstill = 4\nlook = 200ms\n[rule text]\nline = text\non = 1 of 1\n"
        var loop = try rig.loop(try rig.options(rules: rules))
        #expect(try loop.step { fake_camera_count(rig.camera).open_files == 1 })
        let start = textpin_monotonic_nanoseconds()
        for _ in 0..<100 {
            #expect(rig.push(WatchRig.pictures.text))
            let taken = fake_camera_count(rig.camera).frames_taken
            #expect(try loop.step { fake_camera_count(rig.camera).frames_taken > taken })
        }
        let passed = Double(textpin_monotonic_nanoseconds() - start) / 1e9
        #expect(rig.level)
        // A change is seen at once.
        #expect(rig.push(WatchRig.pictures.blank))
        #expect(try loop.step { !rig.level })
        #expect(try loop.step { (((try? rig.status())?["frames"] as? [String: Any])?["taken"] as? Int ?? 0) == 101 })
        let frames = try #require(rig.status()["frames"] as? [String: Any])
        let (looked, still) = (frames["looked"] as? Int ?? 0, frames["skipped_still"] as? Int ?? 0)
        #expect(looked + still == 101)
        #expect(still > 50)
        #expect(Double(looked) >= 3 + 1 && Double(looked) <= 5 + passed / 0.2)
    }

    @Test func withoutAPlaceForEventsTheLoopGoesOn() throws {
        let rig = try WatchRig()
        var options = try rig.options()
        // Writing there fails as on a full disk.
        options.events = rig.lasting("/dev/full")
        options.samples = rig.lasting("/proc/self")
        options.sampleInterval = 1
        var loop = try rig.loop(options)
        #expect(try loop.step { fake_camera_count(rig.camera).open_files == 1 })
        for index in 0..<20 {
            #expect(rig.push(index % 2 == 0 ? WatchRig.pictures.text : WatchRig.pictures.blank))
            #expect(try loop.step { rig.level == (index % 2 == 0) })
        }
    }

    @Test func samplesAreSavedAndNotMoreThanAllowed() throws {
        let rig = try WatchRig()
        var options = try rig.options()
        options.samples = rig.lasting(rig.path("samples"))
        options.sampleInterval = 1_000_000
        options.mostSamples = 3
        var loop = try rig.loop(options)
        #expect(try loop.step { fake_camera_count(rig.camera).open_files == 1 })
        let names = { (try? FileManager.default.contentsOfDirectory(atPath: rig.path("samples"))) ?? [] }
        fake_camera_play(rig.camera, fake_camera_make_noise, nil)
        #expect(rig.push(WatchRig.pictures.text))
        #expect(try loop.step { names().count == 3 })
        for _ in 0..<300 { _ = loop.step() }
        let found = names()
        #expect(found.count == 3)
        #expect(found.allSatisfy { $0.hasSuffix(".jpg") })
        let photo = try Photo(path: rig.lasting(rig.path("samples/" + found[0])))
        #expect(photo.width == WatchRig.side && photo.height == WatchRig.side)
    }
}
