import Inference
import Messages
import TextDetection

/// Measured times in nanoseconds, in memory taken at the start.
struct Times: ~Copyable {
    private let memory: Arena
    private(set) var count = 0

    init(capacity: Int) throws(Failure) {
        do throws(NetworkError) {
            memory = try Arena(byteCount: capacity * MemoryLayout<Int64>.stride)
        } catch { throw .network(nil, error) }
    }

    private var values: UnsafeMutableBufferPointer<Int64> { memory.bytes.bindMemory(to: Int64.self) }

    subscript(index: Int) -> Int64 { values[index] }

    /// At most `capacity` times.
    mutating func append(_ nanoseconds: Int64) {
        values[count] = nanoseconds
        count += 1
    }

    /// Of the times so far, of which there is one at least.
    var least: Int64 {
        var least = values[0]
        for index in 1..<max(count, 1) { least = min(least, values[index]) }
        return least
    }

    /// The same.
    var median: Int64 {
        let values = values
        return Watch.median(count: count) { values[$0] }
    }
}

/// The middle one of `count` values in their order, the upper one of two; there is one at least.
///
/// Found by halving the range that they lie in: no order is changed and no memory taken.
func median(count: Int, of value: (Int) -> Int64) -> Int64 {
    var (low, high) = (value(0), value(0))
    for index in 1..<max(count, 1) {
        low = min(low, value(index))
        high = max(high, value(index))
    }
    // It is the least number that more than half of the values do not exceed.
    while low < high {
        let middle = low + (high - low) / 2
        var notAbove = 0
        for index in 0..<count where value(index) <= middle { notAbove += 1 }
        if notAbove > count / 2 { high = middle } else { low = middle + 1 }
    }
    return low
}

/// The times of the stages, frame by frame.
struct FrameTimes: ~Copyable {
    private(set) var prepare: Times
    private(set) var network: Times
    private(set) var boxes: Times

    init(repeats: Int) throws(Failure) {
        let prepare = try Times(capacity: repeats)
        let network = try Times(capacity: repeats)
        let boxes = try Times(capacity: repeats)
        self.prepare = prepare
        self.network = network
        self.boxes = boxes
    }

    mutating func append(_ nanoseconds: (prepare: Int64, network: Int64, boxes: Int64)) {
        prepare.append(nanoseconds.prepare)
        network.append(nanoseconds.network)
        boxes.append(nanoseconds.boxes)
    }
}

/// The times of the network's steps, run by run.
struct StepTimes: ~Copyable {
    /// [run][step].
    private let memory: Arena
    private let stepCount: Int
    private var runCount = 0

    init(model: Model, repeats: Int) throws(Failure) {
        do throws(NetworkError) {
            memory = try Arena(byteCount: repeats * model.stepCount * MemoryLayout<Int64>.stride)
        } catch { throw .network(nil, error) }
        stepCount = model.stepCount
    }

    /// Lets `run` note the times of one more run, at most `repeats` in all.
    mutating func append(_ run: (UnsafeMutableBufferPointer<Int64>) -> Void) {
        let values = memory.bytes.bindMemory(to: Int64.self)
        run(UnsafeMutableBufferPointer(rebasing: values[(runCount * stepCount)..<((runCount + 1) * stepCount)]))
        runCount += 1
    }

    /// The median of a step's times.
    subscript(step: Int) -> Int64 {
        let values = memory.bytes.bindMemory(to: Int64.self)
        let stepCount = stepCount
        return median(count: runCount) { values[$0 * stepCount + step] }
    }
}

extension Output {
    /// A key and the times as a JSON list of milliseconds.
    mutating func write(_ key: StaticString, _ times: borrowing Times) {
        write(key)
        for index in 0..<times.count {
            write(index == 0 ? "[" : ",")
            write("\(Int(times[index]), over: 1_000_000, decimals: 3)")
        }
        write("]")
    }
}

extension Text.Interpolation {
    mutating func appendInterpolation(_ times: borrowing Times) {
        appendLiteral("median ")
        appendInterpolation(Int(times.median), over: 1_000_000, decimals: 3, width: 8)
        appendLiteral(" ms, least ")
        appendInterpolation(Int(times.least), over: 1_000_000, decimals: 3, width: 8)
        appendLiteral(" ms")
    }
}
