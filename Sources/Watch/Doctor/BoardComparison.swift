import BoardFile
import CDevices
import Inference
import Messages

/// Compares this machine with what a board file says of it.
struct BoardComparison {
    private let board: BoardFile

    init(_ board: BoardFile) { self.board = board }

    /// Prints a line for each point and returns how many differ.
    func run(to output: inout Output) -> Int {
        var differences = 0
        output.write("\nboard     \(board.name)\n")

        var isNamed = false
        withMachineName { isNamed = board.name.isPart(of: $0) }
        note(isNamed, "the device tree names it", to: &output, &differences)

        let cpus = Int(textpin_cpu_count())
        note(cpus >= board.cpus, "\(board.cpus) CPUs; there are \(cpus)", to: &output, &differences)

        for index in board.cores.indices {
            let core = board.cores[index]
            note(hasCore(core), "cores \(core)", to: &output, &differences)
        }

        if let best = KernelSet(rank: 0) {
            note(
                board.kernels.equals(cString: best.name), "the kernels \(board.kernels) are the best; here they are \(best.name)",
                to: &output,
                &differences)
        }

        let available = Int(clamping: textpin_available_memory_bytes()) / 1_000_000
        note(
            available >= board.memoryMegabytes, "\(board.memoryMegabytes) MB of memory for the detector; \(available) MB are available",
            to: &output, &differences)

        if let chip = board.chip {
            note(hasChip(chip, atLeast: 1), "the GPIO chip \(chip)", to: &output, &differences)
        }
        for index in board.purposes.indices {
            let purpose = board.purposes[index]
            note(has(purpose.line), "the line \(purpose.line), \(purpose.purpose)", to: &output, &differences)
        }
        for index in board.header.indices {
            let pin = board.header[index]
            note(has(pin.line), "the line \(pin.line) at the header's pin \(pin.number)", to: &output, &differences)
        }
        return differences
    }

    @inline(never)
    private func note(_ isThere: Bool, _ text: Text, to output: inout Output, _ differences: inout Int) {
        output.write(isThere ? "  same     " : "  DIFFERS  ")
        output.write(text)
        output.write("\n")
        if !isThere { differences += 1 }
    }

    private func hasCore(_ name: Piece) -> Bool {
        for cpu in 0..<Int32(clamping: board.cpus) {
            if let found = textpin_core_name(cpu), name.equals(cString: found) { return true }
        }
        return false
    }

    private func has(_ line: LineReference) -> Bool {
        switch line {
        case .named(let name):
            guard let start = name.bytes.baseAddress else { return false }
            return start.withMemoryRebound(to: CChar.self, capacity: name.bytes.count) { textpin_gpio_has_line($0, name.bytes.count) }
        case .offset(let chip, let offset): return hasChip(chip, atLeast: offset + 1)
        }
    }

    private func hasChip(_ label: Piece, atLeast count: Int) -> Bool {
        var isThere = false
        GPIOChips.visit { found, lines in
            if label.equals(cString: found), lines >= count { isThere = true }
        }
        return isThere
    }
}
