import CDevices
import CModelFile
import Inference

/// Why a detector could not be set up.
public enum DetectorError: Error {
    case network(NetworkError)
    case boxes(BoxFormationError)
}

/// Finds text in frames: scaling, int8 network, box formation, all in the model's arena; nothing is allocated after `init`.
public struct TextDetector: ~Copyable {
    public let network: Network
    public let map: DetectionMap
    /// Whether frames smaller than the input are enlarged to fill it.
    public var enlarges = false
    private let scaler: FrameScaler
    private var formation: BoxFormation
    /// The part of the input that the prepared frame takes, and how long that took.
    private var prepared = (width: 0, height: 0, nanoseconds: Int64(0))

    /// - Parameters:
    ///   - arena: `model.arenaByteCount` bytes on a multiple of 64, which outlive the detector, as do the model's bytes.
    ///   - settings: those of the model file (`BoxSettings(model)`), unless given.
    public init(
        model: Model, arena: UnsafeMutableRawBufferPointer, kernels: KernelSet, threads: Int = 1, settings: BoxSettings? = nil,
        map: DetectionMap = .probability
    ) throws(DetectorError) {
        guard map == .probability || model.hasBinaryMap else { throw .network(.noBinaryMap) }
        guard let start = arena.baseAddress, arena.count >= model.arenaByteCount else {
            throw .network(.arenaTooSmall(needed: model.arenaByteCount, given: arena.count))
        }
        let header = model.header.pointee
        guard Int(header.frame_bytes) >= FrameScaler.storageByteCount(inputWidth: model.inputWidth) else {
            throw .network(.model(.header("scratch for a frame's columns")))
        }
        let formation = try Self.formation(
            model, settings: settings ?? BoxSettings(model),
            storage: UnsafeMutableRawBufferPointer(start: start + Int(header.boxes_offset), count: Int(header.boxes_bytes)))
        network = try Self.network(model, arena: arena, kernels: kernels, threads: threads)
        self.formation = formation
        self.map = map
        scaler = FrameScaler(
            kernels: kernels, blueFirst: model.isBlueFirst,
            paddingColour: (header.padding_colour.0, header.padding_colour.1, header.padding_colour.2),
            storage: start + Int(header.frame_offset))
    }

    private static func network(
        _ model: Model, arena: UnsafeMutableRawBufferPointer, kernels: KernelSet, threads: Int
    ) throws(DetectorError) -> Network {
        do throws(NetworkError) {
            return try Network(model: model, arena: arena, kernels: kernels, threads: threads)
        } catch {
            throw .network(error)
        }
    }

    private static func formation(
        _ model: Model, settings: BoxSettings, storage: UnsafeMutableRawBufferPointer
    ) throws(DetectorError) -> BoxFormation {
        do throws(BoxFormationError) {
            return try BoxFormation(
                width: model.inputWidth, height: model.inputHeight, settings: settings, probabilities: model.scoreTable, storage: storage)
        } catch {
            throw .boxes(error)
        }
    }

    /// The bytes that the arena keeps for box formation: enough for polygons and 1000 boxes. Nil for a map that is too large.
    public static func boxStorageByteCount(width: Int, height: Int) -> Int? {
        try? BoxFormation.storageBytes(
            width: width, height: height,
            settings: BoxSettings(threshold: 0, minimumScore: 0, unclipRatio: BoxSettings.maximumUnclipRatio, shape: .polygon))
    }

    /// The logits that the last `detect` formed its boxes from.
    package var logits: UnsafePointer<Int16> { network.logits(of: map) }

    /// Finds the text in a frame; the result is valid until the next call.
    public mutating func detect(_ frame: FrameView) -> Detection {
        prepare(frame)
        return look()
    }

    /// Scales a frame into the network's input, where `look` finds its text.
    @inline(never)
    public mutating func prepare(_ frame: FrameView) {
        let start = textpin_monotonic_nanoseconds()
        let size = scaler.scale(frame, into: network.input, enlarges: enlarges)
        prepared = (size.width, size.height, textpin_monotonic_nanoseconds() - start)
    }

    /// Finds the text in the frame that was prepared; the result is valid until the next call.
    @inline(never)
    public mutating func look() -> Detection {
        let start = textpin_monotonic_nanoseconds()
        network.run(map)
        let ran = textpin_monotonic_nanoseconds()
        let boxes = formation.form(logits: network.logits(of: map), validWidth: prepared.width, validHeight: prepared.height)
        let formed = textpin_monotonic_nanoseconds()
        return Detection(
            boxes: boxes, pictureWidth: prepared.width, pictureHeight: prepared.height,
            nanoseconds: (prepare: prepared.nanoseconds, network: ran - start, boxes: formed - ran))
    }
}

/// What was found in one frame.
public struct Detection {
    public let boxes: DetectedBoxes
    /// The part of the network's input that the frame took.
    public let pictureWidth: Int
    public let pictureHeight: Int
    /// The time that each stage took, by the monotonic clock.
    public let nanoseconds: (prepare: Int64, network: Int64, boxes: Int64)
}

extension BoxSettings {
    /// The settings that suit a model's weights, from its file.
    public init(_ model: Model) {
        let header = model.header.pointee
        self.init(
            threshold: Int16(clamping: header.threshold_logit), minimumScore: UInt16(clamping: header.minimum_score),
            unclipRatio: UInt16(clamping: header.unclip_ratio))
    }
}
