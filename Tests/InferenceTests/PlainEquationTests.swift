import CModelFile
import Calibration
import Foundation
import Inference
import TestNetworks
import Testing

@Suite struct PlainEquationTests {
    /// Step by step: every byte that a step writes is the one that the documented equations give for the bytes it read.
    @Test(arguments: TestNetwork.all)
    func stepsFollowTheDocumentedEquations(_ network: TestNetwork) throws {
        let runner = try IntegerRunner(ModelBytes(try network.calibrated().bytes), kernels: KernelSet.all[0], threads: 2)
        let model = runner.network.model
        let colour = Preprocessing.paddleOCR.paddingColour.map(Int.init)
        let plain = PlainNetwork(model, paddingColour: colour)
        let picture = network.input(Picture.scene(width: network.width, height: network.height, seed: 9))
        runner.load(picture, preprocessing: .paddleOCR)
        for row in 0..<picture.height {
            for column in 0..<picture.width {
                for channel in 0..<3 {
                    let value = Int(picture.pixels[4 * (row * picture.width + column) + channel])
                    plain.set(Int(model.header.pointee.input_tensor), row, column, channel, value)
                }
            }
        }
        for (index, step) in model.steps.enumerated() where step.kind != TEXTPIN_STEP_BINARY_MAP.rawValue {
            let map: DetectionMap = step.needed_for & TEXTPIN_NEEDED_FOR_PROBABILITY != 0 ? .probability : .binary
            runner.network.run(steps: index..<(index + 1), needed: map)
            plain.run(step: index)
            let name = String(decoding: model.text(step.name), as: UTF8.self)
            #expect(differences(model, Int(step.output), runner, plain) == 0, "step \(index), \(name)")
        }
    }

    /// How many values of a step's output differ.
    private func differences(_ model: Model, _ tensor: Int, _ runner: IntegerRunner, _ plain: PlainNetwork) -> Int {
        let record = model.tensors[tensor]
        let view = runner.network.view(ofTensor: tensor)
        var count = 0
        switch textpin_element(record.element) {
        case TEXTPIN_ELEMENT_INT8:
            for row in 0..<view.height {
                for column in 0..<view.width {
                    let pixel = view.pixel(row: row, column: column)
                    for channel in 0..<view.channels where Int(pixel[channel]) != plain.value(tensor, row, column, channel) { count += 1 }
                }
            }
        case TEXTPIN_ELEMENT_INT16:
            let expected = plain.logits[tensor] ?? []
            let found = UnsafeRawPointer(view.pixels).assumingMemoryBound(to: Int16.self)
            for position in 0..<(view.width * view.height) where Int(found[position]) != expected[position] { count += 1 }
        default:
            // A gate shows in the combine step that reads it.
            break
        }
        return count
    }

    /// 50 (P - T) by exact sigmoids (Liao et al. 2020, equation 2), to what the score table's 1/65535 and the fixed point leave.
    @Test func theBinaryMapIsFiftyTimesTheDifference() throws {
        let network = try #require(TestNetwork.all.first { $0.graph.threshold != nil })
        let runner = try IntegerRunner(ModelBytes(try network.calibrated().bytes))
        runner.load(network.input(Picture.scene(width: network.width, height: network.height, seed: 10)), preprocessing: .paddleOCR)
        runner.run(.binary)
        let model = runner.network.model
        let step = try #require(model.steps.last { $0.kind == TEXTPIN_STEP_BINARY_MAP.rawValue })
        func logits(_ tensor: UInt32) -> UnsafePointer<Int16> {
            UnsafeRawPointer(runner.network.view(ofTensor: Int(tensor)).pixels).assumingMemoryBound(to: Int16.self)
        }
        let (p, t, binary) = (logits(step.inputs.0), logits(step.inputs.1), logits(step.output))
        func sigmoid(_ logit: Int16) -> Double { 1 / (1 + exp(-Double(logit) / 2048)) }
        var worst = 0.0
        var inside = 0
        for position in 0..<(network.width * network.height) {
            guard abs(Int(p[position])) < 7 * 2048, abs(Int(t[position])) < 7 * 2048 else { continue }
            let exact = 50 * 2048 * (sigmoid(p[position]) - sigmoid(t[position]))
            worst = max(worst, abs(min(max(exact, -32768), 32767) - Double(binary[position])))
            if abs(exact) < 32767 { inside += 1 }
        }
        // 25/16 units a score step twice, half a unit of rounding, and 15 parts in a million.
        #expect(worst < 5)
        #expect(inside > 200)
    }
}
