import CModelFile
import Inference
import TextDetection

/// `selfcheck`: a whole network with every kernel set of this CPU and several numbers of threads, which must all give the same logits.
enum SelfCheckCommand {
    static let help: StaticString = """
        usage: textpin-board selfcheck [--threads 1...8] MODEL

        Runs a model on a fixed picture with every kernel set that this CPU has, with 1, 2, … threads, and compares the logits with those of
        the scalar set. Prints the CRC-32 of the logits: the same model gives the same digest on every machine. Exit status 70 if any differ.

          --threads N   The most threads. Default: 4.

        """

    static func run(_ arguments: consuming Arguments, to output: inout Output) throws(Failure) {
        var arguments = arguments
        var threads = 4
        while let option = arguments.nextOption() {
            guard isEqual(option, "--threads") else { throw .unknownOption(option) }
            threads = try arguments.number(of: option, in: 1...8)
        }
        guard let path = arguments.nextOperand() else {
            throw Failure("selfcheck needs a model: textpin-board selfcheck MODEL", status: 64)
        }
        try arguments.requireEnd()
        let loaded = try LoadedModel(path: path)
        let picture = try Photo.pattern(width: loaded.model.inputWidth, height: loaded.model.inputHeight, path: path)

        var setCount = 0
        while KernelSet(rank: setCount) != nil { setCount += 1 }
        // The last set is the scalar oracle, which defines every result.
        guard let oracle = KernelSet(rank: setCount - 1) else { throw Failure("there are no kernels for this CPU", status: 70) }
        let expected = try digest(of: loaded, picture, kernels: oracle, threads: 1)
        output.write(
            "network \(loaded.model.inputWidth)x\(loaded.model.inputHeight), digest \(hex: expected) (scalar, 1 thread)\n")
        output.flush()
        var differences = 0
        for rank in 0..<setCount {
            guard let kernels = KernelSet(rank: rank) else { continue }
            for count in 1...threads {
                let found = try digest(of: loaded, picture, kernels: kernels, threads: count)
                let verdict: StaticString = found == expected ? "same   " : "DIFFERS"
                output.write("\(verdict)  \(hex: found)  \(kernels.name), threads: \(count)\n")
                output.flush()
                if found != expected { differences += 1 }
            }
        }
        guard differences == 0 else {
            throw Failure("\(differences) of \(setCount * threads) runs gave other logits than the scalar kernels", status: 70)
        }
        output.write("passed: \(setCount) kernel sets, 1 to \(threads) threads\n")
    }

    /// The CRC-32 of the logits of every map that the model has.
    private static func digest(
        of loaded: borrowing LoadedModel, _ picture: borrowing Photo, kernels: KernelSet, threads: Int
    ) throws(Failure) -> UInt32 {
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
