import CDevices
import Inference

/// `doctor`: what this machine has.
enum DoctorCommand {
    static let help: StaticString = """
        usage: textpin-board doctor

        Prints the machine's name, its CPUs, the instruction sets and kernels that TextPin can use on it, best first, and its memory.

        """

    static func run(_ arguments: consuming Arguments, to output: inout Output) throws(Failure) {
        var arguments = arguments
        if let option = arguments.nextOption() { throw .unknownOption(option) }
        try arguments.requireEnd()
        var name = InlineArray<256, CChar>(repeating: 0)
        var span = name.mutableSpan
        span.withUnsafeMutableBufferPointer { name in
            guard let start = name.baseAddress else { return }
            textpin_machine_name(start, name.count)
            if start[0] == 0 { output.write("machine   unknown\n") } else { output.write("machine   \(UnsafePointer(start))\n") }
        }
        output.write("cpus      \(Int(textpin_cpu_count()))\n")
        output.write("features ")
        var feature: Int32 = 0
        while let name = textpin_cpu_feature(feature) {
            output.write(" \(name)")
            feature += 1
        }
        output.write("\nkernels  ")
        var rank = 0
        while let kernels = KernelSet(rank: rank) {
            output.write(" \(kernels.name)")
            rank += 1
        }
        let (all, available) = (Int(clamping: textpin_memory_bytes()), Int(clamping: textpin_available_memory_bytes()))
        output.write("\nmemory    \(all / 1_000_000) MB, \(available / 1_000_000) MB of it available\n")
    }
}
