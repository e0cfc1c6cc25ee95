import Foundation
import TestNetworks
import Testing

/// What `bench` prints, on the smallest network; how long things take is no matter.
@Suite(.enabled("the command line is not built") { CommandLineTool.isBuilt }) struct BenchTests {
    private static let stages: Set<String> = [
        "model", "size", "threads", "kernels", "network_ms", "prepare_ms", "boxes_ms", "gmac", "arena_bytes",
    ]

    private func bench(_ arguments: [String]) throws -> CommandLineTool.Result {
        try TestFolder.with { folder in
            let model = try folder.write(try TestNetwork.tiny.calibrated(pictures: 2).bytes, as: "tiny.dbq")
            return try CommandLineTool.run(["bench", "--model", model, "--repeat", "3"] + arguments)
        }
    }

    private func json(_ arguments: [String]) throws -> [String: Any] {
        let result = try bench(arguments + ["--json"])
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        #expect(result.output.hasSuffix("}\n") && result.output.filter { $0 == "\n" }.count == 1)
        return try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    }

    private func steps(_ object: [String: Any]) throws -> [[String: Any]] { try #require(object["steps"] as? [[String: Any]]) }

    @Test func stagesAloneHaveTheFixedFields() throws {
        let object = try json([])
        #expect(Set(object.keys) == Self.stages)
        for key in ["network_ms", "prepare_ms", "boxes_ms"] { #expect((object[key] as? [Double])?.count == 3) }
    }

    @Test func stepsAreEachThereOnce() throws {
        let object = try json(["--steps", "--threads", "2"])
        #expect(Set(object.keys) == Self.stages.union(["steps"]))
        let steps = try steps(object)
        #expect(steps.map { $0["kind"] as? String } == ["conv 3x3 /2", "logits, transposed 2x2"])
        #expect(steps.map { $0["output"] as? [Int] } == [[4, 16, 16], [1, 32, 32]])
        #expect(steps.map { $0["gmac"] as? Double } == [27648e-9, 4096e-9])
        for step in steps {
            #expect(Set(step.keys) == ["name", "kind", "output", "milliseconds", "gmac", "share"])
            #expect(!(try #require(step["name"] as? String)).isEmpty)
            #expect(try #require(step["milliseconds"] as? Double) > 0)
        }
        let shares = try steps.map { try #require($0["share"] as? Double) }
        // Each is rounded to four decimals.
        #expect(abs(shares.reduce(0, +) - 1) <= 1e-4)
    }

    @Test func peakPutsEachStepBesideALimit() throws {
        let object = try json(["--peak"])
        #expect(Set(object.keys) == Self.stages.union(["steps", "peak"]))
        let peak = try #require(object["peak"] as? [String: Double])
        #expect(Set(peak.keys).subtracting(["l3_gbs"]) == ["gmacs", "l2_gbs", "memory_gbs", "network_share"])
        #expect(peak.filter { $0.key != "network_share" }.allSatisfy { $0.value > 0 })
        for step in try steps(object) {
            #expect(["compute", "l2", "l3", "memory"].contains(try #require(step["limit"] as? String)))
            #expect(try #require(step["limit_share"] as? Double) >= 0)
        }
    }

    @Test func tableHasALineForEachStep() throws {
        let plain = try bench([])
        #expect(plain.status == 0 && !plain.output.contains("step"))
        let result = try bench(["--peak"])
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        let lines = result.output.split(separator: "\n")
        let header = try #require(lines.firstIndex { $0.hasPrefix("  step ") })
        #expect(lines[header].contains("GMAC/s") && lines[header].contains("of its limit"))
        #expect(lines[header + 1].contains("4x16x16") && lines[header + 1].contains("conv 3x3 /2"))
        #expect(lines[header + 2].contains("1x32x32") && lines[header + 2].contains("logits, transposed 2x2"))
        #expect(lines[header + 3].hasPrefix("   all  "))
        #expect(lines.last?.hasSuffix("% of the int8 peak") == true)
    }

    @Test(arguments: ["0", "10001", "many"])
    func repeatsOutOfRangeAreRefused(_ count: String) throws {
        let result = try CommandLineTool.run(["bench", "--repeat", count])
        #expect(result.status == 64 && result.errors.contains("--repeat"), "\(result.errors)")
    }
}
