import TextDetection

/// A logit map drawn by hand, and the boxes formed from it.
struct LogitMap {
    /// Logits of -6 and 4, in units of 1/2048.
    static let empty: Int16 = -12288
    static let text: Int16 = 8192

    let width: Int
    let height: Int
    var logits: [Int16]

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
        logits = Array(repeating: Self.empty, count: width * height)
    }

    init(width: Int, height: Int, where isText: (Int, Int) -> Bool) {
        self.init(width: width, height: height)
        for y in 0..<height {
            for x in 0..<width where isText(x, y) { self[x, y] = Self.text }
        }
    }

    subscript(x: Int, y: Int) -> Int16 {
        get { logits[y * width + x] }
        set { logits[y * width + x] = newValue }
    }

    mutating func fill(_ columns: Range<Int>, _ rows: Range<Int>, with logit: Int16 = Self.text) {
        for y in rows {
            for x in columns { self[x, y] = logit }
        }
    }

    func isText(_ x: Int, _ y: Int) -> Bool {
        (0..<width).contains(x) && (0..<height).contains(y) && self[x, y] > BoxSettings.everything.threshold
    }

    /// Forms boxes twice in one storage, so that whatever the first frame leaves behind would show.
    func formBoxes(
        _ settings: BoxSettings = .everything, validWidth: Int? = nil, validHeight: Int? = nil
    ) throws -> FormedBoxes {
        let bytes = try BoxFormation.storageBytes(width: width, height: height, settings: settings)
        let storage = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 16)
        defer { storage.deallocate() }
        storage.initializeMemory(as: UInt8.self, repeating: 0xA5)
        return try Self.probabilities.withUnsafeBufferPointer { table in
            var formation = try BoxFormation(
                width: width, height: height, settings: settings, probabilities: table.baseAddress!, storage: storage)
            var results: [FormedBoxes] = []
            for _ in 0..<2 {
                let formed = formation.form(logits: logits, validWidth: validWidth ?? width, validHeight: validHeight ?? height)
                results.append(
                    FormedBoxes(
                        boxes: formed.boxes.map { .init(score: $0.score, points: Array(formed.points(of: $0))) },
                        droppedCount: formed.droppedCount))
            }
            if results[0] != results[1] { throw FramesDiffer() }
            return results[1]
        }
    }

    /// Not a sigmoid: 64 times the entry, so that a mean can be told by hand.
    static let probabilities: [UInt16] = (0..<1024).map { UInt16($0 * 64) }

    /// The entry's probability for a logit: 64 * 64 steps per unit from -8 on.
    static func probability(_ logit: Int16) -> Int { min(max((Int(logit) + 8 * 2048) / 32, 0), 1023) * 64 }
}

struct FramesDiffer: Error {}

struct FormedBoxes: Equatable {
    struct Box: Equatable {
        var score: UInt16
        var points: [BoxPoint]
    }

    var boxes: [Box]
    var droppedCount: Int
}

extension BoxSettings {
    /// Keeps every region, as it is.
    static let everything = BoxSettings(
        threshold: 0, minimumScore: 0, unclipRatio: 0, minimumSide: 0, minimumExpandedSide: 0, maximumBoxes: BoxSettings.boxLimit)

    /// The limits of PaddleOCR, without that of the score.
    static let usual = BoxSettings(threshold: 0, minimumScore: 0, unclipRatio: 384)

    func with(_ change: (inout BoxSettings) -> Void) -> BoxSettings {
        var settings = self
        change(&settings)
        return settings
    }
}

/// Points in whole pixels.
func pixels(_ points: (Double, Double)...) -> [BoxPoint] {
    points.map { BoxPoint(x: Int32(($0.0 * 256).rounded(.up)), y: Int32(($0.1 * 256).rounded(.up))) }
}
