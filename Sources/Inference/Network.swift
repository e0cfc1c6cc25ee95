import CDevices
import CKernels
import CModelFile

/// An int8 network ready to run in an arena of the caller's: from the input tensor's bytes to logit maps, in integers only.
///
/// Nothing is allocated after `init`, by any step; the same input gives the same bytes on every CPU and with any number of threads.
public struct Network: ~Copyable {
    public let model: Model
    public let kernels: KernelSet
    public let threadCount: Int
    let arena: UnsafeMutableRawPointer
    private let workers: OpaquePointer

    /// Packs the weights for this CPU into the arena and starts `threads` - 1 threads (1...8 in all, the caller's included).
    ///
    /// `arena` holds `model.arenaByteCount` bytes, starts on a multiple of 64, and like the model's bytes outlives the network.
    public init(model: Model, arena: UnsafeMutableRawBufferPointer, kernels: KernelSet, threads: Int = 1) throws(NetworkError) {
        guard (1...Int(TEXTPIN_WORKERS_MAXIMUM)).contains(threads) else { throw .threadCount(threads) }
        guard let start = arena.baseAddress, arena.count >= model.arenaByteCount else {
            throw .arenaTooSmall(needed: model.arenaByteCount, given: arena.count)
        }
        guard UInt(bitPattern: start) % UInt(TEXTPIN_ALIGNMENT) == 0 else { throw .arenaMisaligned }
        let pool = start + Int(model.header.pointee.workers_offset)
        let error = textpin_workers_start(pool, Int32(threads))
        guard error == 0 else { throw .thread(errno: error) }

        self.model = model
        self.kernels = kernels
        self.arena = start
        threadCount = threads
        workers = OpaquePointer(pool)
        for index in model.steps.indices { PackedWeights.pack(index, of: model, into: start, with: kernels) }
    }

    deinit {
        textpin_workers_stop(workers)
    }

    /// Where the frame goes: rows of 4-byte pixels, each channel's value minus 128, the fourth byte unused.
    public var input: InputTensor {
        InputTensor(model.tensors[Int(model.header.pointee.input_tensor)], arena: arena)
    }

    /// The logits of a map, row by row, in units of 1 / 2048; valid until the next run.
    ///
    /// A model without a threshold head has the probability map only.
    public func logits(of map: DetectionMap) -> UnsafePointer<Int16> {
        let header = model.header.pointee
        let index = map == .binary && model.hasBinaryMap ? header.binary_tensor : header.probability_tensor
        return UnsafePointer((arena + Int(model.tensors[Int(index)].arena_offset)).assumingMemoryBound(to: Int16.self))
    }

    /// Runs every step that `map` needs, on the input tensor as it stands. A model without a threshold head has no binary map: nothing runs.
    public borrowing func run(_ map: DetectionMap = .probability) {
        run(steps: 0..<model.steps.count, needed: map, isWhole: true)
    }

    /// Where a tensor lies; for the calibrator, which looks between steps.
    package func view(ofTensor index: Int) -> TensorView { TensorView(model.tensors[index], arena: arena) }

    /// Packs a step's weights again after the calibrator has changed its bias in the model's bytes.
    package func repack(step index: Int) {
        PackedWeights.pack(index, of: model, into: arena, with: kernels)
    }

    /// Runs some of the steps, each by itself; the calibrator looks between them.
    package borrowing func run(steps: Range<Int>, needed map: DetectionMap) {
        run(steps: steps, needed: map, isWhole: false)
    }

    /// - Parameter nanoseconds: null, or what a `StepClock` writes to.
    borrowing func run(
        steps: Range<Int>, needed map: DetectionMap, isWhole: Bool, timing nanoseconds: UnsafeMutablePointer<Int64>? = nil
    ) {
        var task = NetworkTask(
            model: model, kernels: kernels.table, arena: arena, workers: workers, steps: steps, needed: map.bit, isWhole: isWhole,
            nanoseconds: nanoseconds)
        withUnsafeMutablePointer(to: &task) { task in
            textpin_workers_run(
                workers,
                { context, worker, count in
                    // `run` passes the task below, which lives until all workers are done.
                    guard let task = context?.assumingMemoryBound(to: NetworkTask.self) else { return }
                    task.pointee.run(worker: Int(worker), of: Int(count))
                }, task)
        }
    }
}

/// Which of a DBNet's maps boxes are formed from (Liao et al. 2020, section 3.1).
public enum DetectionMap: Sendable {
    case probability
    /// The approximate binary map of the threshold head.
    case binary

    var bit: UInt32 { self == .binary ? TEXTPIN_NEEDED_FOR_BINARY : TEXTPIN_NEEDED_FOR_PROBABILITY }
}

/// The input tensor's bytes: `height` rows of `width` pixels of 4 bytes.
public struct InputTensor {
    public let pixels: UnsafeMutablePointer<Int8>
    /// Bytes from row to row.
    public let rowStride: Int
    public let width: Int
    public let height: Int
    /// Pixels around these rows that belong to the tensor too, to be filled with the padding colour like the rest around the picture.
    public let border: (top: Int, left: Int, bottom: Int, right: Int)

    /// A tensor of its own without a border, in memory of the caller's.
    package init(pixels: UnsafeMutablePointer<Int8>, width: Int, height: Int) {
        self.pixels = pixels
        self.width = width
        self.height = height
        rowStride = 4 * width
        border = (0, 0, 0, 0)
    }

    init(_ tensor: textpin_model_tensor, arena: UnsafeMutableRawPointer) {
        let view = TensorView(tensor, arena: arena)
        pixels = view.pixels
        rowStride = view.rowStride
        width = view.width
        height = view.height
        border = (Int(tensor.border_top), Int(tensor.border_left), Int(tensor.border_bottom), Int(tensor.border_right))
    }
}

/// What the workers share while they run.
struct NetworkTask {
    let model: Model
    let kernels: UnsafePointer<textpin_kernel_set>
    let arena: UnsafeMutableRawPointer
    let workers: OpaquePointer
    let steps: Range<Int>
    let needed: UInt32
    /// Whether nobody looks between the steps, so that one may do the work of several.
    let isWhole: Bool
    let nanoseconds: UnsafeMutablePointer<Int64>?

    func run(worker: Int, of count: Int) {
        var clock = worker == 0 ? nanoseconds.map { StepClock(nanoseconds: $0) } : nil
        for index in steps where model.steps[index].needed_for & needed != 0 {
            if !isWhole || !PyramidStep.isLeftOut(index, of: model, in: arena, with: kernels.pointee) {
                StepRun(index: index, task: self, share: Share(worker: worker, count: count)).run()
                textpin_workers_meet(workers)
            }
            clock?.note(step: index)
        }
    }

    func view(_ tensor: UInt32) -> TensorView {
        TensorView(model.tensors[Int(tensor)], arena: arena)
    }
}

/// One worker's part of a step.
struct Share {
    let worker: Int
    let count: Int

    /// This worker's part of `0..<total`, cut at multiples of `grain`.
    func part(of total: Int, grain: Int = 1) -> Range<Int> {
        let grains = (total + grain - 1) / grain
        let start = min(total, grains * worker / count * grain)
        let end = min(total, grains * (worker + 1) / count * grain)
        return start..<end
    }
}
