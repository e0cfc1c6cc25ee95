import Calibration
import Foundation
import Testing

/// The trained networks that users have, from ~/.cache/textpin/models; each test is skipped, and says so, where a file is not there.
@Suite struct ONNXTrainedModelTests {
    @Test(.enabled("run Calibration/models/fetch first") { TrainedModel.all.allSatisfy(\.isThere) }, arguments: TrainedModel.all)
    func importsWithAllFolded(_ model: TrainedModel) throws {
        let graph = try importONNX(try model.bytes, inputHeight: 640, inputWidth: 480).graph
        var counts = TrainedModel.Counts()
        for node in graph.nodes {
            switch node.operation {
            case .convolution: counts.convolutions += 1
            case .transposedConvolution: counts.transposedConvolutions += 1
            case .activation: counts.activations += 1
            case .scaleChannels: counts.gates += 1
            default: break
            }
        }
        #expect(counts == model.counts)
        let map = Graph.Tensor(name: graph.tensors[graph.probability].name, channels: 1, height: 640, width: 480)
        #expect(graph.tensors[graph.probability] == map)
        #expect((graph.threshold != nil) == model.hasThreshold)
    }
}

struct TrainedModel: Sendable, CustomTestStringConvertible {
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

    var testDescription: String { name }

    var file: URL { URL.homeDirectory.appending(path: ".cache/textpin/models/\(name).onnx") }

    var isThere: Bool { FileManager.default.fileExists(atPath: file.path) }

    var bytes: Data {
        get throws { try Data(contentsOf: file) }
    }
}
