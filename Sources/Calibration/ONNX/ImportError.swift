/// Why an ONNX file cannot become a `Graph`. Its description is one sentence: what is wrong, where, and what would be right.
public enum ImportError: Error, Equatable {
    /// The bytes are not a complete ONNX model.
    case notAModel(reason: String)
    /// The size asked for does not suit a DBNet, whose deepest features are 32 times smaller than the picture.
    case inputSize(height: Int, width: Int)
    /// Something that no single node or tensor is to blame for.
    case model(problem: String)
    /// A constant, or the name of a tensor that is not there.
    case tensor(name: String, problem: String)
    /// A node of a known operator, used in a way that is not supported or makes no sense.
    case node(name: String, operatorName: String, problem: String)
    case unsupportedOperator(node: String, operatorName: String)
    case deformableConvolution(node: String, operatorName: String)
}

extension ImportError: CustomStringConvertible {
    /// One line of printable characters: names come from the file, and may hold anything that a terminal would obey.
    public var description: String {
        let printable = sentence.unicodeScalars.prefix(1000).map { scalar -> Character in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: "?"
            default: Character(scalar)
            }
        }
        return String(printable)
    }

    private var sentence: String {
        switch self {
        case .notAModel(let reason):
            "the file is not a complete ONNX model: \(reason)"
        case .inputSize(let height, let width):
            "an input of \(width)x\(height) pixels is not possible: width and height must be positive multiples of 32, "
                + "and width x height at most \(Lowering.largestTensor)"
        case .model(let problem):
            "the model cannot be imported: \(problem)"
        case .tensor(let name, let problem):
            "tensor '\(name)': \(problem)"
        case .node(let name, let operatorName, let problem):
            "node '\(name)' (\(operatorName)): \(problem)"
        case .unsupportedOperator(let node, let operatorName):
            "node '\(node)': the operator \(operatorName) is not supported; the supported ones are "
                + Lowering.supportedOperators.joined(separator: ", ")
        case .deformableConvolution(let node, let operatorName):
            "node '\(node)' (\(operatorName)): deformable convolution cannot be imported, because its sampling positions depend on the data, "
                + "which no fixed table of row pointers can hold; train the network without it (the paper's networks lose about 1.6 F)"
        }
    }
}
