import ArgumentParser
import Calibration
import Foundation
import TextDetection

struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate", abstract: "Precision, recall and H-mean on labelled photos (ICDAR 2015's protocol, IoU over 0.5).",
        discussion: "The folder holds images/ and ground_truth.json; see Calibration/samples.")

    @OptionGroup var model: ModelOption
    @OptionGroup var boxes: BoxOptions
    @OptionGroup var threading: ThreadOption
    @OptionGroup var preprocessing: FloatModelOptions

    @Option(help: ArgumentHelp("The folder of labelled photos.", valueName: "folder"))
    var data: String

    @Flag(help: "Run the float network: --model is then the ONNX file, and --size or --short-side its input's size.")
    var float = false

    @Option(help: ArgumentHelp("With --float: the input in pixels, as a model file would have it.", valueName: "WxH"))
    var size: PixelSize?

    @Option(
        help: ArgumentHelp(
            "With --float: scale each photo so that its shorter side has this many pixels, and use an input of that size.",
            valueName: "pixels"))
    var shortSide: Int?

    @Option(help: ArgumentHelp("Only the first so many photos of the list.", valueName: "count"))
    var first: Int?

    @Flag(help: "One JSON object.")
    var json = false

    func validate() throws {
        if float, (size == nil) == (shortSide == nil) {
            throw ValidationError("--float needs either --size WxH or --short-side PIXELS.")
        }
        if float, model.model == nil { throw ValidationError("--float needs --model NETWORK.onnx.") }
        if !float, size != nil || shortSide != nil {
            throw ValidationError("--size and --short-side go with --float: a model file has its own input size.")
        }
        if let shortSide, shortSide < 32 { throw ValidationError("--short-side is 32 or more.") }
        if let first, first < 1 { throw ValidationError("--first is 1 or more.") }
    }

    func run() throws {
        let truth = try GroundTruth(folder: data)
        let path = try model.path()
        let images = first.map { Array(truth.images.prefix($0)) } ?? truth.images
        var evaluator = Evaluator()
        let detections = try float ? floatDetections(path, images, truth) : integerDetections(path, images, truth)
        for (image, found) in zip(images, detections) { evaluator.add(groundTruth: image.polygons, detections: found) }
        let score = evaluator.score
        func decimals(_ value: Double) -> String { JSONText.number(value, decimals: 4) }
        if json {
            print(
                #"{"images":\#(images.count),"precision":\#(decimals(score.precision)),"recall":\#(decimals(score.recall)),"hmean":\#(decimals(score.hmean))}"#
            )
        } else {
            print(
                "\(images.count) images: precision \(decimals(score.precision)), recall \(decimals(score.recall)), H-mean \(decimals(score.hmean))"
                    + " (\(score.matches) of \(score.texts) texts, \(score.detections) boxes)")
        }
    }

    private func integerDetections(_ path: String, _ images: [GroundTruth.Image], _ truth: GroundTruth) throws -> [[TextPolygon]] {
        let detector: PhotoDetector
        do {
            detector = try PhotoDetector(
                modelPath: path, threads: threading.threads, map: boxes.map.map, enlarges: boxes.enlarge, adjust: boxes.adjust)
        } catch { throw Failure.about(path, error) }
        return try images.map { image in
            detector.detect(try Picture(contentsOf: truth.path(of: image))).findings.map(\.polygon)
        }
    }

    private func floatDetections(_ path: String, _ images: [GroundTruth.Image], _ truth: GroundTruth) throws -> [[TextPolygon]] {
        let fixed = try size.map { try detector(path, width: $0.width, height: $0.height, enlarges: boxes.enlarge) }
        let results = ConcurrentResults<[TextPolygon]>(count: images.count)
        concurrently(images.count, threads: ProcessInfo.processInfo.activeProcessorCount) { index in
            results.set(
                index,
                Result {
                    let picture = try Picture(contentsOf: truth.path(of: images[index]))
                    let detector = try fixed ?? ownSize(path, picture)
                    return try detector.detect(picture).findings.map(\.polygon)
                })
        }
        return try results.values()
    }

    /// An input as large as the scaled photo, rounded up to a multiple of 32.
    private func ownSize(_ path: String, _ picture: Picture) throws -> FloatPhotoDetector {
        let side = Double(shortSide ?? 736)
        let scale = side / Double(min(picture.width, picture.height))
        func rounded(_ pixels: Int) -> Int { max(32, Int((Double(pixels) * scale / 32).rounded(.up)) * 32) }
        return try detector(path, width: rounded(picture.width), height: rounded(picture.height), enlarges: true)
    }

    private func detector(_ path: String, width: Int, height: Int, enlarges: Bool) throws -> FloatPhotoDetector {
        let model = try FloatModel(path: path, width: width, height: height, options: preprocessing)
        var settings = model.settings
        boxes.adjust(&settings)
        return try FloatPhotoDetector(
            model.network.graph, description: model.description, settings: settings, map: boxes.map.map, enlarges: enlarges)
    }
}
