import BoardFile
import TextDetection
import Watch

/// A board file's text with these sections added; its frames have 640x480 pixels.
func boardText(_ sections: String) -> String {
    """
    [board]
    name = Some Board
    cpus = 4
    cores = cortex-a76
    kernels = neon
    threads = 3
    memory-megabytes = 128
    [model]
    network = PP-OCRv3
    size = 320x256
    [camera]
    formats = YUYV
    size = 640x480
    [lines]
    text = GPIO17
    trigger = GPIO27

    """ + sections
}

/// A board file and its bytes, which its names are pieces of.
final class Board {
    let file: BoardFile
    private let bytes: UnsafeMutableBufferPointer<UInt8>

    init(_ sections: String) throws {
        bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: boardText(sections).utf8.count)
        _ = bytes.initialize(from: boardText(sections).utf8)
        file = try BoardFile(UnsafeBufferPointer(bytes))
    }

    deinit { bytes.deallocate() }
}

/// A box for tests, by its corners in whole pixels of the network's map.
struct TestBox {
    var score = 1.0
    var corners: [(x: Int, y: Int)]

    init(score: Double = 1, corners: [(x: Int, y: Int)]) {
        self.score = score
        self.corners = corners
    }

    /// Upright, around its centre.
    init(score: Double = 1, x: Int, y: Int, width: Int = 40, height: Int = 10) {
        let (left, right, top, bottom) = (x - width / 2, x + width / 2, y - height / 2, y + height / 2)
        self.init(score: score, corners: [(left, top), (right, top), (right, bottom), (left, bottom)])
    }
}

extension RuleEngine {
    /// A look at a frame of the board file's own size, whose map has as many pixels.
    mutating func look(_ boxes: [TestBox], at time: Int64) {
        observe(boxes, photo: (640, 480), scaled: (640, 480), at: time)
    }

    mutating func observe(_ boxes: [TestBox], photo: (width: Int, height: Int), scaled: (width: Int, height: Int), at time: Int64) {
        var points: [BoxPoint] = []
        var detected: [DetectedBox] = []
        for box in boxes {
            detected.append(
                DetectedBox(
                    score: UInt16((box.score * 65_535).rounded()), pointCount: UInt16(box.corners.count), firstPoint: UInt32(points.count),
                    firstRun: 0))
            points += box.corners.map { BoxPoint(x: Int32($0.x) << 8, y: Int32($0.y) << 8) }
        }
        guard
            let scale = PhotoScale(
                photoWidth: photo.width, photoHeight: photo.height, scaledWidth: scaled.width, scaledHeight: scaled.height)
        else { preconditionFailure("sizes of tests are in range") }
        // One more, for where there is none a buffer has no address.
        points.append(BoxPoint(x: 0, y: 0))
        points.withUnsafeBufferPointer { points in
            detected.withUnsafeBufferPointer { detected in
                guard let start = points.baseAddress else { return }
                observe(DetectedBoxes(boxes: detected, droppedCount: 0, points: start), scale, at: time)
            }
        }
    }
}

func milliseconds(_ count: Int) -> Int64 { Int64(count) * 1_000_000 }
