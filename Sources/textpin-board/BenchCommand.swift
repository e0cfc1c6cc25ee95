import CDevices
import Inference
import Messages
import TextDetection
import Watch

/// `bench`: the stages' times on a picture of 1280x720 with noise, as `textpin bench` measures them.
enum BenchCommand {
    static let help: StaticString = """
        usage: textpin-board bench [--model MODEL] [--threads 1...8] [--repeat 1...10000] [--json]

        Times the detector, stage by stage, on a grey picture of 1280x720 with noise; times do not depend on what a picture shows, but for the
        boxes. Prints median and least, and the most memory that this process took.

          --model MODEL   The int8 model (.dbq). Default: what TEXTPIN_MODEL names, or else the Debian package's.
          --threads N     Threads of the network. Default: 1.
          --repeat N      Frames that are timed, after two that are not. Default: 20.
          --json          One JSON object with all times, as textpin bench prints it.

        """

    static func run(_ arguments: consuming Arguments, to output: inout Output) throws(Failure) {
        var arguments = arguments
        var threads = 1
        var repeats = 20
        var path: UnsafePointer<CChar>?
        var isJSON = false
        while let option = arguments.nextOption() {
            if isEqual(option, "--threads") {
                threads = try arguments.number(of: option, in: 1...8)
            } else if isEqual(option, "--repeat") {
                repeats = try arguments.number(of: option, in: 1...10000)
            } else if isEqual(option, "--model") {
                path = try arguments.file(of: option)
            } else if isEqual(option, "--json") {
                isJSON = true
            } else {
                throw .unknownOption(option)
            }
        }
        try arguments.requireEnd()
        let loaded = try LoadedModel(option: path)
        let model = loaded.model
        let kernels = try KernelSet.required()
        var detector = try loaded.detector(kernels: kernels, threads: threads)
        let picture = try Photo.noise(width: 1280, height: 720, path: loaded.path)
        var prepare = try Times(capacity: repeats)
        var network = try Times(capacity: repeats)
        var boxes = try Times(capacity: repeats)
        guard let frame = picture.frame else { return }
        for _ in 0..<2 { _ = detector.detect(frame) }
        for _ in 0..<repeats {
            let time = detector.detect(frame).nanoseconds
            prepare.append(time.prepare)
            network.append(time.network)
            boxes.append(time.boxes)
        }
        if isJSON {
            output.write("{\"model\":")
            output.write(json: loaded.path)
            output.write(",\"size\":[\(model.inputWidth),\(model.inputHeight)],\"threads\":\(threads),\"kernels\":\"\(kernels.name)\"")
            output.write(",\"network_ms\":", network)
            output.write(",\"prepare_ms\":", prepare)
            output.write(",\"boxes_ms\":", boxes)
            output.write(",\"gmac\":\(model.multiplyAccumulates, over: 1_000_000_000, decimals: 4)")
            output.write(",\"arena_bytes\":\(model.arenaByteCount)}\n")
            return
        }
        prepare.sort()
        network.sort()
        boxes.sort()
        output.write(string: loaded.path)
        output.write(", \(model.inputWidth)x\(model.inputHeight), \(kernels.name), threads: \(threads)\n")
        output.write("  prepare  \(prepare)\n")
        // Multiply-accumulates per nanosecond are billions per second.
        output.write("  network  \(network)  \(model.multiplyAccumulates, over: Int(max(network.median, 1)), decimals: 1) GMAC/s\n")
        output.write("  boxes    \(boxes)\n")
        output.write("  memory   at most \(Int(clamping: textpin_peak_resident_bytes()), over: 1_000_000, decimals: 1) MB were resident\n")
    }
}

/// Measured times, in memory taken at the start.
private struct Times: ~Copyable {
    private let memory: Arena
    private(set) var count = 0

    @inline(never)
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

    /// Puts them in ascending order, one by one into those before it: they are few.
    mutating func sort() {
        for index in 1..<max(count, 1) {
            let value = values[index]
            var place = index
            while place > 0, values[place - 1] > value {
                values[place] = values[place - 1]
                place -= 1
            }
            values[place] = value
        }
    }

    /// Of sorted times, of which there is one at least.
    var least: Int64 { values[0] }
    var median: Int64 { values[count / 2] }
}

extension Output {
    /// A key and the times as a JSON list of milliseconds.
    fileprivate mutating func write(_ key: StaticString, _ times: borrowing Times) {
        write(key)
        for index in 0..<times.count {
            write(index == 0 ? "[" : ",")
            write("\(Int(times[index]), over: 1_000_000, decimals: 3)")
        }
        write("]")
    }
}

extension Text.Interpolation {
    fileprivate mutating func appendInterpolation(_ times: borrowing Times) {
        appendLiteral("median ")
        appendInterpolation(Int(times.median), over: 1_000_000, decimals: 3, width: 8)
        appendLiteral(" ms, least ")
        appendInterpolation(Int(times.least), over: 1_000_000, decimals: 3, width: 8)
        appendLiteral(" ms")
    }
}
