import CDevices
import Inference
import Messages
import TextDetection

/// `bench`: how long a detector takes on this machine, stage by stage and step by step.
///
/// It looks at a grey picture of 1280x720 with noise; times do not depend on what a picture shows, but for the boxes.
public struct Bench {
    public var threads = 1
    /// Frames that are timed, after two that are not.
    public var repeats = 20
    /// Whether the network's steps are timed as well, in runs of their own, so that the stages' times stay as they are.
    public var hasSteps = false
    /// Whether this CPU's limits are measured as well, and each step is put beside them.
    public var hasPeak = false
    public var isJSON = false

    public static let repeatRange = 1...10000

    public init() {}

    public func run(_ loaded: borrowing LoadedModel, to output: inout Output) throws(Failure) {
        let kernels = try KernelSet.required()
        var detector = try loaded.detector(kernels: kernels, threads: threads)
        let picture = try Photo.noise(width: 1280, height: 720, path: loaded.path)
        guard let frame = picture.frame else { return }
        for _ in 0..<2 { _ = detector.detect(frame) }

        var stages = try FrameTimes(repeats: repeats)
        for _ in 0..<repeats { stages.append(detector.detect(frame).nanoseconds) }
        if isJSON {
            write(json: stages, loaded, kernels, to: &output)
        } else {
            write(stages, loaded, kernels, to: &output)
        }
        guard hasSteps || hasPeak else {
            if isJSON { output.write("}\n") }
            return
        }

        let peak = hasPeak ? try measuredPeak(kernels) : nil
        var steps = try StepTimes(model: loaded.model, repeats: repeats)
        for _ in 0..<repeats {
            detector.prepare(frame)
            steps.append { times in detector.network.run(timing: times) }
        }
        let table = StepTable(model: loaded.model, peak: peak)
        if isJSON {
            table.write(json: steps, to: &output)
        } else {
            table.write(steps, to: &output)
        }
        if let peak {
            let share = peak.share(of: loaded.model.neededMultiplyAccumulates, nanoseconds: stages.network.median)
            if isJSON { output.write(json: peak, share: share) } else { output.write(peak, kernels, share: share) }
        }
        if isJSON { output.write("}\n") }
    }

    private func measuredPeak(_ kernels: KernelSet) throws(Failure) -> Peak {
        do throws(NetworkError) {
            return try Peak.measured(kernels: kernels, threads: threads)
        } catch { throw .network(nil, error) }
    }

    /// As DESIGN.md has it, but for the closing brace.
    private func write(json stages: borrowing FrameTimes, _ loaded: borrowing LoadedModel, _ kernels: KernelSet, to output: inout Output) {
        let model = loaded.model
        output.write("{\"model\":")
        output.write(json: loaded.path)
        output.write(",\"size\":[\(model.inputWidth),\(model.inputHeight)],\"threads\":\(threads),\"kernels\":\"\(kernels.name)\"")
        output.write(",\"network_ms\":", stages.network)
        output.write(",\"prepare_ms\":", stages.prepare)
        output.write(",\"boxes_ms\":", stages.boxes)
        output.write(",\"gmac\":\(model.multiplyAccumulates, over: 1_000_000_000, decimals: 4)")
        output.write(",\"arena_bytes\":\(model.arenaByteCount)")
    }

    private func write(_ stages: borrowing FrameTimes, _ loaded: borrowing LoadedModel, _ kernels: KernelSet, to output: inout Output) {
        let model = loaded.model
        output.write(string: loaded.path)
        output.write(", \(model.inputWidth)x\(model.inputHeight), \(kernels.name), threads: \(threads)\n")
        output.write("  prepare  \(stages.prepare)\n")
        // Multiply-accumulates per nanosecond are billions per second.
        let rate = Text("\(model.neededMultiplyAccumulates, over: Int(max(stages.network.median, 1)), decimals: 1)")
        output.write("  network  \(stages.network)  \(rate) GMAC/s\n")
        output.write("  boxes    \(stages.boxes)\n")
        output.write("  memory   at most \(Int(clamping: textpin_peak_resident_bytes()), over: 1_000_000, decimals: 1) MB were resident\n")
    }
}

extension Model {
    /// Of the steps that the probability map needs.
    var neededMultiplyAccumulates: Int {
        var sum = 0
        for index in 0..<stepCount {
            let step = stepDescription(index)
            if step.isNeeded(for: .probability) { sum += step.multiplyAccumulates }
        }
        return sum
    }
}

extension Photo {
    /// Grey noise, the same every time and on every machine: a picture to measure times with.
    static func noise(width: Int, height: Int, path: UnsafePointer<CChar>) throws(Failure) -> Photo {
        let photo = try Photo(width: width, height: height, path: path)
        var state: UInt32 = 1
        for index in 0..<(width * height) {
            state = state &* 1_664_525 &+ 1_013_904_223
            for channel in 0..<3 { photo.start[3 * index + channel] = UInt8(truncatingIfNeeded: state >> 24) }
        }
        return photo
    }
}
