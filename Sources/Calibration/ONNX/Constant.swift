import Foundation

/// A tensor whose numbers are known at import: a weight, a bias, a shape under construction.
package struct Constant: Equatable {
    package enum Elements: Equatable {
        case floats([Float])
        case integers([Int])
    }

    /// Empty for a scalar.
    package var shape: [Int]
    /// As many as `shape` says, in row-major order.
    package var elements: Elements

    package init(shape: [Int], elements: Elements) {
        self.shape = shape
        self.elements = elements
    }

    var count: Int {
        switch elements {
        case .floats(let values): values.count
        case .integers(let values): values.count
        }
    }

    var integers: [Int]? {
        if case .integers(let values) = elements { values } else { nil }
    }

    /// The numbers as floats; integers are converted.
    var floats: [Float] {
        switch elements {
        case .floats(let values): values
        case .integers(let values): values.map { Float($0) }
        }
    }

    /// The only element, where there is one only.
    var scalar: Float? { count == 1 ? floats[0] : nil }
}

extension Constant {
    /// Decodes an ONNX tensor, whether its numbers are raw bytes or a typed field.
    ///
    /// Throws where the type is not one that detectors use, where the numbers are in another file, or where their count does not suit the shape.
    package init(_ tensor: ONNXTensor) throws(ImportError) {
        func failure(_ problem: String) -> ImportError { .tensor(name: tensor.name, problem: problem) }
        guard tensor.dataLocation == .default else {
            throw failure("its numbers are in a separate file; save the model as one file")
        }
        let shape = tensor.dims.map { Int($0) }
        guard let count = checkedProduct(shape) else { throw failure("its shape \(shape) is not a possible one") }
        let elements: Elements? =
            switch tensor.dataType {
            case .float:
                tensor.hasRawData
                    ? Self.littleEndian(tensor.rawData, count, UInt32.self).map { .floats($0.map { Float(bitPattern: $0) }) }
                    : .floats(tensor.floatData)
            case .double:
                tensor.hasRawData
                    ? Self.littleEndian(tensor.rawData, count, UInt64.self).map { .floats($0.map { Float(Double(bitPattern: $0)) }) }
                    : .floats(tensor.doubleData.map { Float($0) })
            case .float16:
                tensor.hasRawData
                    ? Self.littleEndian(tensor.rawData, count, UInt16.self).map { .floats($0.map(float(halfBits:))) }
                    : .floats(tensor.int32Data.map { float(halfBits: UInt16(truncatingIfNeeded: $0)) })
            case .int32:
                tensor.hasRawData
                    ? Self.littleEndian(tensor.rawData, count, UInt32.self).map { .integers($0.map { Int(Int32(bitPattern: $0)) }) }
                    : .integers(tensor.int32Data.map { Int($0) })
            case .int64:
                tensor.hasRawData
                    ? Self.littleEndian(tensor.rawData, count, UInt64.self).map { .integers($0.map { Int(Int64(bitPattern: $0)) }) }
                    : .integers(tensor.int64Data.map { Int($0) })
            case .undefined, .UNRECOGNIZED:
                throw failure("its data type \(tensor.dataType.rawValue) is not FLOAT, FLOAT16, DOUBLE, INT32 or INT64")
            }
        guard let elements else {
            throw failure("its shape \(shape) asks for \(count) numbers, but its data has \(tensor.rawData.count) bytes")
        }
        self.init(shape: shape, elements: elements)
        guard self.count == count else {
            throw failure("its shape \(shape) asks for \(count) numbers, but there are \(self.count)")
        }
    }

    /// Nil where the bytes do not hold exactly `count` numbers.
    private static func littleEndian<Bits: FixedWidthInteger>(_ bytes: Data, _ count: Int, _: Bits.Type) -> [Bits]? {
        let size = MemoryLayout<Bits>.size
        guard bytes.count.isMultiple(of: size), bytes.count / size == count else { return nil }
        return bytes.withUnsafeBytes { raw in
            (0..<count).map { Bits(littleEndian: raw.loadUnaligned(fromByteOffset: $0 * size, as: Bits.self)) }
        }
    }
}

/// The product of a shape's sizes, nil where a size is negative or the product overflows.
func checkedProduct(_ sizes: [Int]) -> Int? {
    var product = 1
    for size in sizes {
        let (next, overflow) = product.multipliedReportingOverflow(by: size)
        guard size >= 0, !overflow else { return nil }
        product = next
    }
    return product
}

/// An IEEE 754 half as a float; spelled out because `Float16` is not there on every host.
private func float(halfBits bits: UInt16) -> Float {
    let sign: Float = bits & 0x8000 == 0 ? 1 : -1
    let exponent = Int(bits >> 10 & 31)
    let fraction = Float(bits & 1023)
    return switch exponent {
    case 0: sign * fraction * 0x1p-24
    case 31: fraction == 0 ? sign * .infinity : .nan
    default: sign * Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction * 0x1p-10)
    }
}
