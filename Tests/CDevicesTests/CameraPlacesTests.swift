import CDevices
import FakeCamera
import Foundation
import Testing

/// Folders that stand for /dev and /sys, with cameras plugged into them.
private final class MadeUpMachine {
    let folder: URL
    private let devices: String
    private let classes: String
    private var cameras: [Int: ScriptedCamera] = [:]
    private let files = FileManager.default

    init() throws {
        folder = files.temporaryDirectory.appending(path: "textpin-places-\(UUID().uuidString)")
        (devices, classes) = (folder.appending(path: "dev").path, folder.appending(path: "sys/class/video4linux").path)
        try files.createDirectory(atPath: devices + "/v4l/by-id", withIntermediateDirectories: true)
        try files.createDirectory(atPath: classes, withIntermediateDirectories: true)
    }

    deinit {
        try? files.removeItem(at: folder)
    }

    func withPlaces<Result>(_ body: (UnsafePointer<textpin_camera_places>) -> Result) -> Result {
        devices.withCString { devices in
            classes.withCString { classes in
                var places = textpin_camera_places(devices: devices, classes: classes, calls: fake_camera_calls())
                return body(&places)
            }
        }
    }

    func path(_ number: Int) -> String { "\(devices)/video\(number)" }

    /// A node that is not USB's.
    func plug(_ number: Int, driver: String, card: String, capabilities: UInt32 = 0x0400_0001) throws {
        let camera = try ScriptedCamera(offering: "YUYV")
        fake_camera_move(camera.driver, path(number))
        fake_camera_name(camera.driver, driver, card)
        fake_camera_set_capabilities(camera.driver, capabilities)
        cameras[number] = camera
        try Data().write(to: URL(filePath: path(number)))
        try files.createDirectory(atPath: "\(classes)/video\(number)", withIntermediateDirectories: true)
    }

    /// A USB camera's node, as `index` of those that its interface has.
    func plugUSB(_ number: Int, id: String, serial: String?, port: String, index: Int = 0, card: String = "USB Camera") throws {
        try plug(number, driver: "uvcvideo", card: card)
        let device = folder.appending(path: "sys/devices/usb/\(port)").path
        try files.createDirectory(atPath: "\(device)/\(port):1.0", withIntermediateDirectories: true)
        let parts = id.split(separator: ":")
        try "\(parts[0])\n".write(toFile: device + "/idVendor", atomically: true, encoding: .utf8)
        try "\(parts[1])\n".write(toFile: device + "/idProduct", atomically: true, encoding: .utf8)
        if let serial { try "\(serial)\n".write(toFile: device + "/serial", atomically: true, encoding: .utf8) }
        try "\(index)\n".write(toFile: "\(classes)/video\(number)/index", atomically: true, encoding: .utf8)
        try files.createSymbolicLink(
            atPath: "\(classes)/video\(number)/device", withDestinationPath: "../../../devices/usb/\(port)/\(port):1.0")
    }

    func unplug(_ number: Int, port: String? = nil) throws {
        cameras[number] = nil
        try files.removeItem(atPath: path(number))
        try files.removeItem(atPath: "\(classes)/video\(number)")
        if let port { try files.removeItem(at: folder.appending(path: "sys/devices/usb/\(port)")) }
    }

    func link(_ name: String, to number: Int) throws {
        try files.createSymbolicLink(atPath: "\(devices)/v4l/by-id/\(name)", withDestinationPath: "../../video\(number)")
    }

    func identify(_ path: String) -> (error: Int32, identity: textpin_camera_identity) {
        var identity = textpin_camera_identity()
        return (withPlaces { textpin_camera_identify_in($0, path, &identity) }, identity)
    }

    /// The node's number, or an errno as a negative one.
    func find(_ identity: textpin_camera_identity) -> Int {
        withUnsafePointer(to: identity) { identity in
            answer { textpin_camera_find_in($0, identity, $1, $2) }
        }
    }

    func resolve(_ name: String) -> Int {
        answer { textpin_camera_resolve_in($0, name, $1, $2) }
    }

    private func answer(_ ask: (UnsafePointer<textpin_camera_places>, UnsafeMutablePointer<CChar>, Int) -> Int32) -> Int {
        var text = [CChar](repeating: 0, count: 512)
        let error = withPlaces { places in text.withUnsafeMutableBufferPointer { ask(places, $0.baseAddress!, $0.count) } }
        guard error == 0 else { return -Int(error) }
        let path = text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        let name = URL(filePath: path).resolvingSymlinksInPath().lastPathComponent
        return Int(name.dropFirst("video".count)) ?? -1000
    }
}

@Suite("Camera: which one it is")
struct CameraPlacesTests {
    @Test("a camera with a serial number is known at any port and number, and no other is taken for it")
    func bySerial() throws {
        let machine = try MadeUpMachine()
        try machine.plugUSB(0, id: "046d:0825", serial: "A1B2", port: "1-1.2")
        try machine.plugUSB(1, id: "046d:0825", serial: "A1B2", port: "1-1.2b", index: 1)
        try machine.plugUSB(2, id: "046d:0825", serial: "FFFF", port: "1-1.3")
        let (error, identity) = machine.identify(machine.path(0))
        #expect(error == 0)
        #expect(machine.find(identity) == 0)
        try machine.unplug(0, port: "1-1.2")
        #expect(machine.find(identity) == -Int(ENODEV), "the same kind with another number, and another node of its own, are there")
        try machine.plugUSB(0, id: "046d:0825", serial: "EEEE", port: "1-1.2")
        try machine.plugUSB(3, id: "046d:0826", serial: "A1B2", port: "1-4")
        try machine.plugUSB(4, id: "046e:0825", serial: "A1B2", port: "1-5")
        try machine.plug(5, driver: "vivid", card: "vivid")
        #expect(machine.find(identity) == -Int(ENODEV))
        try machine.plugUSB(9, id: "046d:0825", serial: "A1B2", port: "2-2")
        #expect(machine.find(identity) == 9)
    }

    @Test("a camera without a serial number is known at its port")
    func byPort() throws {
        let machine = try MadeUpMachine()
        try machine.plugUSB(0, id: "1234:5678", serial: nil, port: "1-1")
        try machine.plugUSB(2, id: "1234:5678", serial: nil, port: "1-2")
        let (error, identity) = machine.identify(machine.path(2))
        #expect(error == 0 && machine.find(identity) == 2)
        try machine.unplug(2, port: "1-2")
        #expect(machine.find(identity) == -Int(ENODEV))
        try machine.plugUSB(7, id: "1234:9999", serial: nil, port: "1-2")
        #expect(machine.find(identity) == -Int(ENODEV), "another kind at its port")
        try machine.unplug(7, port: "1-2")
        try machine.plugUSB(8, id: "1234:5678", serial: nil, port: "1-2")
        #expect(machine.find(identity) == 8)
    }

    @Test("two cameras with one serial number are known by their ports, and never mistaken for each other")
    func sharedSerial() throws {
        let machine = try MadeUpMachine()
        try machine.plugUSB(0, id: "0c45:6366", serial: "SN0001", port: "1-1")
        let (_, alone) = machine.identify(machine.path(0))
        try machine.plugUSB(2, id: "0c45:6366", serial: "SN0001", port: "1-2")
        let (_, second) = machine.identify(machine.path(2))
        #expect(machine.find(second) == 2)
        #expect(machine.find(alone) == -Int(ENODEV), "which of the two it was, nothing says")
        try machine.unplug(2, port: "1-2")
        #expect(machine.find(second) == -Int(ENODEV))
        #expect(machine.find(alone) == 0)
    }

    @Test("a camera that is not USB's is known by driver, card and bus")
    func byDriver() throws {
        let machine = try MadeUpMachine()
        try machine.plug(0, driver: "vivid", card: "vivid")
        try machine.plug(1, driver: "bm2835 mmal", card: "mmal service 16.1")
        let (error, identity) = machine.identify(machine.path(1))
        #expect(error == 0 && machine.find(identity) == 1)
        try machine.unplug(1)
        #expect(machine.find(identity) == -Int(ENODEV))
    }

    @Test("links lead to the node; what is no node is refused")
    func paths() throws {
        let machine = try MadeUpMachine()
        try machine.plugUSB(3, id: "046d:0825", serial: "A1B2", port: "1-1")
        try machine.link("usb-046d_HD_Webcam_A1B2-video-index0", to: 3)
        let byID = machine.folder.appending(path: "dev/v4l/by-id/usb-046d_HD_Webcam_A1B2-video-index0").path
        let (error, identity) = machine.identify(byID)
        #expect(error == 0 && machine.find(identity) == 3)
        #expect(machine.identify(machine.path(4)).error == ENOENT)
        #expect(machine.identify("/dev/null").error == ENOTTY)
        #expect(machine.identify("/").error == ENOTTY)
        #expect(machine.find(textpin_camera_identity()) == -Int(ENODEV))
    }

    @Test("a serial number that does not fit is no serial number")
    func longSerial() throws {
        let machine = try MadeUpMachine()
        let long = String(repeating: "x", count: 200)
        try machine.plugUSB(0, id: "046d:0825", serial: long + "1", port: "1-1")
        let (error, identity) = machine.identify(machine.path(0))
        #expect(error == 0 && machine.find(identity) == 0)
        try machine.unplug(0, port: "1-1")
        try machine.plugUSB(1, id: "046d:0825", serial: long + "2", port: "1-2")
        #expect(machine.find(identity) == -Int(ENODEV))
    }

    @Test("a user's words: a path, a number, a link's name, (part of) a card's name, nothing")
    func words() throws {
        let machine = try MadeUpMachine()
        let metadata: UInt32 = 0x0480_0000
        try machine.plug(0, driver: "uvcvideo", card: "HD Webcam: Metadata", capabilities: metadata)
        try machine.plug(1, driver: "uvcvideo", card: "HD Webcam C615")
        try machine.plug(3, driver: "uvcvideo", card: "HD Webcam")
        try machine.link("usb-Microscope-video-index0", to: 3)
        let table: [(String, Int)] = [
            ("", 1), ("HD Webcam", 3), ("c615", 1), ("webcam", 1), ("3", 3), ("03", 3), ("0", 0), ("2", -Int(ENODEV)), ("64", -Int(ENODEV)),
            ("usb-Microscope-video-index0", 3), (machine.path(3), 3), (machine.path(2), -Int(ENODEV)), ("Metadata", -Int(ENODEV)),
            ("no such camera", -Int(ENODEV)), ("-1", -Int(ENODEV)),
        ]
        for (word, expected) in table { #expect(machine.resolve(word) == expected, "“\(word)”") }
        let empty = try MadeUpMachine()
        for word in ["", "0", "webcam"] { #expect(empty.resolve(word) == -Int(ENODEV)) }
    }

    @Test("paths that do not fit are refused, not cut")
    func shortPaths() throws {
        let machine = try MadeUpMachine()
        try machine.plug(0, driver: "vivid", card: "vivid")
        let (_, identity) = machine.identify(machine.path(0))
        for size in [0, 1, machine.path(0).utf8.count] {
            var text = [CChar](repeating: 1, count: size + 1)
            withUnsafePointer(to: identity) { identity in
                #expect(machine.withPlaces { textpin_camera_find_in($0, identity, &text, size) } == ENAMETOOLONG)
            }
            for word in ["", "0", "vivid", machine.path(0)] {
                #expect(machine.withPlaces { textpin_camera_resolve_in($0, word, &text, size) } == ENAMETOOLONG, "“\(word)” in \(size)")
            }
            #expect(text[size] == 1)
        }
    }
}
