import Calibration
import Foundation
import Testing

/// A file from outside may hold anything: the importer answers with a graph or an error, and never stops the program.
@Suite struct ONNXHostileFileTests {
    /// A little of everything that has sizes in it.
    static let model: Data = {
        let builder = ONNXBuilder.detector(opset: 11) { builder, x in
            let small = builder.convolution(
                x, 2, 4, kernel: 3, [.integers("pads", [1, 1, 1, 1]), .integers("strides", [2, 2]), .integer("group", 1)])
            let normalized = builder.node(
                "BatchNormalization", [small] + (0..<4).map { builder.constant([4], Noise.floats(4, seed: $0, in: 0.5..<1)) })
            let swish = builder.node("Mul", [normalized, builder.node("HardSigmoid", [normalized], [.float("alpha", 1 / 6)])])
            let gate = builder.node("HardSigmoid", [builder.convolution(builder.node("GlobalAveragePool", [swish]), 4, 4)])
            let gated = builder.node("Mul", [swish, gate])
            let pooled = builder.node("MaxPool", [gated], [.string("auto_pad", "SAME_UPPER"), .integers("kernel_shape", [2, 2])])
            let shape = builder.node("Shape", [x])
            let sizes = builder.node(
                "Concat",
                [
                    builder.node("Slice", [shape, builder.integers([0]), builder.integers([1])]),
                    builder.integers([4, 32]),
                    builder.node("Unsqueeze", [builder.node("Gather", [shape, builder.integers([3])])], [.integers("axes", [])]),
                ],
                [.integer("axis", 0)])
            let large = builder.node(
                "Resize", [pooled, builder.constant([0], []), builder.constant([0], []), sizes],
                [.string("coordinate_transformation_mode", "asymmetric"), .string("nearest_mode", "floor")])
            let transposed = builder.node(
                "ConvTranspose", [pooled, builder.constant([4, 2, 2, 2], Noise.floats(32, seed: 8))], [.integers("strides", [2, 2])])
            let joined = builder.node("Concat", [large, transposed], [.integer("axis", 1)])
            return builder.node("Relu", [builder.convolution(joined, 6, 2)])
        }
        return (try? builder.bytes) ?? Data()
    }()

    /// True where the bytes give a graph; records an issue where the error is not a sentence.
    private func isImported(_ bytes: Data) -> Bool {
        do {
            _ = try importONNX(bytes, inputHeight: 32, inputWidth: 32)
            return true
        } catch {
            let unprintable = error.description.unicodeScalars.filter { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) }
            #expect(!error.description.isEmpty && unprintable.isEmpty)
            return false
        }
    }

    @Test func theModelItselfIsFine() {
        #expect(isImported(Self.model))
    }

    @Test func cutAtEveryByte() {
        for length in 0..<Self.model.count { #expect(!isImported(Self.model.prefix(length)), "cut at \(length)") }
    }

    @Test(.enabled("the trained models are not in ~/.cache/textpin/models") { TrainedModel.areAllThere }, arguments: TrainedModel.all)
    func trainedModelsCutAtEveryTenth(_ model: TrainedModel) throws {
        let bytes = try model.bytes
        for tenth in 0..<10 { #expect(!isImported(bytes.prefix(bytes.count * tenth / 10)), "cut at \(tenth) tenths") }
    }

    @Test func everyByteReplaced() {
        var survivors = 0
        for index in Self.model.indices {
            for value in [0, 1, 0x7F, 0x80, 0xFF] as [UInt8] {
                var bytes = Self.model
                bytes[index] = value
                if isImported(bytes) { survivors += 1 }
            }
        }
        // Changed weights and names of nodes still make a network, changed tags and sizes do not.
        #expect(survivors > 0 && survivors < 5 * Self.model.count)
    }

    @Test(arguments: 0..<8)
    func randomBytesFlipped(_ seed: UInt64) {
        var noise = Noise(seed: seed)
        var survivors = 0
        for _ in 0..<2000 {
            var bytes = Self.model
            for _ in 0..<Int.random(in: 1...8, using: &noise) {
                bytes[Int.random(in: 0..<bytes.count, using: &noise)] = UInt8.random(in: 0...255, using: &noise)
            }
            if isImported(bytes) { survivors += 1 }
        }
        #expect(survivors > 0 && survivors < 2000)
    }

    @Test(arguments: 0..<4)
    func noiseIsNoModel(_ seed: UInt64) {
        var noise = Noise(seed: seed)
        for length in 0..<300 {
            #expect(!isImported(Data((0..<length).map { _ in UInt8.random(in: 0...255, using: &noise) })))
        }
    }
}
