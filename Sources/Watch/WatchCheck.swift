import BoardFile
import CDevices
import Inference
import Messages
import TextDetection

/// `watch --check`: whether everything that the loop needs is there. Nothing is requested, opened for frames or written.
enum WatchCheck {
    static func run(_ options: WatchOptions, _ loaded: borrowing LoadedModel, _ kernels: KernelSet, to output: inout Output) throws(Failure)
    {
        let model = loaded.model
        _ = try loaded.detector(kernels: kernels, threads: options.threads)
        output.write("model   ")
        output.write(string: loaded.path)
        output.write(": \(model.inputWidth)x\(model.inputHeight), \(kernels.name), threads: \(options.threads)\n")

        let board = try BoardText.read(options.board)
        let engine = RuleEngine(board.board)
        for index in 0..<engine.ruleCount {
            let rule = engine.status(ofRule: index)
            output.write("rule    \(rule.name) drives \(engine.line(rule.line).reference)\n")
        }
        output.flush()
        for index in 0..<engine.lineCount { try check(engine.line(index).reference, options, to: &output) }
        for index in 0..<engine.triggerCount { try check(engine.trigger(index), options, to: &output) }
        if options.lineCalls == textpin_line_system_calls(), engine.lineCount > 0 {
            guard let library = textpin_line_library() else {
                throw Failure("GPIO lines need libgpiod: install libgpiod2 (Debian 12) or libgpiod3 (Debian 13)", status: 69)
            }
            output.write("gpio    \(library)\n")
        }
        output.flush()
        try checkSource(options, to: &output)
        output.write("all that watch needs is there\n")
    }

    private static func check(_ reference: LineReference, _ options: WatchOptions, to output: inout Output) throws(Failure) {
        guard !options.linesAreAnywhere else { return output.write("line    \(reference), which is only told of\n") }
        let place = try LinePlaces.find(reference)
        if place.is_used { throw LinePlaces.refusal(reference, place, TEXTPIN_BUSY) }
        withUnsafeBytes(of: place.chip_label) { label in
            guard let label = label.baseAddress?.assumingMemoryBound(to: CChar.self) else { return }
            output.write("line    \(reference) is line \(Int(place.offset)) of \(label), and free\n")
        }
    }

    private static func checkSource(_ options: WatchOptions, to output: inout Output) throws(Failure) {
        let now = textpin_monotonic_nanoseconds()
        guard case .camera(let wish) = options.source else {
            let source = try FrameSource(options, at: now)
            output.write("source  \(source.description)\n")
            return
        }
        var camera = CameraSource(wish, calls: options.cameraCalls, retryDelay: options.retryDelay)
        if case .lost(let fault) = camera.advance(to: now) {
            CameraList.write(to: &output)
            output.flush()
            throw Failure("the camera cannot be used: \(fault.words)", status: 69)
        }
        output.write("camera  \(camera.description.words)\n")
    }
}
