/// How well the binary maps of two networks agree: the mean, over images, of the intersection of their texts over the union.
public struct MapAgreement: Sendable {
    private var sum = 0.0
    /// Images with text in either map; others say nothing and do not count.
    public private(set) var images = 0

    public init() {}

    /// 1 where no image had any text.
    public var meanIoU: Double { images == 0 ? 1 : sum / Double(images) }

    /// Compares one image's maps, of the same size.
    public mutating func add(_ one: BinaryMap, _ other: BinaryMap) {
        var intersection = 0
        var union = 0
        for (a, b) in zip(one.words, other.words) {
            intersection += (a & b).nonzeroBitCount
            union += (a | b).nonzeroBitCount
        }
        guard union > 0 else { return }
        sum += Double(intersection) / Double(union)
        images += 1
    }
}

/// Which pixels of a map are text, a bit each.
public struct BinaryMap: Sendable {
    fileprivate let words: [UInt64]

    /// Pixels whose logit is above the threshold, as box formation has it.
    public init(logits: UnsafeBufferPointer<Int16>, above threshold: Int16) {
        self.init(count: logits.count) { logits[$0] > threshold }
    }

    init(count: Int, isText: (Int) -> Bool) {
        words = (0..<((count + 63) / 64)).map { word in
            (64 * word..<min(64 * word + 64, count)).reduce(0) { bits, pixel in isText(pixel) ? bits | 1 << (UInt64(pixel) & 63) : bits }
        }
    }
}
