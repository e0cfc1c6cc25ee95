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

    @Option(
        help: ArgumentHelp(
            "Beside the int8 model, the float network that it was made from: both scores, and how well their binary maps agree.",
            valueName: "network.onnx"))
    var against: String?

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
        if float, against != nil { throw ValidationError("--against goes with an int8 model, not with --float.") }
        if let shortSide, shortSide < 32 { throw ValidationError("--short-side is 32 or more.") }
        if let first, first < 1 { throw ValidationError("--first is 1 or more.") }
    }

    func run() throws {
        let truth = try GroundTruth(folder: data)
        let path = try model.path()
        let images = first.map { Array(truth.images.prefix($0)) } ?? truth.images
        if let against {
            let both = try comparison(path, against, images, truth)
            return print(both.text(images: images.count, json: json))
        }
        let detections = try float ? floatDetections(path, images, truth) : integerDetections(path, images, truth)
        let score = score(of: detections, images)
        print(json ? "{\"images\":\(images.count),\(score.json)}" : "\(images.count) images: \(score.text)")
    }

    private func score(of detections: [[TextPolygon]], _ images: [GroundTruth.Image]) -> Evaluator.Score {
        var evaluator = Evaluator()
        for (image, found) in zip(images, detections) { evaluator.add(groundTruth: image.polygons, detections: found) }
        return evaluator.score
    }

    /// What the float and the int8 network find on the same photos.
    private struct Comparison {
        var float: Evaluator.Score
        var integer: Evaluator.Score
        var agreement: MapAgreement

        func text(images: Int, json: Bool) -> String {
            guard !json else {
                return "{\"images\":\(images),\(integer.json),\"float\":{\(float.json)},\"map_iou\":\(JSONText.number(agreement.meanIoU, decimals: 4))}"
            }
            return """
                float, \(images) images: \(float.text)
                int8,  \(images) images: \(integer.text)
                the binary maps agree with IoU \(JSONText.number(agreement.meanIoU, decimals: 4)) (mean of \(agreement.images) images with text)
                """
        }
    }

    private func comparison(
        _ path: String, _ floatPath: String, _ images: [GroundTruth.Image], _ truth: GroundTruth
    ) throws -> Comparison {
        let integer = try integerDetector(path)
        let float = try detector(floatPath, width: integer.model.inputWidth, height: integer.model.inputHeight, enlarges: boxes.enlarge)
        var agreement = MapAgreement()
        var found: (float: [[TextPolygon]], integer: [[TextPolygon]]) = ([], [])
        // A few at a time: maps are large.
        let batch = 8
        for start in stride(from: 0, to: images.count, by: batch) {
            let pictures = try images[start..<min(start + batch, images.count)].map { try Picture(contentsOf: truth.path(of: $0)) }
            let results = ConcurrentResults<(detection: PhotoDetection, map: BinaryMap)>(count: pictures.count)
            concurrently(pictures.count, threads: ProcessInfo.processInfo.activeProcessorCount) { index in
                results.set(index, Result { try float.detectWithMap(pictures[index]) })
            }
            for (picture, result) in zip(pictures, try results.values()) {
                found.float.append(result.detection.findings.map(\.polygon))
                found.integer.append(integer.detect(picture).findings.map(\.polygon))
                agreement.add(integer.binaryMap, result.map)
            }
        }
        return Comparison(float: score(of: found.float, images), integer: score(of: found.integer, images), agreement: agreement)
    }

    private func integerDetector(_ path: String) throws -> PhotoDetector {
        do {
            return try PhotoDetector(
                modelPath: path, threads: threading.threads, map: boxes.map.map, enlarges: boxes.enlarge, adjust: boxes.adjust)
        } catch { throw Failure.about(path, error) }
    }

    private func integerDetections(_ path: String, _ images: [GroundTruth.Image], _ truth: GroundTruth) throws -> [[TextPolygon]] {
        let detector = try integerDetector(path)
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

extension Evaluator.Score {
    fileprivate var text: String {
        func decimals(_ value: Double) -> String { JSONText.number(value, decimals: 4) }
        return "precision \(decimals(precision)), recall \(decimals(recall)), H-mean \(decimals(hmean))"
            + " (\(matches) of \(texts) texts, \(detections) boxes)"
    }

    /// Members of a JSON object.
    fileprivate var json: String {
        func decimals(_ value: Double) -> String { JSONText.number(value, decimals: 4) }
        return "\"precision\":\(decimals(precision)),\"recall\":\(decimals(recall)),\"hmean\":\(decimals(hmean))"
    }
}
