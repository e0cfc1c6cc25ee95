import CModelFile

/// A checked view of a model file's bytes, which must outlive it: nothing is copied, nothing allocated.
///
/// Every offset, size and number that a kernel will use is checked here, once; see `ModelValidation.swift`.
public struct Model: @unchecked Sendable {
    package let bytes: UnsafeRawBufferPointer
    package let header: UnsafePointer<textpin_model_header>
    package let tensors: UnsafeBufferPointer<textpin_model_tensor>
    package let steps: UnsafeBufferPointer<textpin_model_step>

    /// Reads a model in place; `bytes` starts on a multiple of 64, as mapped files do.
    public init(bytes: UnsafeRawBufferPointer) throws(ModelError) {
        guard let start = bytes.baseAddress, bytes.count >= MemoryLayout<textpin_model_header>.size else {
            throw .tooShort(bytes: bytes.count)
        }
        guard UInt(bitPattern: start) % 64 == 0 else { throw .misaligned }
        let header = start.assumingMemoryBound(to: textpin_model_header.self)
        guard header.pointee.magic == TEXTPIN_MODEL_MAGIC else { throw .wrongMagic }
        guard header.pointee.version == TEXTPIN_MODEL_VERSION else {
            throw .wrongVersion(found: header.pointee.version, supported: TEXTPIN_MODEL_VERSION)
        }
        guard Int(header.pointee.bytes) == bytes.count else {
            throw .wrongLength(stated: Int(header.pointee.bytes), found: bytes.count)
        }
        guard Model.checksum(of: bytes) == header.pointee.checksum else { throw .wrongChecksum }

        self.bytes = bytes
        self.header = header
        tensors = try Model.records(bytes, header.pointee.tensors_offset, header.pointee.tensor_count)
        steps = try Model.records(bytes, header.pointee.steps_offset, header.pointee.step_count)
        try validate()
    }

    /// The CRC-32 of a model file's bytes with its checksum field taken as 0.
    package static func checksum(of bytes: UnsafeRawBufferPointer) -> UInt32 {
        guard let start = bytes.baseAddress else { return 0 }
        let offset = Int(TEXTPIN_MODEL_CHECKSUM_OFFSET)
        var zero: UInt32 = 0
        let head = textpin_checksum(0, start, offset)
        let middle = textpin_checksum(head, &zero, 4)
        return textpin_checksum(middle, start + offset + 4, bytes.count - offset - 4)
    }

    private static func records<Record>(
        _ bytes: UnsafeRawBufferPointer, _ offset: UInt32, _ count: UInt32
    ) throws(ModelError) -> UnsafeBufferPointer<Record> {
        let (size, overflow) = Int(count).multipliedReportingOverflow(by: MemoryLayout<Record>.stride)
        guard let start = bytes.baseAddress, !overflow, offset % 8 == 0, count > 0, Int(offset) <= bytes.count,
            size <= bytes.count - Int(offset)
        else { throw .header("the tables of tensors and steps lie inside the file") }
        return UnsafeBufferPointer(start: (start + Int(offset)).assumingMemoryBound(to: Record.self), count: Int(count))
    }

    /// A piece of the file that `validate` has found to lie inside it.
    package func pointer<Value>(_ span: textpin_model_span, as type: Value.Type) -> UnsafePointer<Value>? {
        guard span.bytes > 0, let start = bytes.baseAddress else { return nil }
        return (start + Int(span.offset)).assumingMemoryBound(to: Value.self)
    }
}

extension Model {
    public var inputWidth: Int { Int(header.pointee.input_width) }
    public var inputHeight: Int { Int(header.pointee.input_height) }
    /// The exact size of the arena that a network of this model lives in.
    public var arenaByteCount: Int { Int(header.pointee.arena_bytes) }
    public var multiplyAccumulates: Int { Int(header.pointee.multiply_accumulates) }
    public var hasBinaryMap: Bool { header.pointee.binary_tensor != TEXTPIN_NONE }
    /// Whether the input's first channel is blue.
    public var isBlueFirst: Bool { header.pointee.blue_first == 1 }

    /// 1024 probabilities in 1/65535; entry i is that of the logit -8 + (i + 0.5) / 64.
    public var scoreTable: UnsafePointer<UInt16> {
        // Validation has found the span to lie inside the file, so there is a base address.
        UnsafeRawPointer(header).advanced(by: Int(header.pointee.score_table.offset)).assumingMemoryBound(to: UInt16.self)
    }

    /// A text of the file as UTF-8 bytes.
    package func text(_ span: textpin_model_span) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: pointer(span, as: UInt8.self), count: Int(span.bytes))
    }
}
