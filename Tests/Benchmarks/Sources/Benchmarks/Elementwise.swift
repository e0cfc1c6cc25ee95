import CKernels

/// A step that multiplies no weights: tables, sums of two tensors, nearest enlarging, maximum pools, sums of channels.
struct Elementwise: Workload {
    enum Operation: String {
        case table
        case add
        case enlarge8 = "enlarge x8"
        case maximum = "maximum 2x2"
        case channelSums = "channel sums"
    }

    let operation: Operation
    let channels: Int
    /// Of the square output.
    let side: Int

    /// Of PP-OCRv3, v4 and v6 tiny; the table as if a function of theirs needed one.
    static let layers: [any Workload] = [
        Elementwise(operation: .table, channels: 16, side: 320), Elementwise(operation: .add, channels: 96, side: 160),
        Elementwise(operation: .enlarge8, channels: 24, side: 160), Elementwise(operation: .maximum, channels: 16, side: 320),
        Elementwise(operation: .channelSums, channels: 96, side: 160),
    ]

    var name: String { "\(operation.rawValue), \(channels), \(side)x\(side)" }
    var multiplyAccumulates: Int { 0 }

    func prepared(for set: textpin_kernel_set) -> () -> Void {
        let input = Tensor(channels, side + 1, side + 1, seed: 1)
        let output = Tensor(channels, side, side, seed: 2)
        let (pixels, count) = (Int32(side), Int32(channels))
        switch operation {
        case .table:
            let table = Memory(byteCount: 256, seed: 3)
            return {
                for row in 0..<side {
                    set.lookup_row(
                        table.int8, input.pixel(row: row), input.pixelStride, output.pixel(row: row), output.pixelStride, count, pixels)
                }
            }
        case .add:
            let other = Tensor(channels, side, side, seed: 3)
            let weights = [Int16](repeating: 9000, count: channels)
            let bias = [Int32](repeating: 8192, count: channels)
            return {
                weights.withUnsafeBufferPointer { weights in
                    bias.withUnsafeBufferPointer { bias in
                        var combine = textpin_combine(
                            weight_a: weights.baseAddress, bias: bias.baseAddress, weight_b: 7000, shift: 14, channels: count, repeat_b: 1)
                        for row in 0..<side {
                            set.combine_row(
                                &combine, input.pixel(row: row), input.pixelStride, other.pixel(row: row), other.pixelStride,
                                output.pixel(row: row), output.pixelStride, pixels)
                        }
                    }
                }
            }
        case .enlarge8:
            return {
                for row in 0..<side {
                    set.repeat_row(
                        input.pixel(row: row / 8), input.pixelStride, output.pixel(row: row), output.pixelStride, count, pixels, 8)
                }
            }
        case .maximum:
            return {
                for row in 0..<side {
                    set.maximum_row(
                        input.pixel(row: row), input.rowStride, input.pixelStride, 2, 2, 1, output.pixel(row: row), output.pixelStride,
                        count, pixels)
                }
            }
        case .channelSums:
            let sums = Memory(byteCount: 4 * channels)
            return {
                let start = sums.start.assumingMemoryBound(to: Int32.self)
                start.update(repeating: 0, count: channels)
                for row in 0..<side { set.channel_sums(input.pixel(row: row), input.pixelStride, pixels, count, start) }
            }
        }
    }
}
