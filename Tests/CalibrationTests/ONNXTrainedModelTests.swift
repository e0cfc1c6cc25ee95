import Calibration
import Testing

@Suite struct ONNXTrainedModelTests {
    @Test(.enabled("the trained models are not in ~/.cache/textpin/models") { TrainedModel.areAllThere }, arguments: TrainedModel.all)
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
