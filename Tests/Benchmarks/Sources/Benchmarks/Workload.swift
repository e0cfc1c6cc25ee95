import Benchmark
import CKernels

/// Work for a kernel set that can be repeated: a layer, or a frame.
protocol Workload: Sendable {
    var name: String { get }
    /// 0 where nothing is multiplied and accumulated.
    var multiplyAccumulates: Int { get }
    /// Takes memory, draws numbers, packs weights; what it returns does the work once.
    func prepared(for set: textpin_kernel_set) -> () -> Void
}

/// Under which name a benchmark's multiply-accumulates are counted.
let multiplyAccumulatesCounter = "multiply-accumulates"

extension Workload {
    /// A benchmark for each set. Memory is taken when a set's turn comes.
    func suite(_ sets: [textpin_kernel_set]) -> BenchmarkSuite {
        BenchmarkSuite(name: name) { suite in
            for set in sets {
                var work: (() -> Void)?
                suite.benchmark(String(cString: set.name)) { state in
                    let prepared = work ?? self.prepared(for: set)
                    work = prepared
                    state.counters[multiplyAccumulatesCounter] = Double(multiplyAccumulates)
                    try state.measure(f: prepared)
                }
            }
        }
    }
}
