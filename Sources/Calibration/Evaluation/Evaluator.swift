/// Precision, recall and H-mean of detections by the protocol of ICDAR 2015 Robust Reading, challenge 4, task 1 (IoU above one half).
///
/// This follows the organisers' script (`evaluateMethod` with `rrc_evaluation_funcs`) rule by rule, as PaddleOCR's `eval_det_iou.py` and MMOCR do,
/// and is used for MSRA-TD500 too, whose lines are rotated rectangles. Rules that are easily got wrong, and change results by points:
///
/// 1. A detection of which more than half lies inside one ignored region is not counted, even where it would match a counted text.
///    That is a share of the detection's area, not an IoU, and regions are taken one by one, never their union.
/// 2. IoU and share must be above one half: exactly one half is not enough.
/// 3. Each text takes the first detection, in the order they were given, that fits and is free: not the one that fits best. Ground truth is the outer loop.
/// 4. Ignored texts are neither matched nor counted.
/// 5. An image without counted texts scores recall 1, and precision 1 or, with any counted detection, 0. In the total, which sums the counts
///    of all images, those false detections count and the ones do not: an empty total is 0.
///
/// PaddleOCR leaves out outlines that cross themselves, ground truth and detections alike, where the organisers' script keeps them. They are kept
/// here, with their area by the even-odd rule: a detector gains nothing by malformed boxes.
public struct Evaluator: Sendable {
    /// Detections, texts and matches that count, and what follows from them.
    public struct Score: Sendable, Equatable {
        public var matches: Int
        public var detections: Int
        public var texts: Int
        public var precision: Double
        public var recall: Double
        /// The harmonic mean of precision and recall; 0 where both are.
        public var hmean: Double { precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0 }
    }

    /// Each image's own score, in the order added.
    public private(set) var images: [Score] = []

    public init() {}

    /// Compares one image's detections, in the order of the detector, with its labels.
    public mutating func add(groundTruth: [GroundTruth.Region], detections: [TextPolygon]) {
        let ignored = groundTruth.filter(\.ignore).map(\.polygon)
        let texts = groundTruth.filter { !$0.ignore }.map(\.polygon)
        let counted = detections.filter { detection in
            let area = detection.area
            return !ignored.contains { area > 0 && detection.intersectionArea(with: $0) / area > 0.5 }
        }
        var free = Array(counted.indices)
        var matches = 0
        for text in texts {
            guard let place = free.firstIndex(where: { text.intersectionOverUnion(with: counted[$0]) > 0.5 }) else { continue }
            free.remove(at: place)
            matches += 1
        }
        images.append(Self.imageScore(matches: matches, detections: counted.count, texts: texts.count))
    }

    /// All images together: the sums of their counts, not the mean of their scores.
    public var score: Score {
        let matches = images.reduce(0) { $0 + $1.matches }
        let detections = images.reduce(0) { $0 + $1.detections }
        let texts = images.reduce(0) { $0 + $1.texts }
        return Score(
            matches: matches, detections: detections, texts: texts, precision: Self.share(matches, of: detections),
            recall: Self.share(matches, of: texts))
    }

    private static func imageScore(matches: Int, detections: Int, texts: Int) -> Score {
        if texts == 0 {
            return Score(matches: 0, detections: detections, texts: 0, precision: detections > 0 ? 0 : 1, recall: 1)
        }
        return Score(
            matches: matches, detections: detections, texts: texts, precision: share(matches, of: detections),
            recall: share(matches, of: texts))
    }

    private static func share(_ part: Int, of whole: Int) -> Double { whole > 0 ? Double(part) / Double(whole) : 0 }
}
