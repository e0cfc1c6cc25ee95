import CDevices
import CKernels
import CModelFile

/// Limits that keep every product of sizes far from overflow; no detector for a board comes near them.
enum ModelLimit {
    static let side: UInt32 = 8192
    static let channels: UInt32 = 8192
    static let border: UInt32 = 16
    static let kernel: UInt32 = 16
    /// What the kernels keep of a depthwise window on the stack.
    static let depthwiseTaps: UInt32 = 49
    static let records: UInt32 = 65536
    static let arena: UInt64 = 1 << 32
}

extension Model {
    /// Checks the header, then every tensor, then every step, so that no step can read or write outside the arena or the file.
    func validate() throws(ModelError) {
        try validateHeader()
        for index in tensors.indices { try validateTensor(index) }
        try validateInput()
        for index in steps.indices { try validateStep(index) }
        try validateArena()
    }

    /// Tensors may share bytes: where they should not, the maps are wrong and no more. But what steers memory accesses must be nobody else's: the
    /// threads' pool and the packed weights lie behind all tensors, one after the other; what the scaler and box formation work on lies beside
    /// what they read and write meanwhile.
    private func validateArena() throws(ModelError) {
        let header = header.pointee
        var end = max(header.boxes_offset + header.boxes_bytes, header.frame_offset + header.frame_bytes)
        for index in tensors.indices where Int(tensors[index].storage) == index {
            end = max(end, tensors[index].arena_offset + tensors[index].arena_bytes)
        }
        for index in steps.indices {
            let step = steps[index]
            guard step.hasPackedWeights ? step.packed_offset >= end : step.packed_bytes == 0 else {
                throw .step(index: index, "packed weights that lie behind all else in the arena")
            }
            guard step.hasPackedWeights else { continue }
            end = step.packed_offset + step.packed_bytes
        }
        guard header.workers_offset >= end else { throw .header("a threads' pool at the end of the arena") }
        guard isApart(header.frame_offset, header.frame_bytes, from: header.input_tensor),
            isApart(header.boxes_offset, header.boxes_bytes, from: header.probability_tensor),
            header.binary_tensor == TEXTPIN_NONE || isApart(header.boxes_offset, header.boxes_bytes, from: header.binary_tensor)
        else { throw .header("work areas that lie beside the input and the maps") }
    }

    private func isApart(_ offset: UInt64, _ count: UInt64, from tensor: UInt32) -> Bool {
        let storage = tensors[Int(tensors[Int(tensor)].storage)]
        return offset + count <= storage.arena_offset || storage.arena_offset + storage.arena_bytes <= offset
    }

    private func validateHeader() throws(ModelError) {
        let header = header.pointee
        guard header.tensor_count <= ModelLimit.records, header.step_count <= ModelLimit.records else {
            throw .header("at most 65536 tensors and steps")
        }
        guard (1...ModelLimit.side).contains(header.input_width), (1...ModelLimit.side).contains(header.input_height),
            header.input_width % 32 == 0, header.input_height % 32 == 0
        else { throw .header("an input size that is a multiple of 32 and at most 8192") }
        var sum: UInt64 = 0
        for index in steps.indices { sum += UInt64(steps[index].multiply_accumulates) }
        guard header.multiply_accumulates == sum else { throw .header("the sum of the steps' multiply-accumulates") }
        guard header.blue_first <= 1 else { throw .header("a channel order of 0 or 1") }
        guard header.arena_bytes >= 1, header.arena_bytes <= ModelLimit.arena else { throw .header("an arena of at most 4 GiB") }
        guard isInArena(header.boxes_offset, header.boxes_bytes), header.boxes_offset % 64 == 0,
            isInArena(header.frame_offset, header.frame_bytes), header.frame_offset % 64 == 0,
            isInArena(header.workers_offset, UInt64(TEXTPIN_WORKERS_BYTES)), header.workers_offset % 64 == 0
        else { throw .header("work areas inside the arena") }
        guard isInFile(header.score_table, count: Int(TEXTPIN_SCORE_ENTRIES), of: UInt16.self) else {
            throw .header("a score table of 1024 entries")
        }
        guard isInFile(header.name, alignment: 1), isInFile(header.source, alignment: 1), isInFile(header.licence, alignment: 1),
            isInFile(header.calibration, alignment: 1)
        else { throw .header("texts inside the file") }
        guard (Int32(Int16.min)...Int32(Int16.max)).contains(header.threshold_logit), header.minimum_score <= 65535,
            header.unclip_ratio <= 256 * 8
        else { throw .header("settings of box formation within their ranges") }
    }

    private func validateTensor(_ index: Int) throws(ModelError) {
        let tensor = tensors[index]
        guard tensor.element <= TEXTPIN_ELEMENT_GATE.rawValue else { throw .tensor(index: index, "a known element type") }
        guard (1...ModelLimit.side).contains(tensor.width), (1...ModelLimit.side).contains(tensor.height),
            (1...ModelLimit.channels).contains(tensor.channels), tensor.channel_stride <= 4 * ModelLimit.channels
        else { throw .tensor(index: index, "sides and channels from 1 to 8192") }
        guard tensor.border_top <= ModelLimit.border, tensor.border_left <= ModelLimit.border,
            tensor.border_bottom <= ModelLimit.border, tensor.border_right <= ModelLimit.border
        else { throw .tensor(index: index, "a border of at most 16 pixels") }
        guard (-128...127).contains(tensor.zero_point) else { throw .tensor(index: index, "a zero point in -128...127") }
        guard isInFile(tensor.name, alignment: 1) else { throw .tensor(index: index, "a name inside the file") }
        guard tensor.storage < header.pointee.tensor_count else { throw .tensor(index: index, "a storage among the tensors") }

        let storage = tensors[Int(tensor.storage)]
        guard storage.storage == tensor.storage, isInArena(storage.arena_offset, storage.arena_bytes), storage.arena_offset % 64 == 0 else {
            throw .tensor(index: index, "a storage inside the arena, aligned to 64 bytes")
        }
        switch textpin_element(tensor.element) {
        case TEXTPIN_ELEMENT_INT8:
            guard tensor.channel_stride % 4 == 0, tensor.channels <= tensor.channel_stride else {
                throw .tensor(index: index, "a channel stride that holds the channels and is a multiple of 4")
            }
            // A slice of a concatenation: the same pixels, some of the channels. Kernels that read it run over its neighbours' channels,
            // and past the last pixel by at most one more stride.
            let (channel, borrow) = tensor.arena_offset.subtractingReportingOverflow(storage.arena_offset)
            guard !borrow, channel + UInt64(tensor.channels) <= UInt64(tensor.channel_stride), storage.extent == tensor.extent,
                storage.rowStride == tensor.rowStride, storage.firstPixelOffset == tensor.firstPixelOffset,
                storage.channel_stride == tensor.channel_stride, tensor.extent <= Int(storage.arena_bytes),
                isInArena(storage.arena_offset, UInt64(tensor.extent) + UInt64(tensor.channel_stride) + UInt64(TEXTPIN_READ_SLACK))
            else { throw .tensor(index: index, "an extent inside its storage") }
        case TEXTPIN_ELEMENT_INT16:
            guard tensor.channels == 1, tensor.channel_stride == 2, tensor.storage == index, !tensor.hasBorder,
                tensor.extent <= Int(tensor.arena_bytes)
            else { throw .tensor(index: index, "a logit map of one channel without a border") }
        default:
            guard tensor.storage == index, !tensor.hasBorder,
                Int(tensor.arena_bytes) >= GateLayout(channels: Int(tensor.channels)).byteCount
            else {
                throw .tensor(index: index, "the bytes that a gate takes, without a border")
            }
        }
    }

    private func validateInput() throws(ModelError) {
        let header = header.pointee
        guard header.input_tensor < header.tensor_count else { throw .header("an input among the tensors") }
        let input = tensors[Int(header.input_tensor)]
        guard input.element == TEXTPIN_ELEMENT_INT8.rawValue, input.channels == 3, input.channel_stride == 4,
            input.width == header.input_width, input.height == header.input_height
        else { throw .header("an input of 3 channels at the input's size") }
        guard isLogitMap(header.probability_tensor) else { throw .header("a probability map of the input's size") }
        guard header.binary_tensor == TEXTPIN_NONE || isLogitMap(header.binary_tensor) else {
            throw .header("a binary map of the input's size")
        }
    }

    func isLogitMap(_ index: UInt32) -> Bool {
        guard index < header.pointee.tensor_count else { return false }
        let tensor = tensors[Int(index)]
        return tensor.element == TEXTPIN_ELEMENT_INT16.rawValue && tensor.width == header.pointee.input_width
            && tensor.height == header.pointee.input_height
    }

    func isInArena(_ offset: UInt64, _ count: UInt64) -> Bool {
        let (end, overflow) = offset.addingReportingOverflow(count)
        return !overflow && end <= header.pointee.arena_bytes
    }

    func isInFile(_ span: textpin_model_span, alignment: UInt32) -> Bool {
        span.bytes == 0 || (span.offset % alignment == 0 && UInt64(span.offset) + UInt64(span.bytes) <= UInt64(bytes.count))
    }

    /// Whether a span holds exactly `count` values.
    func isInFile<Value>(_ span: textpin_model_span, count: Int, of type: Value.Type) -> Bool {
        Int(span.bytes) == count * MemoryLayout<Value>.stride && isInFile(span, alignment: 8)
    }
}
