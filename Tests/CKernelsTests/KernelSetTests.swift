import CKernels
import Testing

/// The kernel sets that this CPU runs, as the table lists them.
func availableSets() -> [textpin_kernel_set] {
    var sets: [textpin_kernel_set] = []
    while let set = textpin_kernel_set_at(Int32(sets.count)) {
        sets.append(set.pointee)
    }
    return sets
}

@Suite struct KernelSetTests {
    @Test func scalarOracleIsAlwaysThereAndLast() {
        let names = availableSets().map { String(cString: $0.name) }
        #expect(names.last == "scalar")
        #expect(Set(names).count == names.count)
    }

    @Test func namedSetsAreThoseListed() throws {
        for set in availableSets() {
            let named = try #require(textpin_kernel_set_named(set.name))
            #expect(named.pointee.name == set.name)
        }
        #expect(textpin_kernel_set_named("abacus") == nil)
        #expect(textpin_kernel_set_named("") == nil)
    }

    @Test func listHasAnEnd() {
        #expect(textpin_kernel_set_at(Int32(availableSets().count)) == nil)
        #expect(textpin_kernel_set_at(Int32.max) == nil)
    }
}

@Suite struct PackedLimitTests {
    /// Shapes alone decide the sizes: no weights are there.
    func shape(output: Int, rows: Int, columns: Int, input: Int, stride: Int) -> textpin_weights {
        textpin_weights(
            weights: nil, bias: nil, multiplier: nil, shift: nil, output_multiplier: nil, output_channels: Int32(output),
            kernel_rows: Int32(rows),
            kernel_columns: Int32(columns), input_channels: Int32(input), input_channel_stride: Int32(stride))
    }

    @Test func everySetStaysWithinTheConvolutionLimit() {
        for set in availableSets() {
            for output in Array(1...130) + [336, 480, 1001] {
                for (rows, columns) in [(1, 1), (2, 2), (3, 3), (1, 7), (7, 1), (5, 5)] {
                    for input in [1, 3, 4, 8, 24, 42, 96] {
                        var weights = shape(output: output, rows: rows, columns: columns, input: input, stride: (input + 3) / 4 * 4)
                        let bytes = set.packed_convolution_bytes(&weights)
                        #expect(bytes <= textpin_packed_convolution_limit(&weights))
                        #expect(bytes % Int(TEXTPIN_ALIGNMENT) == 0)
                        #expect(bytes >= output * rows * columns * input)
                    }
                }
            }
        }
    }

    @Test func everySetStaysWithinTheDepthwiseLimit() {
        for set in availableSets() {
            for channels in Array(1...200) + [336, 384, 480, 1001, 2048] {
                for rows in 1...7 {
                    for columns in 1...7 {
                        var weights = shape(output: channels, rows: rows, columns: columns, input: 1, stride: (channels + 3) / 4 * 4)
                        let bytes = set.packed_depthwise_bytes(&weights)
                        #expect(bytes <= textpin_packed_depthwise_limit(&weights))
                        #expect(bytes % Int(TEXTPIN_ALIGNMENT) == 0)
                        #expect(bytes >= channels * rows * columns)
                    }
                }
            }
        }
    }
}
