import Inference
import Messages

/// The steps that a network has run, with their times.
struct StepTable {
    let model: Model
    /// What each step is put beside; nil where that was not asked for.
    let peak: Peak?

    /// A line for each step, and one for all of them.
    func write(_ times: borrowing StepTimes, to output: inout Output) {
        let all = total(times)
        output.write("\n  step        ms   share   GMAC/s  ")
        if peak != nil { output.write("of its limit  ") }
        output.write(left: "output", width: 13)
        output.write(left: "kind", width: 24)
        output.write("name\n")
        for index in 0..<model.stepCount {
            let step = model.stepDescription(index)
            guard step.isNeeded(for: .probability) else { continue }
            let nanoseconds = Int(times[index])
            output.write("  ")
            output.write(right: Text("\(index)"), width: 4)
            output.write("  \(nanoseconds, over: 1_000_000, decimals: 3, width: 8)")
            output.write("  \(100 * nanoseconds, over: all, decimals: 1, width: 5)%")
            if step.multiplyAccumulates > 0 {
                output.write("  \(step.multiplyAccumulates, over: max(nanoseconds, 1), decimals: 1, width: 7)  ")
            } else {
                output.write("        -  ")
            }
            if let peak {
                let (share, limit) = peak.share(of: step, nanoseconds: nanoseconds)
                output.write(left: Text("\((share + 5) / 10, over: 1, decimals: 0, width: 4)% \(limit.name)"), width: 14)
            }
            output.write(left: Text("\(step.channels)x\(step.height)x\(step.width)"), width: 13)
            output.write(left: Text("\(step.kind)"), width: 24)
            output.write(printable: step.name)
            output.write("\n")
        }
        output.write("   all  \(all, over: 1_000_000, decimals: 3, width: 8)\n")
    }

    /// A key and a list, with a comma ahead.
    func write(json times: borrowing StepTimes, to output: inout Output) {
        let all = total(times)
        output.write(",\"steps\":")
        var separator: StaticString = "["
        for index in 0..<model.stepCount {
            let step = model.stepDescription(index)
            guard step.isNeeded(for: .probability) else { continue }
            let nanoseconds = Int(times[index])
            output.write(separator)
            separator = ","
            output.write("{\"name\":")
            output.write(json: step.name)
            output.write(",\"kind\":\"\(step.kind)\",\"output\":[\(step.channels),\(step.height),\(step.width)]")
            output.write(",\"milliseconds\":\(nanoseconds, over: 1_000_000, decimals: 6)")
            // To the last multiply-accumulate.
            output.write(",\"gmac\":\(step.multiplyAccumulates, over: 1_000_000_000, decimals: 9)")
            output.write(",\"share\":\(nanoseconds, over: all, decimals: 4)")
            if let peak {
                let (share, limit) = peak.share(of: step, nanoseconds: nanoseconds)
                output.write(",\"limit\":\"\(limit.key)\",\"limit_share\":\(share, over: 1000, decimals: 3)")
            }
            output.write("}")
        }
        output.write("]")
    }

    /// Of the medians; at least 1, for shares of it.
    private func total(_ times: borrowing StepTimes) -> Int {
        var sum = 0
        for index in 0..<model.stepCount where model.stepDescription(index).isNeeded(for: .probability) { sum += Int(times[index]) }
        return max(sum, 1)
    }
}

extension Peak {
    /// Which part of its time a step needs at least, in 1/1000, and what limits it.
    fileprivate func share(of step: StepDescription, nanoseconds: Int) -> (thousandths: Int, limit: Limit) {
        let (bound, limit) = bound(of: step)
        return (Int(1000 * bound / Double(max(nanoseconds, 1)) + 0.5), limit)
    }

    /// Which part of the int8 peak so many multiply-accumulates in a time are, in 1/1000.
    func share(of multiplyAccumulates: Int, nanoseconds: Int64) -> Int {
        Int(1e12 * Double(multiplyAccumulates) / Double(self.multiplyAccumulates) / Double(max(nanoseconds, 1)) + 0.5)
    }
}

extension Peak.Limit {
    fileprivate var name: StaticString {
        switch self {
        case .compute: "compute"
        case .l2: "L2"
        case .l3: "L3"
        case .memory: "memory"
        }
    }

    fileprivate var key: StaticString {
        switch self {
        case .compute: "compute"
        case .l2: "l2"
        case .l3: "l3"
        case .memory: "memory"
        }
    }
}

extension Output {
    /// The limits, and what part of the int8 peak the whole network reaches, in 1/1000.
    mutating func write(_ peak: Peak, _ kernels: KernelSet, share: Int) {
        write("\n  peak     \(peak.multiplyAccumulates, over: 1_000_000_000, decimals: 1) GMAC/s (\(kernels.peakInstructions))")
        write(", L2 \(peak.l2.bandwidth, over: 1_000_000_000, decimals: 1) GB/s")
        if let l3 = peak.l3 { write(", L3 \(l3.bandwidth, over: 1_000_000_000, decimals: 1) GB/s") }
        write(", memory \(peak.memory.bandwidth, over: 1_000_000_000, decimals: 1) GB/s\n")
        write("  network  \(share, over: 10, decimals: 1)% of the int8 peak\n")
    }

    /// A key and an object, with a comma ahead.
    mutating func write(json peak: Peak, share: Int) {
        write(",\"peak\":{\"gmacs\":\(peak.multiplyAccumulates, over: 1_000_000_000, decimals: 1)")
        write(",\"l2_gbs\":\(peak.l2.bandwidth, over: 1_000_000_000, decimals: 1)")
        if let l3 = peak.l3 { write(",\"l3_gbs\":\(l3.bandwidth, over: 1_000_000_000, decimals: 1)") }
        write(",\"memory_gbs\":\(peak.memory.bandwidth, over: 1_000_000_000, decimals: 1)")
        write(",\"network_share\":\(share, over: 1000, decimals: 3)}")
    }

    /// A text and spaces up to a column's width, two of them at least.
    fileprivate mutating func write(left text: Text, width: Int) {
        write(text)
        for _ in 0..<max(width - text.count, 0) { write(byte: UInt8(ascii: " ")) }
        write("  ")
    }

    fileprivate mutating func write(right text: Text, width: Int) {
        for _ in 0..<max(width - text.count, 0) { write(byte: UInt8(ascii: " ")) }
        write(text)
    }

    /// A file's text without what a terminal would obey.
    fileprivate mutating func write(printable bytes: UnsafeBufferPointer<UInt8>) {
        for byte in bytes { write(byte: byte < 0x20 || byte == 0x7F ? UInt8(ascii: "?") : byte) }
    }
}
