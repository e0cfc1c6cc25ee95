import CModelFile
import CSelfCheck
import Calibration
import Foundation
import Inference
import TestNetworks
import Testing

/// What `textpin-board selfcheck` compares a machine with: here it is held to the documented equations, without the kernels.
@Suite struct SelfCheckTests {
    @Test func theEmbeddedNetworkFollowsTheEquations() throws {
        let bytes = UnsafeRawBufferPointer(start: textpin_self_check_network(), count: textpin_self_check_network_bytes())
        #expect(Self.digest(try Self.plainLogits(Model(bytes: bytes))) == textpin_self_check_network_digest())
    }

    @Test func everyKernelSetGivesTheGoldenVectors() {
        #expect(textpin_golden_vector_count() > 10)
        for set in KernelSet.all {
            for vector in 0..<textpin_golden_vector_count() {
                let found = textpin_golden_vector_run(vector, set.table)
                #expect(found == textpin_golden_vector_digest(vector), "\(String(cString: set.name)), vector \(vector)")
            }
        }
    }

    /// Makes the embedded network anew, for when the model file's version changes:
    /// `TEXTPIN_SELF_CHECK_NETWORK=Sources/CSelfCheck/network.h swift test -c release --disable-xctest --filter makesTheEmbeddedNetwork`
    @Test(.enabled(if: Self.target != nil, "TEXTPIN_SELF_CHECK_NETWORK says where the network is written to"))
    func makesTheEmbeddedNetwork() throws {
        let options = CalibrationOptions(width: Self.side, height: Self.side, ranges: .minmax, threads: 2)
        let pictures = (0..<6).map { Picture.scene(width: Self.side, height: Self.side, seed: 100 + UInt64($0)) }
        let description = ModelDescription(
            name: "self-check", source: "drawn numbers", licence: "Apache-2.0", calibration: "drawn pictures", preprocessing: .paddleOCR,
            threshold: 0.3, minimumScore: 0.5, unclipRatio: 1.5)
        let file = try Calibrator(Self.graph(), options: options).run(
            pictures: pictures.count, picture: { pictures[$0] }, description: description, progress: { _ in }
        ).bytes
        let model = ModelBytes(file)
        let logits = try withExtendedLifetime(model) { try Self.plainLogits(IntegerRunner(model).network.model) }
        #expect(Set(logits).count > 100, "a map of few values would prove nothing")
        let rows = stride(from: 0, to: file.count, by: 32).map { start in
            "    " + file[start..<min(start + 32, file.count)].map { "\($0)," }.joined(separator: " ")
        }
        let text = """
            // Written by SelfCheckTests: a model file and the digest of its logits.
            static alignas(64) const uint8_t network[] = {
            \(rows.joined(separator: "\n"))
            };
            static const uint32_t network_digest = 0x\(String(Self.digest(logits), radix: 16))u;

            """
        try text.write(toFile: try #require(Self.target), atomically: true, encoding: .utf8)
    }

    private static let side = 32
    private static let target = ProcessInfo.processInfo.environment["TEXTPIN_SELF_CHECK_NETWORK"]

    /// Every kind of step on the way to the probability map.
    private static func graph() -> Graph {
        var net = NetworkBuilder(width: side, height: side, seed: 3)
        let a = net.convolution(net.input, channels: 8, kernel: 3, stride: 2, .hardSwish)
        let b = net.scaledByGate(net.depthwise(a, kernel: 3, .gelu), hidden: 3, addsInput: true)
        let quarter = net.maximum(b, kernel: 2, stride: 2, padding: Padding())
        let c = net.activation(net.add(b, net.enlarged(quarter, by: 2)), [.hardSwish])
        let d = net.concatenated([c, net.enlarged(net.convolution(quarter, channels: 5), by: 2)])
        let e = net.enlarged(net.convolution(quarter, channels: 6, .relu), by: 2, .bilinearHalfPixel)
        let f = net.transposed(net.convolution(quarter, channels: 7), channels: 6)
        let g = net.add(net.add(e, f), net.convolution(d, channels: 6, kernel: 3))
        let probability = net.transposed(net.convolution(g, channels: 6), channels: 1)
        return net.graph(probability: probability)
    }

    /// The probability map's logits for the self-check's picture, by the equations alone.
    private static func plainLogits(_ model: Model) throws -> [Int16] {
        var picture = [UInt8](repeating: 0, count: 3 * side * side)
        textpin_self_check_picture(&picture, Int32(side), Int32(side))
        let plain = PlainNetwork(model, paddingColour: Preprocessing.paddleOCR.paddingColour.map(Int.init))
        for row in 0..<side {
            for column in 0..<side {
                for channel in 0..<3 {
                    let value = Int(picture[3 * (row * side + column) + (model.isBlueFirst ? 2 - channel : channel)])
                    plain.set(Int(model.header.pointee.input_tensor), row, column, channel, value - 128)
                }
            }
        }
        for index in model.steps.indices { plain.run(step: index) }
        return try #require(plain.logits[Int(model.header.pointee.probability_tensor)]).map { Int16($0) }
    }

    private static func digest(_ logits: [Int16]) -> UInt32 { textpin_checksum(0, logits, 2 * logits.count) }
}
