/// Where a DBNet's maps leave the graph: the names of the tensors that the last sigmoids read.
package struct Heads: Equatable {
    package var probability: String
    package var threshold: String?
}

/// Finds the heads from a model's outputs.
///
/// A network exported for use ends in one sigmoid, the probability map P. One exported with both heads ends in a Concat of P, the threshold
/// map T and the approximate binary map 1 / (1 + exp(-k (P - T))) (Liao et al. 2020, equation 2), or has P and T as outputs of their own.
struct HeadFinder {
    private let nodes: [SourceNode]
    /// The index of the node that makes a tensor.
    private let producers: [String: Int]
    private let constants: [String: Constant]

    init(nodes: [SourceNode], constants: [String: Constant]) {
        self.nodes = nodes
        self.constants = constants
        var producers: [String: Int] = [:]
        for (index, node) in nodes.enumerated() {
            for output in node.node.output where !output.isEmpty { producers[output] = index }
        }
        self.producers = producers
    }

    func heads(outputs: [String]) throws(ImportError) -> Heads {
        guard let first = outputs.first else { throw .model(problem: "it has no output") }
        guard let last = producer(of: first) else { throw .tensor(name: first, problem: "no node makes this output of the model") }
        let maps = last.node.opType == "Concat" ? last.node.input : Array(outputs.prefix(2))
        guard maps.count <= 3, let probability = maps.first, let probabilityLogits = logits(of: probability) else {
            throw last.failure(
                "the output '\(first)' must be the probability map after a Sigmoid, or a Concat of the probability map, "
                    + "the threshold map and the binary map")
        }
        guard maps.count > 1 else { return Heads(probability: probabilityLogits, threshold: nil) }
        guard let thresholdLogits = logits(of: maps[1]) else {
            throw .tensor(name: maps[1], problem: "the second map of the output must be the threshold map after a Sigmoid")
        }
        if maps.count == 3, let step = stepFunction(maps[2]) {
            // The step function tells the two maps apart whatever their order.
            if (step.probability, step.threshold) == (probabilityLogits, thresholdLogits) {
                return Heads(probability: probabilityLogits, threshold: thresholdLogits)
            }
            if (step.probability, step.threshold) == (thresholdLogits, probabilityLogits) {
                return Heads(probability: thresholdLogits, threshold: probabilityLogits)
            }
            throw .tensor(name: maps[2], problem: "the binary map must come from the probability map and the threshold map beside it")
        }
        return Heads(probability: probabilityLogits, threshold: thresholdLogits)
    }

    /// The node that makes a tensor, past any Identity.
    private func producer(of name: String) -> SourceNode? {
        var name = name
        var limit = nodes.count
        while let index = producers[name], index < limit {
            let node = nodes[index]
            guard node.node.opType == "Identity", let input = node.input(0) else { return node }
            (name, limit) = (input, index)
        }
        return nil
    }

    private func logits(of map: String) -> String? {
        guard let node = producer(of: map), node.node.opType == "Sigmoid" else { return nil }
        return node.input(0)
    }

    /// Which logits a binary map calls probability and which threshold, nil where it is not spelled as a known step function.
    private func stepFunction(_ map: String) -> (probability: String, threshold: String)? {
        var name = map
        var rising = true
        for _ in nodes {
            guard let node = producer(of: name) else { return nil }
            let tensors = node.node.input.filter { constants[$0] == nil }
            switch node.node.opType {
            case "Sigmoid", "Exp", "Add": break
            case "Reciprocal", "Div", "Neg": rising.toggle()
            case "Mul":
                guard let factor = node.node.input.lazy.compactMap({ constants[$0]?.scalar }).first else { return nil }
                if factor < 0 { rising.toggle() }
            case "Sub":
                guard tensors.count == 2, let minuend = logits(of: tensors[0]), let subtrahend = logits(of: tensors[1]) else { return nil }
                return rising ? (minuend, subtrahend) : (subtrahend, minuend)
            default: return nil
            }
            guard tensors.count == 1 else { return nil }
            name = tensors[0]
        }
        return nil
    }
}
