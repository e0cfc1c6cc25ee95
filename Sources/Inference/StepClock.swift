import CDevices

extension Network {
    /// Runs every step that `map` needs, as `run` does, and notes how long each takes: from when all workers had done the one before until all
    /// have done it, by the monotonic clock. A step whose work another one does takes next to no time.
    ///
    /// - Parameter nanoseconds: memory for `model.steps.count` values, one for each step; those of steps that `map` does not need are left as
    ///   they are.
    public borrowing func run(_ map: DetectionMap = .probability, timing nanoseconds: UnsafeMutableBufferPointer<Int64>) {
        precondition(nanoseconds.count == model.stepCount, "a time for each step")
        run(steps: 0..<model.stepCount, needed: map, isWhole: true, timing: nanoseconds.baseAddress)
    }
}

/// Notes when steps end; only worker 0 has one, and only where times are asked for.
struct StepClock {
    private let nanoseconds: UnsafeMutablePointer<Int64>
    private var start: Int64

    init(nanoseconds: UnsafeMutablePointer<Int64>) {
        self.nanoseconds = nanoseconds
        start = textpin_monotonic_nanoseconds()
    }

    /// To be called when all workers have done a step.
    mutating func note(step: Int) {
        let end = textpin_monotonic_nanoseconds()
        nanoseconds[step] = end - start
        start = end
    }
}
