import Inference
import Messages
import TextDetection

/// A model in memory with an arena of its size.
public struct LoadedModel: ~Copyable {
    public let model: Model
    public let arena: Arena
    /// What errors name.
    public let path: UnsafePointer<CChar>
    /// Nil for a model that is part of the program.
    private let file: MappedFile?

    public init(path: UnsafePointer<CChar>) throws(Failure) {
        let file = try Self.mapped(path)
        let model = try Self.model(file.bytes, path)
        arena = try Self.arena(byteCount: model.arenaByteCount, path)
        self.file = consume file
        self.model = model
        self.path = path
    }

    /// - Parameter bytes: a model file's, which outlive the loaded model.
    public init(bytes: UnsafeRawBufferPointer, named name: StaticString) throws(Failure) {
        let path = name.cString
        let model = try Self.model(bytes, path)
        arena = try Self.arena(byteCount: model.arenaByteCount, path)
        file = nil
        self.model = model
        self.path = path
    }

    private static func mapped(_ path: UnsafePointer<CChar>) throws(Failure) -> MappedFile {
        do throws(ModelError) { return try MappedFile(path: path) } catch { throw .model(path, error) }
    }

    private static func model(_ bytes: UnsafeRawBufferPointer, _ path: UnsafePointer<CChar>) throws(Failure) -> Model {
        do throws(ModelError) { return try Model(bytes: bytes) } catch { throw .model(path, error) }
    }

    private static func arena(byteCount: Int, _ path: UnsafePointer<CChar>) throws(Failure) -> Arena {
        do throws(NetworkError) { return try Arena(byteCount: byteCount) } catch { throw .network(path, error) }
    }
}

extension KernelSet {
    /// The set that `TEXTPIN_KERNELS` names, or the best one.
    @inline(never)
    public static func required() throws(Failure) -> KernelSet {
        guard let kernels = chosen() else {
            throw Failure("TEXTPIN_KERNELS names kernels that this CPU does not run: textpin-board doctor lists those it does", status: 64)
        }
        return kernels
    }
}

extension LoadedModel {
    /// A detector with the model's own settings, which must not outlive the loaded model.
    @inline(never)
    public borrowing func detector(kernels: KernelSet, threads: Int, map: DetectionMap = .probability) throws(Failure) -> TextDetector {
        do throws(DetectorError) {
            return try TextDetector(model: model, arena: arena.bytes, kernels: kernels, threads: threads, map: map)
        } catch { throw .detector(path, error) }
    }
}
