import CDevices
import FakeLines
import Foundation
import Testing

@Suite("Lines")
struct LineTests {
    @Test("lines that no chip has are not found")
    func notFound() {
        var place = textpin_line_place()
        for name in ["", "textpin-no-such-line", String(repeating: "x", count: 100)] {
            let error = textpin_line_find_named(name, name.utf8.count, &place)
            // Chips that this user may not ask might have it.
            #expect(error == ENOENT || error == EACCES)
            #expect(textpin_line_find_offset(name, name.utf8.count, 0, &place) == error)
        }
        #expect(!textpin_line_at(-1, 0, &place))
        #expect(!textpin_line_at(textpin_gpio_chip_limit(), 0, &place))
    }

    @Test("a request at what is no chip is refused with a reason, and leaves nothing open")
    func noChip() {
        let calls = textpin_line_system_calls().pointee
        for path in ["/dev/null", "/dev/no-such-chip"] {
            var place = textpin_line_place()
            withUnsafeMutableBytes(of: &place.chip_path) { $0.copyBytes(from: path.utf8) }
            var line = textpin_line()
            // libgpiod keeps what its first call loads.
            #expect(calls.request_output(&line, &place, "textpin", false, true) != 0)
            let files = openFiles()
            #expect(calls.request_output(&line, &place, "textpin", true, false) != 0)
            #expect(calls.request_input(&line, &place, "textpin", false) != 0)
            #expect(!line.is_requested && line.chip == nil && line.request == nil && line.events == nil)
            #expect(calls.descriptor(&line) == -1)
            calls.release(&line)
            #expect(openFiles() == files)
        }
    }

    private func openFiles() -> Set<String> {
        let folder = "/proc/self/fd"
        let files = FileManager.default
        let numbers = (try? files.contentsOfDirectory(atPath: folder)) ?? []
        let paths = numbers.compactMap { try? files.destinationOfSymbolicLink(atPath: "\(folder)/\($0)") }
        return Set(paths.filter { $0.hasPrefix("/dev/") })
    }
}

@Suite("The double of lines")
struct FakeLineTests {
    @Test("its trace has every level, the first one with the request", arguments: [false, true])
    func trace(isActiveLow: Bool) throws {
        let name = "trace-\(isActiveLow)"
        var place = textpin_line_place()
        try #require(fake_line_create(name, &place))
        defer { fake_line_destroy(name) }
        let calls = fake_line_calls().pointee
        var line = textpin_line()
        #expect(calls.request_output(&line, &place, "textpin", isActiveLow, true) == 0)
        #expect(fake_line_level(name) == !isActiveLow && String(cString: fake_line_consumer(name)) == "textpin")
        var second = textpin_line()
        #expect(calls.request_output(&second, &place, "other", isActiveLow, false) == EBUSY)
        #expect(calls.set(&line, false) == 0)
        fake_line_fail_set(name, 2, EIO)
        #expect(calls.set(&line, true) == 0)
        #expect(calls.set(&line, false) == EIO)
        calls.release(&line)
        calls.release(&line)
        let expected: [(fake_line_action, Bool)] = [
            (FAKE_LINE_REQUESTED_OUTPUT, true), (FAKE_LINE_SET, false), (FAKE_LINE_SET, true), (FAKE_LINE_RELEASED, true),
        ]
        #expect(fake_line_event_count(name) == Int32(expected.count))
        var last: Int64 = 0
        for (index, (action, isOn)) in expected.enumerated() {
            var event = fake_line_event()
            #expect(fake_line_event_at(name, Int32(index), &event))
            #expect(event.action == action && event.level == (isOn != isActiveLow) && event.time >= last)
            last = event.time
        }
        #expect(!fake_line_is_requested(name))
    }

    @Test("an input's events can be waited for and are taken one by one")
    func events() throws {
        var place = textpin_line_place()
        try #require(fake_line_create("events", &place))
        defer { fake_line_destroy("events") }
        let calls = fake_line_calls().pointee
        var line = textpin_line()
        #expect(!fake_line_trigger("events"))
        fake_line_fail_request("events", EBUSY)
        #expect(calls.request_input(&line, &place, "textpin", false) == EBUSY)
        fake_line_fail_request("events", 0)
        #expect(calls.request_input(&line, &place, "textpin", false) == 0)
        #expect(calls.take_event(&line) == EAGAIN)
        #expect(fake_line_trigger("events") && fake_line_trigger("events"))
        var wait = pollfd(fd: calls.descriptor(&line), events: Int16(POLLIN), revents: 0)
        #expect(poll(&wait, 1, 0) == 1)
        #expect(calls.take_event(&line) == 0)
        #expect(calls.take_event(&line) == 0)
        #expect(calls.take_event(&line) == EAGAIN)
        calls.release(&line)
        #expect(calls.descriptor(&line) == -1)
    }
}
