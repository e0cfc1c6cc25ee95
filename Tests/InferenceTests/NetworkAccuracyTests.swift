import Calibration
import Foundation
import Inference
import TestNetworks
import Testing

@Suite struct NetworkAccuracyTests {
    /// A layer in 8 bits has some 40 dB between signal and noise; up to eight of them one after the other, and counting a map's deviation from its
    /// mean as the signal, leave 20 to 39 here. One pixel of shift, a swapped channel or a missing ReLU leaves less than 10.
    private static let leastDecibels = 18.0

    @Test(arguments: TestNetwork.all)
    func logitsFollowTheFloatNetwork(_ network: TestNetwork) throws {
        let model = ModelBytes(try network.calibrated().bytes)
        let runner = try IntegerRunner(model)
        let picture = network.input(Picture.scene(width: network.width, height: network.height, seed: 77))
        runner.load(picture, preprocessing: .paddleOCR)
        runner.run()
        let float = FloatNetwork(network.graph).run(picture.normalised(.paddleOCR))
        let decibels = signalToNoise(float.probabilityLogits, runner.logits())
        #expect(decibels > Self.leastDecibels, "\(decibels) dB")
    }

    /// A picture that is smaller than the input is surrounded by the mean colour, which is 0 to the float network.
    @Test func paddingIsZeroToTheFloatNetwork() throws {
        let network = TestNetwork.all[0]
        let runner = try IntegerRunner(ModelBytes(try network.calibrated().bytes))
        let picture = network.input(Picture.scene(width: network.width - 23, height: network.height - 11, seed: 78))
        #expect(picture.pictureWidth == network.width - 23)
        runner.load(picture, preprocessing: .paddleOCR)
        runner.run()
        let float = FloatNetwork(network.graph).run(picture.normalised(.paddleOCR))
        #expect(signalToNoise(float.probabilityLogits, runner.logits()) > Self.leastDecibels)
    }

    /// The deviation of the float logits from their mean against the difference, in decibels.
    private func signalToNoise(_ float: [Float], _ logits: UnsafeBufferPointer<Int16>) -> Double {
        let mean = float.reduce(0) { $0 + Double($1) } / Double(float.count)
        var signal = 0.0
        var noise = 0.0
        for (expected, logit) in zip(float, logits) {
            signal += (Double(expected) - mean) * (Double(expected) - mean)
            let difference = Double(expected) - Double(logit) / 2048
            noise += difference * difference
        }
        return 10 * log10(signal / noise)
    }
}
