import BoardFile
import CDevices
import Inference
import Messages
import TextDetection

/// `rules --simulate`: when each line would have been on, had the camera seen the pictures of a folder.
public enum RuleSimulation {
    /// - Parameter rateThousandths: pictures in 1000 seconds of the made-up time.
    public static func run(
        board path: UnsafePointer<CChar>, folder: UnsafePointer<CChar>, rateThousandths: Int, _ loaded: consuming LoadedModel, threads: Int,
        to output: inout Output
    ) throws(Failure) {
        let board = try BoardText(path: path)
        var engine = RuleEngine(board.board)
        var detector = try loaded.detector(kernels: try .required(), threads: threads)
        // Times of pictures that are read as fast as they come: the first is at zero.
        let interval = 1_000_000_000_000 / Int64(max(rateThousandths, 1))
        var source = try FolderSource(path: folder, interval: 0, repeats: false, at: 0)
        var trace = Trace(engine)
        var time: Int64 = 0
        while let frame = source.take(at: 0) {
            while let deadline = engine.nextDeadline, deadline < time {
                engine.advance(to: deadline)
                trace.note(engine, at: deadline, picture: nil, to: &output)
            }
            engine.advance(to: time)
            // A rule with a trigger is asked with every picture, for pictures show no triggers.
            for index in 0..<engine.triggerCount { engine.triggerFired(index, at: time) }
            let detection = detector.detect(frame.view)
            if let scale = PhotoScale(
                photoWidth: frame.view.width, photoHeight: frame.view.height, scaledWidth: detection.pictureWidth,
                scaledHeight: detection.pictureHeight)
            {
                engine.observe(detection.boxes, scale, at: time)
            }
            let name = source.name
            trace.note(engine, at: time, picture: name, to: &output)
            time += interval
        }
        trace.end(engine, at: time, pictures: Int(time / interval), unreadable: source.state.damage.undecodable, to: &output)
    }

    /// Which lines are on since when.
    private struct Trace {
        private var isOn = InlineArray<16, Bool>(repeating: false)
        private var since = InlineArray<16, Int64>(repeating: 0)
        private var timeOn = InlineArray<16, Int64>(repeating: 0)
        private var timesOn = InlineArray<16, Int>(repeating: 0)

        init(_ engine: RuleEngine) {
            for index in 0..<engine.lineCount {
                isOn[index] = engine.isOn(line: index)
                timesOn[index] = isOn[index] ? 1 : 0
            }
        }

        /// Prints a line for each GPIO line that has changed.
        mutating func note(_ engine: RuleEngine, at time: Int64, picture: PathText?, to output: inout Output) {
            for index in 0..<engine.lineCount where engine.isOn(line: index) != isOn[index] {
                isOn[index] = !isOn[index]
                if isOn[index] {
                    timesOn[index] += 1
                } else {
                    timeOn[index] += time - since[index]
                }
                since[index] = time
                output.write("\(Int(time) / 1_000_000, over: 1000, decimals: 3, width: 9) s  ")
                output.write("\(engine.line(index).reference) \(isOn[index] ? "on " : "off" as StaticString)")
                if let picture {
                    output.write("  ")
                    picture.read { output.write(string: $0) }
                }
                output.write("\n")
                output.flush()
            }
        }

        func end(_ engine: RuleEngine, at time: Int64, pictures: Int, unreadable: Int, to output: inout Output) {
            output.write("\(pictures) pictures, \(Int(time) / 1_000_000, over: 1000, decimals: 1) s")
            output.write(unreadable > 0 ? "; \(unreadable) files are no pictures\n" : "\n")
            for index in 0..<engine.lineCount {
                let total = timeOn[index] + (isOn[index] ? time - since[index] : 0)
                output.write("\(engine.line(index).reference) was on \(timesOn[index]) times, ")
                output.write("\(Int(total) / 1_000_000, over: 1000, decimals: 1) s in all\n")
            }
        }
    }
}
