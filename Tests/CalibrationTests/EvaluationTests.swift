import Calibration
import Testing

/// One hand-made case for each rule of the protocol.
struct EvaluationTests {
    private func rectangle(_ x: Double, _ y: Double, _ width: Double, _ height: Double) -> TextPolygon {
        TextPolygon(points: [[x, y], [x + width, y], [x + width, y + height], [x, y + height]])
    }

    private func text(_ x: Double, _ y: Double, _ width: Double, _ height: Double, ignore: Bool = false) -> GroundTruth.Region {
        GroundTruth.Region(polygon: rectangle(x, y, width, height), ignore: ignore)
    }

    private func score(_ groundTruth: [GroundTruth.Region], _ detections: [TextPolygon]) -> Evaluator.Score {
        var evaluator = Evaluator()
        evaluator.add(groundTruth: groundTruth, detections: detections)
        return evaluator.images[0]
    }

    private func counts(_ score: Evaluator.Score) -> [Int] { [score.matches, score.detections, score.texts] }

    @Test func eachTextFoundIsAMatch() {
        let score = score([text(0, 0, 10, 10), text(50, 0, 10, 10)], [rectangle(50, 0, 10, 10), rectangle(0, 0, 10, 10)])
        #expect(counts(score) == [2, 2, 2])
        #expect(score.precision == 1 && score.recall == 1 && score.hmean == 1)
    }

    @Test func oneHalfExactlyIsNotEnough() {
        // 10 x 5 of 10 x 10: IoU 50 / 100.
        #expect(counts(score([text(0, 0, 10, 10)], [rectangle(0, 0, 10, 5)])) == [0, 1, 1])
        #expect(counts(score([text(0, 0, 10, 10)], [rectangle(0, 0, 10, 5.0625)])) == [1, 1, 1])
    }

    @Test func twoDetectionsOfOneTextAreOneMatch() {
        let score = score([text(0, 0, 10, 10)], [rectangle(0, 0, 10, 10), rectangle(0, 0, 10, 9)])
        #expect(counts(score) == [1, 2, 1])
        #expect(score.precision == 0.5 && score.recall == 1)
        #expect(abs(score.hmean - 2.0 / 3) < 1e-12)
    }

    @Test func oneDetectionOverTwoTextsIsOneMatchAtMost() {
        // Two texts that overlap almost wholly, both above one half with the one detection.
        #expect(counts(score([text(0, 0, 10, 10), text(0, 0, 10, 9)], [rectangle(0, 0, 10, 10)])) == [1, 1, 2])
    }

    @Test func aTextTakesTheFirstDetectionThatFitsAndNotTheBest() {
        // The first text takes the first detection (IoU 0.7) although the second fits it better (0.83); then nothing is left for the second
        // text, which only the first detection fits (0.86; the other has exactly one half). Pairing the best would give two matches.
        let texts = [text(0, 0, 10, 10), text(0, 0, 10, 6)]
        let detections = [rectangle(0, 0, 10, 7), rectangle(0, 0, 10, 12)]
        #expect(counts(score(texts, detections)) == [1, 2, 2])
        #expect(counts(score(texts, detections.reversed())) == [2, 2, 2])
    }

    @Test func ignoredTextsAreNeitherMatchedNorCounted() {
        let texts = [text(0, 0, 10, 10, ignore: true), text(50, 0, 10, 10)]
        #expect(counts(score(texts, [rectangle(50, 0, 10, 10)])) == [1, 1, 1])
        #expect(counts(score(texts, [rectangle(50, 0, 10, 10), rectangle(0, 0, 10, 10)])) == [1, 1, 1])
    }

    @Test func aDetectionMostlyInsideAnIgnoredRegionIsNotCounted() {
        // A share of the detection's own area: IoU with the region is tiny.
        let region = text(0, 0, 100, 100, ignore: true)
        #expect(counts(score([region, text(200, 0, 10, 10)], [rectangle(1, 1, 4, 4)])) == [0, 0, 1])
        // Half of it inside is not more than one half.
        #expect(counts(score([region, text(200, 0, 10, 10)], [rectangle(90, 0, 20, 10)])) == [0, 1, 1])
        #expect(counts(score([region, text(200, 0, 10, 10)], [rectangle(89, 0, 20, 10)])) == [0, 0, 1])
    }

    @Test func ignoredRegionsAreTakenOneByOne() {
        // 0.4 of the detection lies in each region, 0.8 in both together: it counts.
        let regions = [text(0, 0, 4, 10, ignore: true), text(6, 0, 4, 10, ignore: true)]
        #expect(counts(score(regions + [text(200, 0, 10, 10)], [rectangle(0, 0, 10, 10)])) == [0, 1, 1])
    }

    @Test func anIgnoredRegionWinsOverATextThatWouldMatch() {
        let groundTruth = [text(0, 0, 10, 10), text(0, 0, 10, 10, ignore: true)]
        #expect(counts(score(groundTruth, [rectangle(0, 0, 10, 10)])) == [0, 0, 1])
    }

    @Test func anImageWithoutTextsIsRightWhenNothingIsFound() {
        for groundTruth in [[], [text(0, 0, 10, 10, ignore: true)]] {
            let quiet = score(groundTruth, [])
            #expect(quiet.precision == 1 && quiet.recall == 1 && quiet.hmean == 1)
            let loud = score(groundTruth, [rectangle(50, 0, 10, 10)])
            #expect(loud.precision == 0 && loud.recall == 1 && loud.hmean == 0)
        }
    }

    @Test func anImageWhoseTextsAreMissedScoresZero() {
        let score = score([text(0, 0, 10, 10)], [])
        #expect(score.precision == 0 && score.recall == 0 && score.hmean == 0)
    }

    @Test func theTotalSumsCountsAndNotScores() {
        var evaluator = Evaluator()
        #expect(evaluator.score.precision == 0 && evaluator.score.recall == 0 && evaluator.score.hmean == 0)
        evaluator.add(groundTruth: [text(0, 0, 10, 10)], detections: [rectangle(0, 0, 10, 10)])
        evaluator.add(groundTruth: [text(0, 0, 10, 10), text(50, 0, 10, 10), text(80, 0, 10, 10)], detections: [])
        evaluator.add(groundTruth: [], detections: [rectangle(0, 0, 1, 1)])
        #expect(evaluator.images.count == 3)
        #expect(counts(evaluator.score) == [1, 2, 4])
        #expect(evaluator.score.precision == 0.5 && evaluator.score.recall == 0.25)
        #expect(abs(evaluator.score.hmean - 1.0 / 3) < 1e-12)
    }

    @Test func aDetectionWithoutAreaIsAFalseOne() {
        let flat = TextPolygon(points: [[0, 0], [10, 0], [10, 0], [0, 0]])
        #expect(counts(score([text(0, 0, 10, 10), text(0, 0, 50, 50, ignore: true)], [flat])) == [0, 1, 1])
    }
}
