import CKernels
import CModelFile

/// One worker's run of one step.
struct StepRun {
    let index: Int
    let task: NetworkTask
    let share: Share

    var step: textpin_model_step { task.model.steps[index] }
    var kernels: textpin_kernel_set { task.kernels.pointee }

    func run() {
        fillBorder()
        if task.isWhole, runPyramid() { return }
        switch textpin_step_kind(step.kind) {
        case TEXTPIN_STEP_CONVOLUTION: runConvolution()
        case TEXTPIN_STEP_DEPTHWISE: runDepthwise()
        case TEXTPIN_STEP_TRANSPOSED: runTransposed()
        case TEXTPIN_STEP_LOGITS: runLogits()
        case TEXTPIN_STEP_TRANSPOSED_LOGITS: runTransposedLogits()
        case TEXTPIN_STEP_COMBINE: runCombine()
        case TEXTPIN_STEP_GATE: runGate()
        case TEXTPIN_STEP_LOOKUP: runLookup()
        case TEXTPIN_STEP_REPEAT: runRepeat()
        case TEXTPIN_STEP_BILINEAR: runBilinear()
        case TEXTPIN_STEP_MAXIMUM: runMaximum()
        default: runBinaryMap()
        }
    }

    /// Surrounds the output with its zero point when its storage comes to life: other tensors used those bytes before.
    ///
    /// Rows are shared as the step's own rows are, and borders never overlap pixels, so no worker waits for another.
    private func fillBorder() {
        let output = task.model.tensors[Int(step.output)]
        let storage = task.model.tensors[Int(output.storage)]
        guard storage.hasBorder, Int(storage.first_step) == index else { return }
        let start = (task.arena + Int(storage.arena_offset)).assumingMemoryBound(to: Int8.self)
        let zero = Int8(truncatingIfNeeded: storage.zero_point)
        let pixel = Int(storage.channel_stride)
        let left = Int(storage.border_left) * pixel
        let right = Int(storage.border_right) * pixel
        let inside = Int(storage.border_top)..<Int(storage.border_top + storage.height)
        for row in share.part(of: Int(storage.border_top + storage.height + storage.border_bottom)) {
            let line = start + row * storage.rowStride
            if inside.contains(row) {
                line.update(repeating: zero, count: left)
                (line + (storage.rowStride - right)).update(repeating: zero, count: right)
            } else {
                line.update(repeating: zero, count: storage.rowStride)
            }
        }
    }

    /// Calls `body` with this worker's rows of the output; where no tensor has gaps between rows and each output pixel needs just its own
    /// input pixel, all rows count as one, so that tiles of pixels do not end at each row.
    func forRows(
        of output: TensorView, joinedWith input: TensorView?, and addend: TensorView? = nil,
        _ body: (_ row: Int, _ column: Int, _ pixels: Int) -> Void
    ) {
        if let input, output.isContiguous, input.isContiguous, addend?.isContiguous ?? true, input.width == output.width,
            input.height == output.height
        {
            let part = share.part(of: output.width * output.height, grain: 48)
            if !part.isEmpty { body(0, part.lowerBound, part.count) }
        } else {
            for row in share.part(of: output.height) { body(row, 0, output.width) }
        }
    }
}
