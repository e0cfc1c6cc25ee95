import Foundation
import Testing

/// A trained network that users have, looked for as NAME.onnx among the cached models.
struct TrainedModel: Sendable, CustomTestStringConvertible {
    /// How many nodes of some kinds a graph has.
    struct Counts: Equatable {
        var convolutions = 0
        var transposedConvolutions = 0
        var activations = 0
        var gates = 0
    }

    var name: String
    /// Counted in ONNX Runtime's own optimized graphs: what is left where nothing was missed and nothing lost.
    var counts: Counts
    var hasThreshold = false

    static let all = [
        TrainedModel(name: "PP-OCRv2", counts: Counts(convolutions: 56, transposedConvolutions: 2, activations: 34, gates: 0)),
        TrainedModel(
            name: "PP-OCRv2.0-both-heads", counts: Counts(convolutions: 57, transposedConvolutions: 4, activations: 36, gates: 0),
            hasThreshold: true),
        TrainedModel(name: "PP-OCRv3", counts: Counts(convolutions: 72, transposedConvolutions: 2, activations: 50, gates: 8)),
        TrainedModel(name: "PP-OCRv4", counts: Counts(convolutions: 62, transposedConvolutions: 2, activations: 46, gates: 10)),
        TrainedModel(name: "PP-OCRv5", counts: Counts(convolutions: 62, transposedConvolutions: 2, activations: 46, gates: 10)),
        TrainedModel(name: "PP-OCRv6-tiny", counts: Counts(convolutions: 83, transposedConvolutions: 2, activations: 46, gates: 13)),
        TrainedModel(name: "PP-OCRv6-small", counts: Counts(convolutions: 83, transposedConvolutions: 2, activations: 46, gates: 13)),
    ]

    static var areAllThere: Bool { all.allSatisfy { FileManager.default.fileExists(atPath: $0.file.path) } }

    var testDescription: String { name }

    var file: URL { Cache.folder.appending(path: "models/\(name).onnx") }

    var bytes: Data {
        get throws { try Data(contentsOf: file) }
    }
}

/// Where what tests need and the project does not hold is kept.
enum Cache {
    static var folder: URL {
        let variable = ProcessInfo.processInfo.environment["XDG_CACHE_HOME"] ?? ""
        return (variable.isEmpty ? URL.homeDirectory.appending(path: ".cache") : URL(filePath: variable)).appending(path: "textpin")
    }
}
