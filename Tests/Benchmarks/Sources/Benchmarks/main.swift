// Single kernels at the shapes of real layers, with every kernel set that this CPU has: what `textpin bench --steps` times in a network, one
// by one.

import Benchmark
import CKernels
import Foundation

// At the least time: whatever else the machine does makes times longer.
BenchmarkColumn.register(
    BenchmarkColumn(
        name: "GMAC/s", value: { ($0.counters[multiplyAccumulatesCounter] ?? 0) / ($0.measurements.min() ?? 1) },
        formatter: { value, _ in value == 0 ? "" : String(format: "%.1f", value) }))

var sets: [textpin_kernel_set] = []
while let set = textpin_kernel_set_at(Int32(sets.count)) { sets.append(set.pointee) }
let workloads = Dense.layers + Depthwise.layers + Transposed.layers + Elementwise.layers + FrameScaling.frames
Benchmark.main(
    workloads.map { $0.suite(sets) } + [BoxesOfAPage.suite],
    customDefaults: [MinTime(seconds: 0.2), TimeUnit(.us), Columns(["name", "time", "min", "GMAC/s", "iterations"])])
