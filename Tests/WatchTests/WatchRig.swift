import CDevices
import CSelfCheck
import FakeCamera
import FakeLines
import Foundation
import Inference
import Messages
import Testing
import TextDetection
import Watch

/// A watch loop on a fake camera and fake lines, with the network that is part of the program.
final class WatchRig: @unchecked Sendable {
    let camera: OpaquePointer
    let folder: URL
    let line: String
    let node: String
    private var texts: [UnsafeMutablePointer<CChar>] = []
    static let side = 32

    init(_ name: String = #function) throws {
        camera = try #require(fake_camera_create(), "a free fake camera")
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("textpin-watch-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        line = "L" + String(UUID().uuidString.prefix(12))
        // A node's name is looked at, so it must be there; its number is one that no machine has.
        node = folder.appendingPathComponent("video61").path
        FileManager.default.createFile(atPath: node, contents: nil)
        fake_camera_move(camera, node)
        fake_camera_offer(camera, fourcc("RGB3"), UInt32(Self.side), UInt32(Self.side))
        var place = textpin_line_place()
        try #require(fake_line_create(line, &place))
    }

    deinit {
        fake_camera_destroy(camera)
        fake_line_destroy(line)
        for text in texts { free(text) }
        try? FileManager.default.removeItem(at: folder)
    }

    func lasting(_ text: String) -> UnsafePointer<CChar> {
        let copy = strdup(text)!
        texts.append(copy)
        return UnsafePointer(copy)
    }

    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    /// Writes a board file with these rules; `line` in them is this rig's.
    @discardableResult
    func writeBoard(_ rules: String) throws -> String {
        let text = """
            [board]
            name = none
            cpus = 1
            cores = cortex-a53
            kernels = neon
            threads = 1
            memory-megabytes = 64
            [model]
            network = none
            size = 32x32
            [camera]
            formats = RGB3
            size = \(Self.side)x\(Self.side)
            [lines]
            text = \(line)
            \(rules)
            """
        try text.write(toFile: path("board.ini"), atomically: true, encoding: .utf8)
        return path("board.ini")
    }

    static let plainRule = "[watch]\nstill = 0\n[rule text]\nline = text\non = 1 of 1\n"

    func options(rules: String = WatchRig.plainRule) throws -> WatchOptions {
        var options = WatchOptions(source: .camera(CameraWish(name: lasting(node), width: Self.side, height: Self.side)))
        options.board = lasting(try writeBoard(rules))
        options.cameraCalls = fake_camera_calls()
        options.lineCalls = fake_line_calls()
        options.linesAreAnywhere = true
        options.retryDelay = 1_000_000
        options.events = lasting(path("events"))
        options.status = PathText("\(lasting(path("status.json")))")
        options.log = -1
        return options
    }

    func loop(_ options: WatchOptions) throws -> WatchLoop {
        let bytes = UnsafeRawBufferPointer(start: textpin_self_check_network(), count: textpin_self_check_network_bytes())
        return try WatchLoop.make(
            options, loaded: try LoadedModel(bytes: bytes, named: "self-check"), kernels: try #require(KernelSet.chosen()))
    }

    /// The line's levels as they were set, without repetitions, from the request on.
    var levels: [Bool] {
        var levels: [Bool] = []
        var event = fake_line_event()
        for index in 0..<fake_line_event_count(line) {
            guard fake_line_event_at(line, index, &event), event.action != FAKE_LINE_RELEASED else { continue }
            if levels.last != event.level { levels.append(event.level) }
        }
        return levels
    }

    var level: Bool { fake_line_level(line) }

    func events() throws -> [[String: Any]] {
        try String(contentsOfFile: path("events"), encoding: .utf8).split(separator: "\n").map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
    }

    func status() throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path("status.json")))) as? [String: Any])
    }

    func push(_ frame: [UInt8], flags: UInt32 = 0) -> Bool {
        fake_camera_push(camera, frame, frame.count, flags, textpin_monotonic_nanoseconds())
    }

    /// A picture in which the network finds text, and one in which it finds none.
    static let pictures: (text: [UInt8], blank: [UInt8]) = {
        // The network's weights are drawn, so what is text to it is found by trying.
        var text: [UInt8]?
        var blank: [UInt8]?
        var random = Drawn(state: 1)
        for _ in 0..<2000 where text == nil || blank == nil {
            let (first, second) = (UInt8(truncatingIfNeeded: random.next()), UInt8(truncatingIfNeeded: random.next()))
            let bar = Int(random.next() % 12) + 2
            let picture = (0..<3 * side * side).map { (($0 / 3) % side / bar + ($0 / 3) / side / bar) % 2 == 0 ? first : second }
            guard let boxes = try? boxes(in: picture) else { continue }
            if boxes > 0 { text = text ?? picture } else { blank = blank ?? picture }
        }
        return (text ?? [], blank ?? [])
    }()

    private struct Drawn {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33
        }
    }

    /// How many boxes the network finds.
    static func boxes(in picture: [UInt8]) throws -> Int {
        let bytes = UnsafeRawBufferPointer(start: textpin_self_check_network(), count: textpin_self_check_network_bytes())
        let model = try Model(bytes: bytes)
        let arena = try Arena(byteCount: model.arenaByteCount)
        var detector = try TextDetector(model: model, arena: arena.bytes, kernels: try #require(KernelSet.chosen()))
        return try picture.withUnsafeBufferPointer {
            let frame = FrameView(pixels: $0.baseAddress!, width: side, height: side, rowStride: 3 * side, format: .rgb)
            return detector.detect(try #require(frame)).boxes.boxes.count
        }
    }
}

extension WatchLoop {
    /// Steps until something is so; false if it is not within so many seconds.
    mutating func step(seconds: Double = 30, until condition: () throws -> Bool) rethrows -> Bool {
        let end = textpin_monotonic_nanoseconds() + Int64(seconds * 1e9)
        while textpin_monotonic_nanoseconds() < end {
            if try condition() { return true }
            _ = step()
        }
        return try condition()
    }
}

func fourcc(_ letters: String) -> UInt32 { letters.utf8.reversed().reduce(0) { $0 << 8 | UInt32($1) } }
