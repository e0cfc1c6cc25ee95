import Calibration
import TestNetworks
import Testing

@Suite struct CalibratorTests {
    /// Ranges chosen by search, biases corrected: everything that could depend on time or order.
    @Test func theSameInputGivesTheSameBytes() throws {
        let network = try #require(TestNetwork.all.first)
        let first = try network.calibrated(ranges: nil, threads: 2).bytes
        #expect(try network.calibrated(ranges: nil, threads: 2).bytes == first)
    }

    @Test(arguments: TestNetwork.all)
    func threadsDoNotChangeTheBytes(_ network: TestNetwork) throws {
        let alone = try network.calibrated(ranges: .percentile, threads: 1).bytes
        #expect(try network.calibrated(ranges: .percentile, threads: 2).bytes == alone)
        #expect(try network.calibrated(ranges: .percentile, threads: 3).bytes == alone)
    }

    @Test func picturesChangeTheBytes() throws {
        let network = try #require(TestNetwork.all.first)
        #expect(try network.calibrated(pictures: 2).bytes != network.calibrated(pictures: 3).bytes)
    }

    @Test(arguments: RangeMethod.allCases)
    func everyMethodFollowsTheFloatNetwork(_ method: RangeMethod) throws {
        let report = try #require(TestNetwork.all.first).calibrated(ranges: method).report
        #expect(report.mapIoU > (method == .kl ? 0.6 : 0.8), "\(report.mapIoU)")
        // The divergence cuts outliers off whatever they cost; on drawn weights, whose activations have few, no bound of decibels holds for it.
        let worst = report.layers.map(\.decibels).min() ?? 0
        #expect(method == .kl || worst > 15, "\(worst) dB")
        #expect(report.methods == [method.rawValue: report.methods.values.reduce(0, +)])
        #expect(report.activationBytes >= report.activationLowerBound)
    }

    // MARK: Warnings

    private func warnings(_ pictures: [Picture], bias: Float? = nil) throws -> String {
        var graph = TestNetwork.tiny.graph
        if let bias, case .transposedConvolution(var head) = graph.nodes[graph.nodes.count - 1].operation {
            head.weights = head.weights.map { $0 / 8 }
            head.bias = [bias]
            graph.nodes[graph.nodes.count - 1].operation = .transposedConvolution(head)
        }
        let calibrator = try Calibrator(graph, options: CalibrationOptions(width: 32, height: 32, ranges: .minmax, threads: 1))
        return try calibrator.run(
            pictures: pictures.count, picture: { pictures[$0] }, description: TestNetwork.modelDescription
        ) { _ in }.report.warnings
            .joined(separator: "\n")
    }

    @Test func fewPicturesAreTold() throws {
        #expect(try warnings(TestNetwork.tiny.pictures(3)).contains("only 3 images"))
        #expect(try !warnings(TestNetwork.tiny.pictures(20)).contains("only"))
    }

    @Test func picturesOfOneSceneAreTold() throws {
        let one = Picture.scene(width: 32, height: 32, seed: 1)
        #expect(try warnings([one, one, one, one]).contains("3 of 4 images look like another"))
        #expect(try !warnings(TestNetwork.tiny.pictures(6)).contains("look like"))
    }

    @Test func picturesWithoutTextAndWithNothingElseAreTold() throws {
        let pictures = TestNetwork.tiny.pictures(4)
        #expect(try warnings(pictures, bias: -8).contains("no text in any image"))
        #expect(try warnings(pictures, bias: 8).contains("every image shows text"))
    }
}
