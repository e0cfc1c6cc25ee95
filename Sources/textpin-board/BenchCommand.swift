import CDevices
import Inference
import TextDetection

/// `bench`: the stages' times on a picture of 1280x720 with noise, as `textpin bench` measures them.
enum BenchCommand {
    static let help: StaticString = """
        usage: textpin-board bench [--threads 1...8] [--repeat 1...10000] MODEL

        Times the detector, stage by stage, on a grey picture of 1280x720 with noise; times do not depend on what a picture shows, but for the
        boxes. Prints median and least, and the most memory that this process took.

          --threads N   Threads of the network. Default: 1.
          --repeat N    Frames that are timed, after two that are not. Default: 20.

        """

    static func run(_ arguments: consuming Arguments, to output: inout Output) throws(Failure) {
        var arguments = arguments
        var threads = 1
        var repeats = 20
        while let option = arguments.nextOption() {
            if isEqual(option, "--threads") {
                threads = try arguments.number(of: option, in: 1...8)
            } else if isEqual(option, "--repeat") {
                repeats = try arguments.number(of: option, in: 1...10000)
            } else {
                throw .unknownOption(option)
            }
        }
        guard let path = arguments.nextOperand() else {
            throw Failure("bench needs a model: textpin-board bench MODEL", status: 64)
        }
        try arguments.requireEnd()
        let loaded = try LoadedModel(path: path)
        let model = loaded.model
        let kernels = try KernelSet.required()
        var detector = try loaded.detector(kernels: kernels, threads: threads)
        let picture = try Photo.noise(width: 1280, height: 720, path: path)
        var prepare = try Times(capacity: repeats)
        var network = try Times(capacity: repeats)
        var boxes = try Times(capacity: repeats)
        guard let frame = picture.frame else { return }
        for _ in 0..<2 { _ = detector.detect(frame) }
        for _ in 0..<repeats {
            let time = detector.detect(frame).nanoseconds
            prepare.insert(time.prepare)
            network.insert(time.network)
            boxes.insert(time.boxes)
        }
        output.write(string: path)
        output.write(", \(model.inputWidth)x\(model.inputHeight), \(kernels.name), threads: \(threads)\n")
        output.write("  prepare  \(prepare)\n")
        // Multiply-accumulates per nanosecond are billions per second.
        output.write("  network  \(network)  \(model.multiplyAccumulates, over: Int(max(network.median, 1)), decimals: 1) GMAC/s\n")
        output.write("  boxes    \(boxes)\n")
        output.write("  memory   at most \(Int(clamping: textpin_peak_resident_bytes()), over: 1_000_000, decimals: 1) MB were resident\n")
    }
}

/// Measured times in ascending order, in memory taken at the start.
private struct Times: ~Copyable {
    private let memory: Arena
    private var count = 0

    init(capacity: Int) throws(Failure) {
        do throws(NetworkError) {
            memory = try Arena(byteCount: capacity * MemoryLayout<Int64>.stride)
        } catch { throw .network(nil, error) }
    }

    private var values: UnsafeMutableBufferPointer<Int64> { memory.bytes.bindMemory(to: Int64.self) }

    /// At most `capacity` times.
    mutating func insert(_ nanoseconds: Int64) {
        var place = count
        while place > 0, values[place - 1] > nanoseconds {
            values[place] = values[place - 1]
            place -= 1
        }
        values[place] = nanoseconds
        count += 1
    }

    /// There is at least one time.
    var least: Int64 { values[0] }
    var median: Int64 { values[count / 2] }
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
