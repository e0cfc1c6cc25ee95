import CDevices
import CKernels

/// One instruction set's kernels; every set computes the same bytes.
public struct KernelSet: @unchecked Sendable {
    package let table: UnsafePointer<textpin_kernel_set>

    /// "avx512vnni", "neon-dotprod", …
    public var name: UnsafePointer<CChar> { table.pointee.name }

    /// The set at a rank among those that this CPU can run, best first; nil past the last, which is the scalar oracle.
    public init?(rank: Int) {
        guard let table = textpin_kernel_set_at(Int32(clamping: rank)) else { return nil }
        self.table = table
    }

    /// The set of a name, if this CPU can run it.
    public init?(named name: UnsafePointer<CChar>) {
        guard let table = textpin_kernel_set_named(name) else { return nil }
        self.table = table
    }

    /// The set that `TEXTPIN_KERNELS` names, or the best one; nil if it names one that this CPU cannot run.
    public static func chosen() -> KernelSet? {
        let variable: StaticString = "TEXTPIN_KERNELS"
        return variable.utf8Start.withMemoryRebound(to: CChar.self, capacity: variable.utf8CodeUnitCount + 1) { variable in
            guard let name = textpin_environment(variable) else { return KernelSet(rank: 0) }
            return KernelSet(named: name)
        }
    }
}
