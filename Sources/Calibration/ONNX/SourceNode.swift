/// An ONNX node with its attributes read by name and type.
package struct SourceNode {
    package let node: ONNXNode

    package init(_ node: ONNXNode) {
        self.node = node
    }

    /// The node's name, or its output's where it has none.
    var name: String { node.name.isEmpty ? (node.output.first ?? "") : node.name }

    /// The operator, with its domain where that is not ONNX's own.
    var operatorName: String {
        node.domain.isEmpty || node.domain == "ai.onnx" ? node.opType : "\(node.domain).\(node.opType)"
    }

    /// The name of an input, nil where the exporter left that optional input out.
    func input(_ index: Int) -> String? {
        index < node.input.count && !node.input[index].isEmpty ? node.input[index] : nil
    }

    func failure(_ problem: String) -> ImportError {
        .node(name: name, operatorName: operatorName, problem: problem)
    }

    func integer(_ name: String, default value: Int) throws(ImportError) -> Int {
        try attribute(name, .int).map { Int($0.i) } ?? value
    }

    func float(_ name: String, default value: Float) throws(ImportError) -> Float {
        try attribute(name, .float)?.f ?? value
    }

    func integers(_ name: String) throws(ImportError) -> [Int]? {
        try attribute(name, .ints)?.ints.map { Int($0) }
    }

    func floats(_ name: String) throws(ImportError) -> [Float]? {
        try attribute(name, .floats)?.floats
    }

    func string(_ name: String, default value: String) throws(ImportError) -> String {
        guard let bytes = try attribute(name, .string)?.s else { return value }
        return String(decoding: bytes, as: UTF8.self)
    }

    func tensor(_ name: String) throws(ImportError) -> ONNXTensor? {
        try attribute(name, .tensor)?.t
    }

    private func attribute(_ name: String, _ kind: ONNXAttribute.Kind) throws(ImportError) -> ONNXAttribute? {
        guard let attribute = node.attribute.first(where: { $0.name == name }) else { return nil }
        guard attribute.type == kind else { throw failure("attribute '\(name)' has type \(attribute.type), where \(kind) was expected") }
        return attribute
    }
}
