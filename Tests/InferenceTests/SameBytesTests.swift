import Calibration
import Inference
import TestNetworks
import Testing

@Suite struct SameBytesTests {
    @Test(arguments: TestNetwork.all)
    func everyKernelSetAndThreadCountGivesTheSameBytes(_ network: TestNetwork) throws {
        let model = ModelBytes(try network.calibrated().bytes)
        let picture = network.input(Picture.scene(width: network.width, height: network.height, seed: 5))
        let maps: [DetectionMap] = network.graph.threshold == nil ? [.probability] : [.probability, .binary]
        let sets = KernelSet.all
        #expect(sets.last.map { String(cString: $0.name) } == "scalar")
        for map in maps {
            let expected = try logits(model, sets[sets.count - 1], threads: 1, picture, map)
            #expect(Set(expected).count > 100, "a map of few values would prove nothing")
            for set in sets {
                for threads in [1, 2, 3, 8] {
                    let found = try logits(model, set, threads: threads, picture, map)
                    #expect(found == expected, "\(String(cString: set.name)), \(threads) threads")
                }
            }
        }
    }

    /// The arena holds whatever the last frame left there: a second run of the same frame must not see it.
    @Test(arguments: TestNetwork.all)
    func framesLeaveNoTrace(_ network: TestNetwork) throws {
        let runner = try IntegerRunner(ModelBytes(try network.calibrated().bytes), threads: 2)
        let first = network.input(Picture.scene(width: network.width, height: network.height, seed: 6))
        let other = network.input(Picture.scene(width: network.width, height: network.height, seed: 7))
        let results = [first, other, first].map { picture in
            runner.load(picture, preprocessing: .paddleOCR)
            runner.run()
            return Array(runner.logits())
        }
        #expect(results[0] == results[2])
        #expect(results[0] != results[1])
    }

    private func logits(
        _ model: ModelBytes, _ kernels: KernelSet, threads: Int, _ picture: NetworkInput, _ map: DetectionMap
    ) throws -> [Int16] {
        let runner = try IntegerRunner(model, kernels: kernels, threads: threads)
        runner.load(picture, preprocessing: .paddleOCR)
        runner.run(map)
        return Array(runner.logits(of: map))
    }
}
