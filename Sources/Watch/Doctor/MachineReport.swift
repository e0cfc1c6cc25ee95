import BoardFile
import CDevices
import Inference
import Messages

/// `doctor`: what this machine has, and whether it is what a board file says.
public enum MachineReport {
    /// Prints the machine's name, CPUs, kernels, memory, cameras and GPIO chips; with a board file, compares the machine with it too.
    public static func run(board path: UnsafePointer<CChar>?, to output: inout Output) throws(Failure) {
        describe(to: &output)
        guard let path else { return }
        let text = try BoardText(path: path)
        let differences = BoardComparison(text.board).run(to: &output)
        guard differences == 0 else {
            throw Failure("this machine differs from it in \(differences) points, marked above", status: 69, path: path)
        }
    }

    private static func describe(to output: inout Output) {
        withMachineName { name in
            if name[0] == 0 { output.write("machine   unknown\n") } else { output.write("machine   \(name)\n") }
        }
        output.write("cpus      \(Int(textpin_cpu_count()))")
        if let core = textpin_core_name(0) { output.write(", the first of them \(core)") }
        output.write("\n")
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
        CameraList.write(to: &output)
        var isFirst = true
        GPIOChips.visit { label, lines in
            output.write(isFirst ? "gpio      " : "          ")
            output.write("\(label), \(lines) lines\n")
            isFirst = false
        }
        if isFirst { output.write("gpio      no chip that this user may ask; those in the group gpio may\n") }
    }
}

/// Calls `body` with what the device tree, or else the CPU, says of itself; empty if neither does.
func withMachineName(_ body: (UnsafePointer<CChar>) -> Void) {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { name in
        guard let start = name.baseAddress else { return }
        textpin_machine_name(start, name.count)
        body(start)
    }
}

enum GPIOChips {
    /// Calls `body` with the label and the number of lines of each chip that this user may ask.
    @inline(never)
    static func visit(_ body: (UnsafePointer<CChar>, Int) -> Void) {
        for number in 0..<textpin_gpio_chip_limit() {
            var chip = textpin_gpio_chip()
            guard textpin_gpio_chip(number, &chip) == 0 else { continue }
            withUnsafeBytes(of: chip.label) { label in
                guard let start = label.baseAddress else { return }
                body(start.assumingMemoryBound(to: CChar.self), Int(chip.lines))
            }
        }
    }
}
