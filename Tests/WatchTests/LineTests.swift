import CDevices
import FakeCamera
import FakeLines
import Foundation
import Messages
import Testing
import Watch

/// The lines: safe first and last, requested anew when they fail, and driven by rules that may change.
@Suite(.serialized) struct LineTests {
    private func raise(_ rig: WatchRig, _ loop: inout WatchLoop) throws {
        #expect(
            try loop.step {
                if fake_camera_count(rig.camera).open_files == 1 { _ = rig.push(WatchRig.pictures.text) }
                return rig.level
            })
    }

    @Test func aLineIsAtItsSafeLevelFromTheRequestAndAtTheEnd() throws {
        let rig = try WatchRig()
        do {
            let rules = "[watch]\nstill = 0\n[rule text]\nline = text\non = 1 of 1\nsafe = on\n"
            var loop = try rig.loop(try rig.options(rules: rules))
            #expect(rig.level, "safe is on")
            #expect(
                try loop.step {
                    if fake_camera_count(rig.camera).open_files == 1 { _ = rig.push(WatchRig.pictures.blank) }
                    return !rig.level
                })
        }
        #expect(rig.level)
        #expect(!fake_line_is_requested(rig.line))
        #expect(rig.levels == [true, false, true], "no level between")
    }

    @Test func aLineThatSomebodyHoldsIsRefusedAtTheStart() throws {
        let rig = try WatchRig()
        fake_line_fail_request(rig.line, 16)
        let options = try rig.options()
        #expect { _ = try rig.loop(options) } throws: { ($0 as? Failure)?.status == 69 }
    }

    @Test func aLineThatFailsIsRequestedAnew() throws {
        let rig = try WatchRig()
        var loop = try rig.loop(try rig.options())
        #expect(try loop.step { fake_camera_count(rig.camera).open_files == 1 })
        fake_line_fail_set(rig.line, 1, 5)
        #expect(rig.push(WatchRig.pictures.text))
        #expect(
            try loop.step {
                _ = rig.push(WatchRig.pictures.text)
                return rig.level
            })
        #expect(fake_line_event_count(rig.line) > 2)
    }

    @Test func aBadBoardFileChangesNothingAndAGoodOneIsTaken() throws {
        let rig = try WatchRig()
        let signals = try Signals()
        var options = try rig.options()
        options.signals = signals.descriptor
        var loop = try rig.loop(options)
        try raise(rig, &loop)
        let actions = fake_line_event_count(rig.line)
        try "[rule text]\nline = nonsense nonsense\n".write(toFile: rig.path("board.ini"), atomically: true, encoding: .utf8)
        signals.send(SIGHUP)
        // Frames go on, or the line would become safe.
        #expect(
            try loop.step {
                _ = rig.push(WatchRig.pictures.text)
                return (try? rig.status())?["board_problem"] != nil
            })
        #expect((try rig.status()["board_problem"] as? String)?.contains("board.ini:") == true)
        #expect(rig.level)
        // Another rule for the same line: the line stays as it is, for it is still the same line.
        try rig.writeBoard("[watch]\nstill = 0\n[rule text]\nline = text\non = 1 of 1\nhold = 50ms\n")
        signals.send(SIGHUP)
        #expect(
            try loop.step {
                _ = rig.push(WatchRig.pictures.text)
                return (try? rig.status()).map { $0["board_problem"] == nil } ?? false
            })
        #expect(rig.level)
        #expect(fake_line_event_count(rig.line) == actions, "a reload that leaves a line alone must not touch it")
        _ = rig.push(WatchRig.pictures.blank)
        #expect(try loop.step { !rig.level })
    }

    /// A driver's call that does not return: the guard makes the line safe while the loop hangs in it.
    @Test func aHangInADriverMakesTheLineSafe() throws {
        let rig = try WatchRig()
        var loop = try rig.loop(try rig.options())
        try raise(rig, &loop)
        let hang: fake_camera_maker = { _, _ in
            usleep(5_000_000)
            return false
        }
        fake_line_forget_events(rig.line)
        let start = textpin_monotonic_nanoseconds()
        fake_camera_play(rig.camera, hang, nil)
        _ = rig.push(WatchRig.pictures.text)
        _ = loop.step()
        var event = fake_line_event()
        var wentSafeAfter: Int64?
        for index in 0..<fake_line_event_count(rig.line) where fake_line_event_at(rig.line, index, &event) && !event.level {
            wentSafeAfter = wentSafeAfter ?? (event.time - start)
        }
        let after = try #require(wentSafeAfter, "the guard acted")
        #expect(after < 5_000_000_000, "while the driver hung")
    }

    /// A pipe through which a test sends what the kernel would send through signalfd.
    private final class Signals {
        let descriptor: Int32
        private let writing: Int32

        init() throws {
            var ends: [Int32] = [0, 0]
            try #require(pipe(&ends) == 0)
            (descriptor, writing) = (ends[0], ends[1])
            _ = textpin_make_nonblocking(descriptor)
        }

        deinit {
            textpin_close(descriptor)
            textpin_close(writing)
        }

        /// signalfd_siginfo has 128 bytes, the number of the signal ahead.
        func send(_ signal: Int32) {
            var information = [UInt8](repeating: 0, count: 128)
            information[0] = UInt8(signal)
            _ = textpin_write(writing, information, information.count)
        }
    }
}
