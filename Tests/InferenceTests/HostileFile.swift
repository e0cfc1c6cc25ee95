import CModelFile
import Inference
import TestNetworks

/// A model file that can be changed field by field, and whose checksum can be made right again.
struct HostileFile {
    /// Four bytes of a record.
    struct Field {
        var offset: Int
        var value: UInt32
        /// The kind of record and the place in it: equal for the same field of two tensors.
        var place: [Int]

        /// Numbers around zero, around the value, around limits and at the ends of types.
        var hostileValues: [UInt32] {
            let fixed: [UInt32] = [
                0, 1, 2, 3, 4, 5, 15, 16, 17, 31, 32, 63, 64, 65, 127, 128, 255, 256, 4096, 8191, 8192, 8193, 32767, 32768, 65535, 65536,
                1 << 24, 1 << 29, 1 << 30, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FF80, 0xFFFF_FFC0, 0xFFFF_FFFF,
            ]
            let near = [value &- 64, value &- 4, value &- 1, value &+ 1, value &+ 4, value &+ 64, value &* 2, value / 2, value &+ 1024]
            return (fixed + near).filter { $0 != value }
        }
    }

    private var bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private var header: textpin_model_header { bytes.withUnsafeBytes { $0.load(as: textpin_model_header.self) } }

    /// All fields but magic, version and checksum; 8-byte fields count as two.
    var fields: [Field] {
        let header = self.header
        func fields(_ start: Int, _ size: Int, kind: Int) -> [Field] {
            stride(from: 0, to: size, by: 4).map { Field(offset: start + $0, value: value(at: start + $0), place: [kind, $0]) }
        }
        var result = fields(0, MemoryLayout<textpin_model_header>.size, kind: 0).filter { $0.offset >= 16 || $0.offset == 8 }
        for index in 0..<Int(header.tensor_count) {
            let size = MemoryLayout<textpin_model_tensor>.stride
            result += fields(Int(header.tensors_offset) + index * size, size, kind: 1)
        }
        for index in 0..<Int(header.step_count) {
            let size = MemoryLayout<textpin_model_step>.stride
            result += fields(Int(header.steps_offset) + index * size, size, kind: 2)
        }
        return result
    }

    private func value(at offset: Int) -> UInt32 { bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self) } }

    mutating func set(_ field: Field, _ value: UInt32) {
        bytes.withUnsafeMutableBytes { $0.storeBytes(of: value, toByteOffset: field.offset, as: UInt32.self) }
    }

    /// Changes a byte of the weights, biases, factors or tables.
    mutating func setConstant(_ numbers: inout SeededNumbers) {
        let first = Int(header.steps_offset) + Int(header.step_count) * MemoryLayout<textpin_model_step>.stride
        guard first < bytes.count else { return }
        bytes[Int.random(in: first..<bytes.count, using: &numbers)] =
            [0, 1, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255, using: &numbers)][
                Int.random(in: 0..<6, using: &numbers)]
    }

    /// The bytes with the checksum that fits them.
    func repaired() -> [UInt8] {
        var result = bytes
        let checksum = result.withUnsafeBytes { Model.checksum(of: $0) }
        result.withUnsafeMutableBytes { $0.storeBytes(of: checksum, toByteOffset: Int(TEXTPIN_MODEL_CHECKSUM_OFFSET), as: UInt32.self) }
        return result
    }
}
