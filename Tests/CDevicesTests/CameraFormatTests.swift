import CDevices
import FakeCamera
import Foundation
import Testing

@Suite("Camera: opening and agreeing on a format")
struct CameraFormatTests {
    @Test("a node that is absent, captures nothing or cannot stream is refused, and stays closed")
    func refusedNodes() throws {
        let captures: UInt32 = 0x1
        let streams: UInt32 = 0x0400_0000
        let isOutput: UInt32 = 0x2
        for (capabilities, expected) in [(captures | streams, 0), (captures, ENOTTY), (streams, ENOTTY), (isOutput | streams, ENOTTY)] {
            let scripted = try ScriptedCamera(offering: "YUYV")
            fake_camera_set_capabilities(scripted.driver, capabilities)
            var camera = textpin_camera()
            #expect(scripted.open(&camera) == expected)
            #expect((camera.file >= 0) == (expected == 0))
            textpin_camera_close(&camera)
            #expect(scripted.leavesNothing)
        }
        var camera = textpin_camera()
        #expect(textpin_camera_open(&camera, fake_camera_calls(), "/dev/no-such-camera") == ENOENT)
        #expect(camera.file == -1)
        textpin_camera_close(&camera)
    }

    @Test("the system's calls refuse what is no camera")
    func notACamera() {
        for (path, expected) in [("/dev/null", ENOTTY), ("/dev/no-such-camera", ENOENT)] {
            var camera = textpin_camera()
            let error = textpin_camera_open(&camera, textpin_camera_system_calls(), path)
            #expect(error == expected, "\(path) by \(String(cString: textpin_camera_library()))")
            #expect(camera.file == -1)
        }
    }

    @Test("names that fill the driver's arrays are cut, not run over")
    func longNames() throws {
        let scripted = try ScriptedCamera(offering: "YUYV")
        fake_camera_name(scripted.driver, String(repeating: "d", count: 16), String(repeating: "c", count: 32))
        var camera = textpin_camera()
        try #require(scripted.open(&camera) == 0)
        defer { textpin_camera_close(&camera) }
        #expect(withUnsafeBytes(of: camera.driver) { Array($0) } == Array(repeating: UInt8(ascii: "d"), count: 15) + [0])
        #expect(withUnsafeBytes(of: camera.card) { Array($0) } == Array(repeating: UInt8(ascii: "c"), count: 31) + [0])
    }

    @Test("every format is listed, also those that nothing here can read")
    func listedFormats() throws {
        let scripted = try ScriptedCamera()
        let offered = ["pBAA", "H264", "MJPG", "YUYV", "RGB3"]
        for letters in offered { fake_camera_offer(scripted.driver, fourcc(letters), 64, 48) }
        fake_camera_mark_converted(scripted.driver, fourcc("RGB3"))
        var camera = textpin_camera()
        try #require(scripted.open(&camera) == 0)
        defer { textpin_camera_close(&camera) }
        for (index, letters) in offered.enumerated() {
            var format = textpin_camera_format()
            #expect(textpin_camera_format(&camera, Int32(index), &format))
            #expect(format.fourcc == fourcc(letters))
            #expect(format.is_converted == (letters == "RGB3"))
        }
        var format = textpin_camera_format()
        #expect(!textpin_camera_format(&camera, Int32(offered.count), &format))
        #expect(!textpin_camera_format(&camera, -1, &format))
        #expect(textpin_camera_start(&camera, fourcc("H264"), 64, 48, 0) == EINVAL)
    }

    @Test(
        "the nearest of listed sizes: the smallest that is enough, or else the largest",
        arguments: [
            (640, 480, 640, 480), (600, 400, 640, 480), (641, 480, 1280, 720), (100, 720, 1280, 720), (1, 1, 160, 120),
            (1000, 900, 1920, 1080), (4000, 10, 1920, 1080),
        ])
    func nearestListedSize(wish: (width: Int32, height: Int32, chosenWidth: Int32, chosenHeight: Int32)) throws {
        let scripted = try ScriptedCamera()
        for (width, height) in [(1280, 720), (160, 120), (1920, 1080), (640, 480), (0, 0), (4_000_000_000, 4_000_000_000), (60000, 1)] {
            fake_camera_offer(scripted.driver, fourcc("YUYV"), UInt32(width), UInt32(height))
        }
        var camera = textpin_camera()
        try #require(scripted.open(&camera) == 0)
        defer { textpin_camera_close(&camera) }
        var (width, height) = (wish.width, wish.height)
        textpin_camera_nearest_size(&camera, fourcc("YUYV"), &width, &height)
        #expect(width == wish.chosenWidth && height == wish.chosenHeight)
        (width, height) = (wish.width, wish.height)
        textpin_camera_nearest_size(&camera, fourcc("GREY"), &width, &height)
        #expect(width == wish.width && height == wish.height, "a format without a list leaves the wish")
    }

    @Test(
        "the nearest of a range of sizes is on its steps",
        arguments: [
            (640, 480, 640, 480), (33, 33, 48, 36), (1, 1, 32, 32), (5000, 480, 1904, 480), (641, 481, 656, 484), (1904, 1080, 1904, 1080),
        ])
    func nearestStep(wish: (width: Int32, height: Int32, chosenWidth: Int32, chosenHeight: Int32)) throws {
        let scripted = try ScriptedCamera()
        // 1904 is the last step of 16 from 32 that is not past 1910.
        fake_camera_offer_range(scripted.driver, fourcc("YUYV"), 32, 1910, 16, 32, 1080, 4)
        // Ranges that no driver should have.
        fake_camera_offer_range(scripted.driver, fourcc("GREY"), 100, 10, 0, 5, 5, 0)
        fake_camera_offer_range(scripted.driver, fourcc("NV12"), 0, UInt32.max, UInt32.max, 0, UInt32.max, 0)
        var camera = textpin_camera()
        try #require(scripted.open(&camera) == 0)
        defer { textpin_camera_close(&camera) }
        var (width, height) = (wish.width, wish.height)
        textpin_camera_nearest_size(&camera, fourcc("YUYV"), &width, &height)
        #expect(width == wish.chosenWidth && height == wish.chosenHeight)
        for letters in ["GREY", "NV12"] {
            (width, height) = (wish.width, wish.height)
            textpin_camera_nearest_size(&camera, fourcc(letters), &width, &height)
            #expect(width == wish.width && height == wish.height, "\(letters) leaves the wish")
        }
    }

    @Test(
        "what streams is what the driver set, padding of rows included",
        arguments: [
            ("YUYV", 160, 160 * 48), ("NV12", 96, 96 * 72), ("YU12", 96, 96 * 72), ("GREY", 96, 96 * 48), ("RGB3", 224, 224 * 48),
            ("BGR3", 224, 224 * 48),
        ])
    func layouts(expected: (letters: String, stride: Int32, bytes: Int)) throws {
        let scripted = try ScriptedCamera(offering: expected.letters)
        fake_camera_pad_rows(scripted.driver, 32)
        var camera = try scripted.stream(expected.letters, width: 50, height: 50)
        #expect(camera.fourcc == fourcc(expected.letters) && camera.width == 64 && camera.height == 48)
        #expect(camera.row_stride == expected.stride && camera.frame_bytes == expected.bytes)
        #expect(camera.is_streaming && camera.buffer_count == 4 && camera.queued_count == 4)
        textpin_camera_close(&camera)
        #expect(scripted.leavesNothing)
    }

    @Test("the rate is asked for, and is the driver's where it cannot be set")
    func rates() throws {
        let scripted = try ScriptedCamera(offering: "YUYV")
        var camera = try scripted.stream("YUYV", rate: 15)
        #expect(fake_camera_asked_rate(scripted.driver) == 15000 && camera.rate_thousandths == 15000)
        textpin_camera_close(&camera)
        let fixed = try ScriptedCamera(offering: "YUYV")
        fake_camera_fail_request(fixed.driver, setRate, ENOTTY)
        camera = try fixed.stream("YUYV", rate: 15)
        #expect(camera.rate_thousandths == 30000, "the fake's own")
        textpin_camera_close(&camera)
        camera = try fixed.stream("YUYV", rate: 0)
        #expect(camera.rate_thousandths == 30000)
        textpin_camera_close(&camera)
    }

    /// VIDIOC_S_PARM.
    private let setRate: UInt = 0xc0cc_5616

    @Test("a driver that takes another format, or whose sizes contradict each other, is refused and can be asked again")
    func contradictions() throws {
        let lies: [(fake_camera_answer, UInt32)] = [
            (FAKE_CAMERA_FOURCC, fourcc("GREY")), (FAKE_CAMERA_WIDTH, 0), (FAKE_CAMERA_WIDTH, 1_000_000), (FAKE_CAMERA_HEIGHT, 0),
            (FAKE_CAMERA_HEIGHT, UInt32.max), (FAKE_CAMERA_WIDTH, 65), (FAKE_CAMERA_HEIGHT, 49), (FAKE_CAMERA_ROW_STRIDE, 127),
            (FAKE_CAMERA_ROW_STRIDE, 0), (FAKE_CAMERA_ROW_STRIDE, UInt32.max), (FAKE_CAMERA_IMAGE_BYTES, 6143),
            (FAKE_CAMERA_IMAGE_BYTES, 0), (FAKE_CAMERA_IMAGE_BYTES, UInt32.max), (FAKE_CAMERA_BUFFER_COUNT, 0),
            (FAKE_CAMERA_BUFFER_COUNT, 5), (FAKE_CAMERA_BUFFER_COUNT, UInt32.max), (FAKE_CAMERA_BUFFER_LENGTH, 6143),
            (FAKE_CAMERA_BUFFER_LENGTH, 0), (FAKE_CAMERA_BUFFER_LENGTH, UInt32.max),
        ]
        for (answer, value) in lies {
            let scripted = try ScriptedCamera(offering: "YUYV")
            var camera = textpin_camera()
            try #require(scripted.open(&camera) == 0)
            fake_camera_lie(scripted.driver, answer, value)
            #expect(textpin_camera_start(&camera, fourcc("YUYV"), 64, 48, 0) == EPROTO, "answer \(answer.rawValue) of \(value)")
            #expect(!camera.is_streaming && scripted.counts.maps == 0)
            fake_camera_tell_truth(scripted.driver)
            #expect(textpin_camera_start(&camera, fourcc("YUYV"), 64, 48, 0) == 0)
            textpin_camera_close(&camera)
            #expect(scripted.leavesNothing)
        }
        let other = try ScriptedCamera(offering: "GREY")
        var camera = textpin_camera()
        try #require(other.open(&camera) == 0)
        #expect(textpin_camera_start(&camera, fourcc("YUYV"), 64, 48, 0) == EPROTO, "the driver took GREY instead")
        textpin_camera_close(&camera)
    }
}
