import Foundation
import Testing

@Suite(
    .enabled("the command line is not built beside the tests, or PP-OCRv3.onnx is not in ~/.cache/textpin/models") {
        CommandLineTool.isBuilt && TrainedModel.v3.isThere
    })
struct InterruptedCalibrationTests {
    /// Killed at several moments, the last ones near the end: the model is there as a whole or not at all.
    @Test(arguments: [0.1, 0.5, 1.5, 3])
    func aKilledCalibrationLeavesNoModel(_ seconds: Double) throws {
        try TestFolder.with { folder in
            let output = folder.file("model.dbq")
            let images = CommandLineTool.root.appending(path: "Calibration/samples/images").path
            let process = try CommandLineTool.start(
                ["calibrate", TrainedModel.v3.path, "--images", images, "--size", "640x640", "-o", output, "--limit", "16"], in: folder.path
            )
            Thread.sleep(forTimeInterval: seconds)
            #expect(process.isRunning, "the calibration was done before it was killed")
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            #expect(process.terminationReason == .uncaughtSignal)
            #expect(folder.names == ["stderr", "stdout"])
        }
    }

    /// What a model file held stays there until the new one is whole.
    @Test func aKilledCalibrationLeavesTheOldModel() throws {
        try TestFolder.with { folder in
            let output = try folder.write(Array("the old model".utf8), as: "model.dbq")
            let images = CommandLineTool.root.appending(path: "Calibration/samples/images").path
            let process = try CommandLineTool.start(
                ["calibrate", TrainedModel.v3.path, "--images", images, "--size", "640x640", "-o", output, "--limit", "16"], in: folder.path
            )
            Thread.sleep(forTimeInterval: 1)
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            #expect(try Data(contentsOf: URL(filePath: output)) == Data("the old model".utf8))
        }
    }
}
