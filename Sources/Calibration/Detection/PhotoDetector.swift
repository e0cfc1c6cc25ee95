import CModelFile
import Foundation
import Inference
import TextDetection

/// What was found in a photo, in pixels of the photo.
public struct PhotoDetection: Sendable {
    public var findings: [Picture.Finding]
    /// How many boxes more there were than the settings allow.
    public var droppedCount: Int
    public var milliseconds: Milliseconds

    public struct Milliseconds: Sendable {
        public var prepare: Double
        public var network: Double
        public var boxes: Double
    }
}

/// Finds text in photos on the workstation with the board's own detector.
public final class PhotoDetector {
    // Properties end in this order: the detector before the memory that it lives in.
    private var detector: TextDetector
    private let arena: Arena
    private let file: MappedFile
    public let model: Model
    public let kernels: KernelSet
    private let threshold: Int16

    /// - Parameter adjust: changes the settings of the model file.
    public init(
        modelPath: String, threads: Int = 1, map: DetectionMap = .probability, enlarges: Bool = false,
        adjust: (inout BoxSettings) -> Void = { _ in }
    ) throws {
        let file = try MappedFile(path: modelPath)
        let model = try Model(bytes: file.bytes)
        let arena = try Arena(byteCount: model.arenaByteCount)
        guard let kernels = KernelSet.chosen() else { throw KernelChoiceError() }
        var settings = BoxSettings(model)
        adjust(&settings)
        var detector = try TextDetector(
            model: model, arena: arena.bytes, kernels: kernels, threads: threads, settings: settings, map: map)
        detector.enlarges = enlarges
        self.detector = detector
        self.arena = arena
        self.file = file
        self.model = model
        self.kernels = kernels
        threshold = settings.threshold
    }

    /// The binary map that the last `detect` formed its boxes from.
    public var binaryMap: BinaryMap {
        BinaryMap(
            logits: UnsafeBufferPointer(start: detector.logits, count: model.inputWidth * model.inputHeight), above: threshold)
    }

    public func detect(_ picture: Picture) -> PhotoDetection {
        picture.pixels.withUnsafeBufferPointer { pixels in
            guard let start = pixels.baseAddress,
                let frame = FrameView(
                    pixels: start, width: picture.width, height: picture.height, rowStride: 3 * picture.width, format: .rgb)
            else { return PhotoDetection(findings: [], droppedCount: 0, milliseconds: .init(prepare: 0, network: 0, boxes: 0)) }
            let detection = detector.detect(frame)
            let time = detection.nanoseconds
            return PhotoDetection(
                findings: detection.boxes.findings(
                    in: picture, pictureWidth: detection.pictureWidth, pictureHeight: detection.pictureHeight),
                droppedCount: detection.boxes.droppedCount,
                milliseconds: .init(
                    prepare: Double(time.prepare) / 1e6, network: Double(time.network) / 1e6, boxes: Double(time.boxes) / 1e6))
        }
    }
}

/// Finds text in photos with the float network: the same scaling and the same box formation, so that only the arithmetic in between differs.
public struct FloatPhotoDetector: Sendable {
    private let network: FloatNetwork
    private let description: ModelDescription
    private let settings: BoxSettings
    private let map: DetectionMap
    private let enlarges: Bool

    public init(
        _ graph: Graph, description: ModelDescription, settings: BoxSettings, map: DetectionMap = .probability, enlarges: Bool = false
    ) throws {
        guard map == .probability || graph.threshold != nil else { throw NetworkError.noBinaryMap }
        network = FloatNetwork(graph)
        self.description = description
        self.settings = settings
        self.map = map
        self.enlarges = enlarges
    }

    public func detect(_ picture: Picture) throws -> PhotoDetection { try detectWithMap(picture).detection }

    /// The detection and the binary map that its boxes were formed from.
    public func detectWithMap(_ picture: Picture) throws -> (detection: PhotoDetection, map: BinaryMap) {
        let size = network.graph.tensors[network.graph.input]
        let input = NetworkInput(
            picture, width: size.width, height: size.height, preprocessing: description.preprocessing, enlarges: enlarges)
        let maps = network.run(input.normalised(description.preprocessing))
        let logits = integerLogits(of: maps)
        let byteCount = try BoxFormation.storageBytes(width: size.width, height: size.height, settings: settings)
        let storage = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 64)
        defer { storage.deallocate() }
        let detection = try ModelWriter.scoreTable.withUnsafeBufferPointer { table in
            try logits.withUnsafeBufferPointer { logits in
                guard let tableStart = table.baseAddress, let start = logits.baseAddress else {
                    return PhotoDetection(findings: [], droppedCount: 0, milliseconds: .init(prepare: 0, network: 0, boxes: 0))
                }
                var formation = try BoxFormation(
                    width: size.width, height: size.height, settings: settings, probabilities: tableStart, storage: storage)
                let boxes = formation.form(logits: start, validWidth: input.pictureWidth, validHeight: input.pictureHeight)
                return PhotoDetection(
                    findings: boxes.findings(in: picture, pictureWidth: input.pictureWidth, pictureHeight: input.pictureHeight),
                    droppedCount: boxes.droppedCount, milliseconds: .init(prepare: 0, network: 0, boxes: 0))
            }
        }
        return (detection, logits.withUnsafeBufferPointer { BinaryMap(logits: $0, above: settings.threshold) })
    }

    private func integerLogits(of maps: FloatNetwork.Maps) -> [Int16] {
        let unit = Float(TEXTPIN_LOGIT_ONE)
        func integer(_ logit: Float) -> Int16 { Int16(min(max((logit * unit).rounded(), -32768), 32767)) }
        guard map == .binary, let threshold = maps.threshold else { return maps.probabilityLogits.map(integer) }
        // The logit of the approximate binary map is k (P - T), k = 50 (Liao et al. 2020, equation 2).
        return zip(maps.probability, threshold).map { integer(50 * ($0 - $1)) }
    }
}

extension DetectedBoxes {
    /// The boxes in pixels of the picture.
    fileprivate func findings(in picture: Picture, pictureWidth: Int, pictureHeight: Int) -> [Picture.Finding] {
        guard
            let scale = PhotoScale(
                photoWidth: picture.width, photoHeight: picture.height, scaledWidth: pictureWidth, scaledHeight: pictureHeight)
        else { return [] }
        return boxes.map { box in
            let polygon = TextPolygon(
                points: points(of: box).map { point in
                    let place = scale.photoPoint(point)
                    return SIMD2(Double(place.x) / 256, Double(place.y) / 256)
                })
            return Picture.Finding(polygon: polygon, score: Double(box.score) / 65535)
        }
    }
}
