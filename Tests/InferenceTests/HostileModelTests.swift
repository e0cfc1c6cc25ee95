import CModelFile
import Calibration
import Foundation
import Inference
import TestNetworks
import Testing
import TextDetection

/// Model files that were cut, flipped, or written by somebody who means harm: refused, or run without touching what lies outside the arena and
/// the file. A fault shows as a crash of the test process: pages around both cannot be touched.
@Suite(.serialized) struct HostileModelTests {
    private static func smallest() throws -> [UInt8] {
        let network = TestNetwork.tiny
        return try network.calibrated(pictures: 2).bytes
    }

    private func isRefused(_ bytes: [UInt8]) throws -> Bool {
        let memory = try #require(GuardedMemory(bytes))
        do throws(ModelError) {
            _ = try Model(bytes: UnsafeRawBufferPointer(memory.bytes))
            return false
        } catch {
            return true
        }
    }

    @Test func everyCutIsRefused() throws {
        let bytes = try Self.smallest()
        #expect(try !isRefused(bytes))
        for count in 0..<bytes.count { #expect(try isRefused(Array(bytes[..<count])), "cut to \(count) of \(bytes.count)") }
        #expect(try isRefused(bytes + [0]))
    }

    @Test func everyFlippedByteIsRefused() throws {
        var bytes = try Self.smallest()
        for index in bytes.indices {
            for mask in [UInt8(1) << UInt8(index % 8), 0xFF] {
                bytes[index] ^= mask
                #expect(try isRefused(bytes), "byte \(index) of \(bytes.count)")
                bytes[index] ^= mask
            }
        }
        #expect(try !isRefused(bytes))
    }

    /// Every field of every record takes every number that is known to break readers, with the checksum made right again.
    @Test func changedFieldsAreRefusedOrHarmless() throws {
        let network = TestNetwork.everyStep
        let original = try network.calibrated(pictures: 2).bytes
        var runs = HostileRuns(network)
        for field in HostileFile(original).fields {
            for value in field.hostileValues {
                var file = HostileFile(original)
                file.set(field, value)
                try runs.run(file.repaired(), "field at \(field.offset) set to \(value)")
            }
        }
        #expect(runs.refused > 10_000)
        #expect(runs.harmless > 10_000)
    }

    /// Several fields at once, numbers of one record in another's place, and any constants.
    @Test(arguments: [TestNetwork.everyStep] + TestNetwork.all)
    func drawnChangesAreRefusedOrHarmless(_ network: TestNetwork) throws {
        let original = try network.calibrated(pictures: 2).bytes
        var runs = HostileRuns(network)
        var numbers = SeededNumbers(11)
        let fields = HostileFile(original).fields
        for round in 0..<500 {
            var file = HostileFile(original)
            for _ in 0..<Int.random(in: 1...4, using: &numbers) {
                guard let field = fields.randomElement(using: &numbers) else { continue }
                switch Int.random(in: 0..<4, using: &numbers) {
                case 0: file.set(field, field.hostileValues.randomElement(using: &numbers) ?? 0)
                case 1: file.set(field, UInt32.random(in: 0...UInt32.max, using: &numbers) >> UInt32.random(in: 0...31, using: &numbers))
                case 2:
                    // What stands in the same field of another record fits in more often than a drawn number.
                    let others = fields.filter { $0.place == field.place }
                    file.set(field, others.randomElement(using: &numbers)?.value ?? 0)
                default: file.setConstant(&numbers)
                }
            }
            try runs.run(file.repaired(), "round \(round)")
        }
        #expect(runs.refused > 50)
        #expect(runs.harmless > 50)
    }
}

/// Opens and runs files that may be hostile, and counts what became of them.
private struct HostileRuns {
    private(set) var refused = 0
    private(set) var harmless = 0
    private let picture: Picture
    private let kernels = KernelSet.all

    init(_ network: TestNetwork) {
        // A photo of another size than the input: scaling runs too.
        picture = Picture.scene(width: network.width + 31, height: network.height + 7, seed: 1)
    }

    mutating func run(_ bytes: [UInt8], _ what: String) throws {
        let file = try #require(GuardedMemory(bytes))
        guard let model = try? Model(bytes: UnsafeRawBufferPointer(file.bytes)) else {
            refused += 1
            return
        }
        let arena = try #require(GuardedMemory(count: model.arenaByteCount))
        for map in [DetectionMap.probability, .binary] where map == .probability || model.hasBinaryMap {
            let set = kernels[harmless % kernels.count]
            // Asking again what was refused is no second refusal: the binary map follows the probability map.
            guard var detector = try? TextDetector(model: model, arena: arena.bytes, kernels: set, threads: 1 + harmless % 2, map: map)
            else {
                refused += 1
                return
            }
            picture.pixels.withUnsafeBufferPointer { pixels in
                guard let start = pixels.baseAddress,
                    let frame = FrameView(
                        pixels: start, width: picture.width, height: picture.height, rowStride: 3 * picture.width, format: .rgb)
                else { return }
                _ = detector.detect(frame)
            }
        }
        _ = PlanSummary(model)
        #expect(arena.isIntact, "\(what): bytes around the arena changed")
        #expect(file.isIntact)
        harmless += 1
    }
}
