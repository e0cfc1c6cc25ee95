import CKernels
import Testing

@Suite struct ElementwiseOracleTests {
    let oracle: textpin_kernel_set

    init() throws {
        oracle = try #require(textpin_kernel_set_named("scalar")).pointee
    }

    /// One channel: (3 a - 2 b + 1) >> 2, each pixel of b serving two of a.
    @Test func combineByHand() {
        var output = [Int8](repeating: 9, count: 5)
        combine(weightA: [3], bias: [1], weightB: -2, shift: 2, repeatB: 2, a: [10, 20, -30, 127, -128], b: [4, 5, -128], output: &output)
        // (30 - 8 + 1) / 4 = 5.75; (60 - 7) / 4 = 13.25; (-90 - 9) / 4 = -24.75; (381 - 9) / 4 = 93; (-384 + 257) / 4 = -31.75: floors.
        #expect(output == [5, 13, -25, 93, -32])
    }

    @Test func combineWithoutSecondTensorSaturates() {
        var output = [Int8](repeating: 9, count: 4)
        combine(weightA: [100, -100], bias: [0, 7], weightB: 99, shift: 0, repeatB: 1, a: [2, 1, -2, 0], b: nil, output: &output)
        #expect(output == [127, -93, -128, 7])
    }

    @Test func anyCombine() {
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<50 {
            let channels = Int.random(in: 1...10, using: &generator)
            let repeatB = 1 << Int.random(in: 0...3, using: &generator)
            let shift = Int.random(in: 0...16, using: &generator)
            let a = generator.bytes(channels * 9)
            let b = generator.bytes(channels * 9)
            let weightA = (0..<channels).map { _ in Int16.random(in: .min ... .max, using: &generator) }
            let weightB = Int32.random(in: -32768...32767, using: &generator)
            let bias = (0..<channels).map { _ in Int32.random(in: -1_000_000...1_000_000, using: &generator) }
            var output = [Int8](repeating: 0, count: channels * 9)
            combine(
                weightA: weightA, bias: bias, weightB: weightB, shift: Int32(shift), repeatB: Int32(repeatB), a: a, b: b, output: &output)
            for x in 0..<9 {
                for channel in 0..<channels {
                    let fromA = Int64(a[x * channels + channel]) * Int64(weightA[channel])
                    let fromB = Int64(b[x / repeatB * channels + channel]) * Int64(weightB)
                    let sum = Double(fromA + fromB + Int64(bias[channel])) / Double(1 << shift)
                    #expect(output[x * channels + channel] == Formula.saturate8(Int64(sum.rounded(.down))))
                }
            }
        }
    }

    @Test func sumsAddToWhatIsThere() {
        var sums: [Int32] = [1000, -1]
        // Two channels, a third byte between the pixels.
        oracle.channel_sums([1, -128, 99, 2, -128, 99, 3, 127, 99], 3, 3, 2, &sums)
        #expect(sums == [1006, -130])
    }

    @Test func lookupIsIndexedFromMinus128() {
        let table = (0..<256).map { Int8(truncatingIfNeeded: $0 * 7) }
        var output = [Int8](repeating: 55, count: 6)
        oracle.lookup_row(table, [-128, 127, 0, 9, -1, 1, 9], 3, &output, 3, 2, 2)
        #expect(output == [table[0], table[255], 55, table[137], table[127], 55])
    }

    @Test func repeatStopsInsideTheLastPixel() {
        var output = [Int8](repeating: 55, count: 15)
        oracle.repeat_row([1, 2, 3, 4, 5, 6], 2, &output, 3, 2, 5, 2)
        #expect(output == [1, 2, 55, 1, 2, 55, 3, 4, 55, 3, 4, 55, 5, 6, 55])
    }

    @Test func maximumOfWindows() {
        // Rows of 4 pixels, one channel; windows of 2 by 2 with stride 2.
        var output: [Int8] = [0, 0]
        oracle.maximum_row([-128, -7, 3, 1, -100, -8, 0, 4], 4, 1, 2, 2, 2, &output, 1, 1, 2)
        #expect(output == [-7, 4])
    }

    private func combine(
        weightA: [Int16], bias: [Int32], weightB: Int32, shift: Int32, repeatB: Int32, a: [Int8], b: [Int8]?, output: inout [Int8]
    ) {
        let channels = weightA.count
        weightA.withUnsafeBufferPointer { weightA in
            bias.withUnsafeBufferPointer { bias in
                var combine = textpin_combine(
                    weight_a: weightA.baseAddress, bias: bias.baseAddress, weight_b: weightB, shift: shift, channels: Int32(channels),
                    repeat_b: repeatB)
                oracle.combine_row(&combine, a, channels, b, channels, &output, channels, Int32(output.count / channels))
            }
        }
    }
}
