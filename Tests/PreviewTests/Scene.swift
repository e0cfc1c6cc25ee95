import Calibration
import Foundation
import Inference
import Messages
import TestNetworks
import Testing
import TextDetection
import Watch

/// A preview, with frames and logits that are drawn from a number, so that a picture and its boxes tell which frame they are of.
final class Scene {
    /// One model for all tests: making it takes longer than they do.
    private static let file = Result { ModelBytes(try TestNetwork.all[0].calibrated(pictures: 1).bytes) }

    static let frameWidth = 128
    static let frameHeight = 64

    private let model: Model
    // Goes before the arena that it lives in.
    private var detector: TextDetector
    private let arena: Arena
    private var preview: Preview

    init(_ address: String = "127.0.0.1:0", token: String? = nil) throws {
        model = try Model(bytes: UnsafeRawBufferPointer(try Self.file.get().bytes))
        arena = try Arena(byteCount: model.arenaByteCount)
        guard let kernels = KernelSet.chosen() else { throw KernelChoiceError() }
        detector = try TextDetector(model: model, arena: arena.bytes, kernels: kernels)
        preview = try Self.preview(address, token, model)
    }

    private static func preview(_ address: String, _ token: String?, _ model: Model) throws -> Preview {
        // They need not outlive the call.
        let address = strdup(address)
        let token = token.flatMap { strdup($0) }
        defer {
            free(address)
            free(token)
        }
        guard let address else { throw Viewer.NoAnswer() }
        return try Preview(address: address, token: token, model: model, settings: BoxSettings(model))
    }

    var port: UInt16 { preview.port }
    var isWatched: Bool { preview.isWatched }
    func counted(_ count: Preview.Count) -> Int { preview.counted(count) }

    func viewer(from peer: String = "127.0.0.1", receiveBytes: Int32? = nil) throws -> Viewer {
        try Viewer(of: self, port: port, peer: peer, receiveBytes: receiveBytes)
    }

    /// A viewer that has asked for a frame once, so that frames are shown from now on.
    func watcher() throws -> Viewer {
        let viewer = try viewer()
        #expect(try viewer.ask("/frame").status == 204)
        return viewer
    }

    /// The grey of frame `number`.
    static func grey(_ number: UInt32) -> UInt8 { UInt8(20 + number * 53 % 200) }
    /// Where the text of frame `number` begins on the map.
    static func left(_ number: UInt32) -> Int { 4 + Int(number % 7) * 6 }

    static let rows = 8..<20
    static let columns = 16

    /// Logits that are 4 where there is text, 1 in a rim of three pixels around it, and -6 elsewhere.
    private func logits(_ number: UInt32) -> [Int16] {
        var logits = [Int16](repeating: -6 * 2048, count: model.inputWidth * model.inputHeight)
        let left = Self.left(number)
        for y in Self.rows {
            for x in left..<(left + Self.columns) {
                let isRim = y < Self.rows.lowerBound + 3 || y >= Self.rows.upperBound - 3 || x < left + 3 || x >= left + Self.columns - 3
                logits[y * model.inputWidth + x] = isRim ? 1 * 2048 : 4 * 2048
            }
        }
        return logits
    }

    /// Shows frame `number`, of one grey.
    func publish(_ number: UInt32, width: Int = frameWidth, height: Int = frameHeight, status: String = "{}") -> Bool {
        let pixels = [UInt8](repeating: Self.grey(number), count: width * height)
        let logits = logits(number)
        let status = Array(status.utf8)
        return pixels.withUnsafeBufferPointer { pixels in
            guard let frame = FrameView(pixels: pixels.baseAddress!, width: width, height: height, rowStride: width, format: .grey)
            else { return false }
            let detection = detector.detect(frame)
            return status.withUnsafeBufferPointer { status in
                preview.publish(frame, detection, logits: logits, sequence: number, status: status)
            }
        }
    }

    /// The same, again while a viewer's thread is taking the frame before.
    func show(_ number: UInt32, width: Int = frameWidth, height: Int = frameHeight, status: String = "{}") {
        #expect((0..<1000).contains { _ in publish(number, width: width, height: height, status: status) }, "somebody must watch")
    }

    func publish(status: String) -> Bool {
        Array(status.utf8).withUnsafeBufferPointer { preview.publish(status: $0) }
    }

    func show(status: String) {
        #expect((0..<1000).contains { _ in publish(status: status) })
    }
}

/// What `/frame` answers, taken apart.
struct ShownFrame {
    struct Header: Decodable {
        struct Box: Decodable {
            var polygon: [[Double]]
            var score: Double
        }
        struct Settings: Decodable, Equatable {
            var threshold: Double
            var score: Double
            var unclip: Double
        }
        var sequence: UInt32
        var size: [Int]
        var settings: Settings
        var boxes: [Box]
        var dropped: Int
    }

    var header: Header
    var json: [String: Any]
    var picture: Picture

    init(_ answer: Viewer.Answer) throws {
        try #require(answer.status == 200)
        let count = answer.body.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        try #require(4 + count <= answer.body.count)
        let text = Data(answer.body[4..<(4 + count)])
        header = try JSONDecoder().decode(Header.self, from: text)
        json = try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
        picture = try Picture(data: Array(answer.body[(4 + count)...]), path: "frame")
    }

    /// The left edge of the only box.
    func left() throws -> Double {
        try #require(header.boxes.count == 1)
        return header.boxes[0].polygon.map { $0[0] }.min() ?? -1
    }

    /// Which of the first 1000 frames the picture could be of, by its grey.
    var isPictureOf: (UInt32) -> Bool {
        let grey = picture[picture.width / 2, picture.height / 2].green
        return { abs(Int(grey) - Int(Scene.grey($0))) <= 2 }
    }
}
