import ArgumentParser
import Calibration
import Foundation
import Inference

struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Show what lies where in a model's arena, and when.")

    @Argument(help: "The int8 model (.dbq).")
    var model: String

    @Option(help: ArgumentHelp("Draw the arena over the steps.", valueName: "plan.svg"))
    var svg: String?

    func run() throws {
        let summary: PlanSummary
        do {
            let file = try MappedFile(path: model)
            summary = PlanSummary(try Model(bytes: file.bytes))
        } catch { throw Failure.about(model, error) }
        print("steps")
        for (index, step) in summary.steps.enumerated() {
            let mac = step.multiplyAccumulates == 0 ? "" : String(format: "%.1f MMAC", Double(step.multiplyAccumulates) / 1e6)
            print(
                String(format: "%4d  ", index)
                    + "\(step.kind.padding(toLength: 24, withPad: " ", startingAt: 0))\(step.output.padding(toLength: 14, withPad: " ", startingAt: 0)) \(mac)"
            )
        }
        print("arena: offset, bytes, steps alive")
        for block in summary.blocks.sorted(by: { ($0.offset, $0.lifetime.lowerBound) < ($1.offset, $1.lifetime.lowerBound) }) {
            print(
                String(format: "%10d %10d  %3d-%-3d ", block.offset, block.byteCount, block.lifetime.lowerBound, block.lifetime.upperBound)
                    + block.name)
        }
        print(
            "activations \(summary.activationBytes) bytes (no plan needs less than \(summary.lowerBound)), packed weights \(summary.packedWeightBytes), arena \(summary.arenaBytes)"
        )
        if let svg { try WholeFile.write(Array(PlanDrawing(summary).text.utf8), to: svg) }
    }
}
