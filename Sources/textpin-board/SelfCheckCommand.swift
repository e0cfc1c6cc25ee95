import CModelFile
import CSelfCheck
import Inference
import Messages
import TextDetection
import Watch

/// `selfcheck`: golden vectors and whole networks with every kernel set of this CPU, which must all compute the same bytes.
enum SelfCheckCommand {
    static let help: StaticString = """
        usage: textpin-board selfcheck [--threads 1...8] [--model MODEL]

        Checks that this machine computes what every machine must, with every kernel set that its CPU has: golden vectors for the kernels, and a
        small network that is part of this program, with 1, 2, … threads. With a model, also that one: on a fixed picture, all must give the
        logits of the scalar set. Digests are CRC-32s of logits: the same model gives the same digest on every machine.
        Exit status 70 if anything differs.

          --threads N     The most threads. Default: 4.
          --model MODEL   Check this model too.

        """

    static func run(_ arguments: consuming Arguments, to output: inout Output) throws(Failure) {
        var arguments = arguments
        var threads = 4
        var path: UnsafePointer<CChar>?
        while let option = arguments.nextOption() {
            if isEqual(option, "--threads") {
                threads = try arguments.number(of: option, in: 1...8)
            } else if isEqual(option, "--model") {
                path = try arguments.file(of: option)
            } else {
                throw .unknownOption(option)
            }
        }
        try arguments.requireEnd()

        var setCount = 0
        while KernelSet(rank: setCount) != nil { setCount += 1 }
        guard let best = KernelSet(rank: 0) else { throw Failure("there are no kernels for this CPU", status: 70) }
        output.write("kernels   \(best.name), the best of \(setCount) sets that this CPU runs\n")
        var differences = goldenVectors(setCount, to: &output)
        let bytes = UnsafeRawBufferPointer(start: textpin_self_check_network(), count: textpin_self_check_network_bytes())
        let embedded = try LoadedModel(bytes: bytes, named: "the network in this program")
        differences += try network(embedded, expected: textpin_self_check_network_digest(), setCount, threads, to: &output)
        if let path {
            // The last set is the scalar oracle, which defines every result.
            guard let oracle = KernelSet(rank: setCount - 1) else { return }
            let loaded = try LoadedModel(path: path)
            let expected = try digest(of: loaded, kernels: oracle, threads: 1)
            differences += try network(loaded, expected: expected, setCount, threads, to: &output)
        }
        guard differences == 0 else {
            throw Failure(
                "\(differences) results differ from what they must be: this machine, or this build, cannot be trusted", status: 70)
        }
        output.write("passed: \(setCount) kernel sets, 1 to \(threads) threads\n")
    }

    /// Prints a line for each kernel set and returns how many vectors came out wrong.
    private static func goldenVectors(_ setCount: Int, to output: inout Output) -> Int {
        var differences = 0
        for rank in 0..<setCount {
            guard let kernels = KernelSet(rank: rank) else { continue }
            var wrong = 0
            for vector in 0..<textpin_golden_vector_count()
            where textpin_golden_vector_run(vector, kernels.table) != textpin_golden_vector_digest(vector) {
                wrong += 1
            }
            let verdict: StaticString = wrong == 0 ? "same   " : "DIFFERS"
            output.write("\(verdict)   \(Int(textpin_golden_vector_count()) - wrong) of \(Int(textpin_golden_vector_count()))")
            output.write(" golden vectors, \(kernels.name)\n")
            differences += wrong
        }
        return differences
    }

    /// Prints a line for each run and returns how many gave another digest.
    private static func network(
        _ loaded: borrowing LoadedModel, expected: UInt32, _ setCount: Int, _ threads: Int, to output: inout Output
    ) throws(Failure) -> Int {
        output.write("digest    \(hex: expected) must come out of ")
        output.write(string: loaded.path)
        output.write(", \(loaded.model.inputWidth)x\(loaded.model.inputHeight)\n")
        var differences = 0
        for rank in 0..<setCount {
            guard let kernels = KernelSet(rank: rank) else { continue }
            for count in 1...threads {
                output.flush()
                let found = try digest(of: loaded, kernels: kernels, threads: count)
                let verdict: StaticString = found == expected ? "same   " : "DIFFERS"
                output.write("\(verdict)   \(hex: found), \(kernels.name), threads: \(count)\n")
                if found != expected { differences += 1 }
            }
        }
        return differences
    }

    /// The CRC-32 of the logits of every map that the model has, for the self-check's picture.
    @inline(never)
    private static func digest(of loaded: borrowing LoadedModel, kernels: KernelSet, threads: Int) throws(Failure) -> UInt32 {
        let picture = try Photo.selfCheck(width: loaded.model.inputWidth, height: loaded.model.inputHeight, path: loaded.path)
        let probability = try digest(of: loaded, .probability, after: 0, picture, kernels: kernels, threads: threads)
        guard loaded.model.hasBinaryMap else { return probability }
        return try digest(of: loaded, .binary, after: probability, picture, kernels: kernels, threads: threads)
    }

    private static func digest(
        of loaded: borrowing LoadedModel, _ map: DetectionMap, after digest: UInt32, _ picture: borrowing Photo, kernels: KernelSet,
        threads: Int
    ) throws(Failure) -> UInt32 {
        guard let frame = picture.frame else { return digest }
        var detector = try loaded.detector(kernels: kernels, threads: threads, map: map)
        _ = detector.detect(frame)
        return textpin_checksum(
            digest, detector.logits, loaded.model.inputWidth * loaded.model.inputHeight * MemoryLayout<Int16>.stride)
    }
}
