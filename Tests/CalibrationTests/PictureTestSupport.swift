import Calibration
import Foundation

/// A folder of its own for one test.
struct TemporaryFolder {
    let path: String

    /// Makes the folder, and removes it with all that is in it when `body` is done.
    static func with(_ body: (TemporaryFolder) throws -> Void) throws {
        let folder = TemporaryFolder(path: NSTemporaryDirectory() + "textpin-test-" + UUID().uuidString)
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder.path) }
        try body(folder)
    }

    func path(_ name: String) -> String { path + "/" + name }
    /// What is in the folder; nil where it cannot be listed.
    var names: [String]? { try? FileManager.default.contentsOfDirectory(atPath: path).sorted() }
    func write(_ bytes: [UInt8], as name: String) throws { try Data(bytes).write(to: URL(fileURLWithPath: path(name))) }
}

/// The same numbers for the same seed on every machine (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension Picture {
    static func noise(width: Int, height: Int, seed: UInt64) -> Picture {
        var numbers = SeededNumbers(seed)
        let pixels = (0..<(width * height * 3)).map { _ in UInt8.random(in: 0...255, using: &numbers) }
        return Picture(width: width, height: height, pixels: pixels)
    }
}
