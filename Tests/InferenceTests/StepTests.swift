import CDevices
import CModelFile
import Calibration
import Inference
import TestNetworks
import Testing

/// What is told of the steps, and their times.
@Suite struct StepTests {
    /// The smallest network, by hand: 3x3 with stride 2 from 3 to 4 channels, 32x32 to 16x16; 2x2 transposed to one channel.
    @Test func descriptionsSayWhatTheStepsAre() throws {
        let bytes = ModelBytes(try TestNetwork.tiny.calibrated(pictures: 2).bytes)
        let model = try Model(bytes: UnsafeRawBufferPointer(bytes.bytes))
        #expect(model.stepCount == 2)

        let first = model.stepDescription(0)
        #expect(first.kind == .convolution(.init(rows: 3, columns: 3, stride: 2), adds: false))
        #expect([first.channels, first.height, first.width] == [4, 16, 16])
        #expect(first.multiplyAccumulates == 16 * 16 * 4 * 3 * 3 * 3)
        #expect(first.byteCount == 3 * 32 * 32 + 4 * 16 * 16 + 4 * 3 * 3 * 3)

        let last = model.stepDescription(1)
        #expect(last.kind == .transposedLogits)
        #expect([last.channels, last.height, last.width] == [1, 32, 32])
        #expect(last.multiplyAccumulates == 16 * 16 * 2 * 2 * 4)
        // Logits have two bytes.
        #expect(last.byteCount == 4 * 16 * 16 + 2 * 32 * 32 + 2 * 2 * 4)
    }

    @Test(arguments: TestNetwork.all + [.everyStep])
    func descriptionsHaveTheFilesNamesAndItsMultiplyAccumulates(_ network: TestNetwork) throws {
        let bytes = ModelBytes(try network.calibrated(pictures: 2).bytes)
        let model = try Model(bytes: UnsafeRawBufferPointer(bytes.bytes))
        let steps = (0..<model.stepCount).map { model.stepDescription($0) }
        let names = steps.map { String(decoding: $0.name, as: UTF8.self) }
        #expect(names == PlanSummary(model).steps.map(\.name))
        #expect(!names.contains(""))
        #expect(steps.reduce(0) { $0 + $1.multiplyAccumulates } == model.multiplyAccumulates)
        #expect(steps.contains { $0.isNeeded(for: .probability) })
        #expect(steps.allSatisfy { $0.isNeeded(for: .probability) || $0.isNeeded(for: .binary) })
    }

    /// Numbers that a step of its kind has no use for are not checked, and may be anything.
    @Test func descriptionsOfHostileFilesAreHarmless() throws {
        let original = try TestNetwork.everyStep.calibrated(pictures: 2).bytes
        var accepted = 0
        for field in HostileFile(original).fields where field.place[0] == 2 {
            for value: UInt32 in [0, 1, 0x7FFF_FFFF, 0xFFFF_FFFE, 0xFFFF_FFFF] {
                var file = HostileFile(original)
                file.set(field, value)
                let memory = try #require(GuardedMemory(file.repaired()))
                guard let model = try? Model(bytes: UnsafeRawBufferPointer(memory.bytes)) else { continue }
                for index in 0..<model.stepCount { #expect(model.stepDescription(index).byteCount > 0) }
                accepted += 1
            }
        }
        #expect(accepted > 1000)
    }

    @Test(arguments: TestNetwork.all, [1, 3])
    func timedRunsTimeTheStepsOfTheirMapAndComputeTheSame(_ network: TestNetwork, threads: Int) throws {
        let runner = try IntegerRunner(ModelBytes(try network.calibrated(pictures: 2).bytes), threads: threads)
        let model = runner.network.model
        let maps: [DetectionMap] = model.hasBinaryMap ? [.probability, .binary] : [.probability]
        for map in maps {
            runner.load(network.input(Picture.scene(width: network.width, height: network.height, seed: 8)), preprocessing: .paddleOCR)
            runner.run(map)
            let expected = Array(runner.logits(of: map))

            runner.load(network.input(Picture.scene(width: network.width, height: network.height, seed: 8)), preprocessing: .paddleOCR)
            var times = [Int64](repeating: -1, count: model.stepCount)
            let start = textpin_monotonic_nanoseconds()
            times.withUnsafeMutableBufferPointer { runner.network.run(map, timing: $0) }
            let elapsed = textpin_monotonic_nanoseconds() - start
            #expect(Array(runner.logits(of: map)) == expected)

            for (index, time) in times.enumerated() {
                if model.stepDescription(index).isNeeded(for: map) { #expect(time >= 0) } else { #expect(time == -1) }
            }
            // One after the other, none counted twice.
            #expect((1...elapsed).contains(times.reduce(0) { $0 + max($1, 0) }))
        }
    }
}
