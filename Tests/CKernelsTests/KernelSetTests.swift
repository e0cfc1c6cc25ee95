import CKernels
import Testing

@Suite struct KernelSetTests {
    @Test func scalarOracleIsAlwaysThereAndLast() {
        var names: [String] = []
        while let set = textpin_kernel_set_at(Int32(names.count)) {
            names.append(String(cString: set.pointee.name))
        }
        #expect(names.last == "scalar")
        #expect(Set(names).count == names.count)
    }

    @Test func namedSetsAreThoseListed() {
        #expect(textpin_kernel_set_named("scalar") != nil)
        #expect(textpin_kernel_set_named("abacus") == nil)
    }
}
