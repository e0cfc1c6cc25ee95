/// Computes the nodes whose inputs are all constants: the chains by which exporters spell out shapes, and weights that hide behind a Reshape.
enum ConstantFolding {
    static let operators: Set<String> = [
        "Add", "Cast", "Ceil", "Concat", "Constant", "Div", "Floor", "Gather", "Identity", "Mul", "Reshape", "Slice", "Squeeze", "Sub",
        "Unsqueeze",
    ]

    /// The value of a `Constant` node.
    static func value(ofConstant node: SourceNode) throws(ImportError) -> Constant {
        if let tensor = try node.tensor("value") { return try Constant(tensor) }
        for attribute in node.node.attribute {
            switch attribute.name {
            case "value_float": return Constant(shape: [], elements: .floats([try node.float("value_float", default: 0)]))
            case "value_int": return Constant(shape: [], elements: .integers([try node.integer("value_int", default: 0)]))
            case "value_floats":
                guard let values = try node.floats("value_floats") else { continue }
                return Constant(shape: [values.count], elements: .floats(values))
            case "value_ints":
                guard let values = try node.integers("value_ints") else { continue }
                return Constant(shape: [values.count], elements: .integers(values))
            default: continue
            }
        }
        throw node.failure("its value is not a tensor or a list of numbers")
    }

    /// The output of a node of `operators`; `inputs` has nil where an optional input is absent.
    static func fold(_ node: SourceNode, _ inputs: [Constant?]) throws(ImportError) -> Constant {
        let arguments = Arguments(node: node, inputs: inputs)
        switch node.node.opType {
        case "Identity": return try arguments[0]
        case "Add": return try arguments.elementwise({ $0 + $1 }, { $0.addingReportingOverflow($1) })
        case "Sub": return try arguments.elementwise({ $0 - $1 }, { $0.subtractingReportingOverflow($1) })
        case "Mul": return try arguments.elementwise({ $0 * $1 }, { $0.multipliedReportingOverflow(by: $1) })
        case "Div": return try arguments.elementwise({ $0 / $1 }, { $0.dividedReportingOverflow(by: $1) })
        case "Floor": return try arguments.rounded(.down)
        case "Ceil": return try arguments.rounded(.up)
        case "Cast": return try arguments.cast()
        case "Reshape": return try arguments.reshape()
        case "Squeeze": return try arguments.squeeze()
        case "Unsqueeze": return try arguments.unsqueeze()
        case "Concat": return try arguments.concatenate()
        case "Gather": return try arguments.gather()
        case "Slice": return try arguments.slice()
        default: throw .unsupportedOperator(node: node.name, operatorName: node.operatorName)
        }
    }
}

/// A node and the constants it reads.
private struct Arguments {
    let node: SourceNode
    let inputs: [Constant?]

    subscript(index: Int) -> Constant {
        get throws(ImportError) {
            guard index < inputs.count, let input = inputs[index] else { throw node.failure("input \(index) is missing") }
            return input
        }
    }

    /// Whole numbers from an input (as later opsets have it) or else from an attribute (as earlier ones).
    func integers(input index: Int, attribute: String) throws(ImportError) -> [Int]? {
        if index < inputs.count, let input = inputs[index] {
            guard let values = input.integers else { throw node.failure("input \(index) must hold whole numbers") }
            return values
        }
        return try node.integers(attribute)
    }

    func reshaped(_ constant: Constant, to shape: [Int]) throws(ImportError) -> Constant {
        guard checkedProduct(shape) == constant.count else {
            throw node.failure("a constant of shape \(constant.shape) cannot take the shape \(shape)")
        }
        return Constant(shape: shape, elements: constant.elements)
    }

    /// `index` counted from the front, where negative ones count from the end.
    func resolved(_ index: Int, count: Int) throws(ImportError) -> Int {
        let (fromEnd, _) = index.addingReportingOverflow(count)
        let position = index < 0 ? fromEnd : index
        guard (0..<count).contains(position) else { throw node.failure("index \(index) is outside 0..<\(count)") }
        return position
    }

    func vector(_ index: Int) throws(ImportError) -> [Int] {
        let input = try self[index]
        guard let values = input.integers, input.shape.count <= 1 else {
            throw node.failure("input \(index) must be a list of whole numbers, but has the shape \(input.shape)")
        }
        return values
    }
}

extension Arguments {
    func elementwise(
        _ floatFunction: (Float, Float) -> Float, _ integerFunction: (Int, Int) -> (partialValue: Int, overflow: Bool)
    ) throws(ImportError) -> Constant {
        let (left, right) = (try self[0], try self[1])
        guard left.shape == right.shape || left.count == 1 || right.count == 1 else {
            throw node.failure("constants of shapes \(left.shape) and \(right.shape) cannot be combined")
        }
        let count = left.count == 1 ? right.count : left.count
        let sameCount = left.count == right.count
        let shape =
            sameCount ? (left.shape.count < right.shape.count ? right.shape : left.shape) : (left.count == 1 ? right.shape : left.shape)
        let (leftStep, rightStep) = (left.count == 1 ? 0 : 1, right.count == 1 ? 0 : 1)
        guard let leftIntegers = left.integers, let rightIntegers = right.integers else {
            let (a, b) = (left.floats, right.floats)
            return Constant(shape: shape, elements: .floats((0..<count).map { floatFunction(a[$0 * leftStep], b[$0 * rightStep]) }))
        }
        var results: [Int] = []
        for index in 0..<count {
            let (value, overflow) = integerFunction(leftIntegers[index * leftStep], rightIntegers[index * rightStep])
            guard !overflow else { throw node.failure("whole numbers overflow, or are divided by zero") }
            results.append(value)
        }
        return Constant(shape: shape, elements: .integers(results))
    }

    func rounded(_ rule: FloatingPointRoundingRule) throws(ImportError) -> Constant {
        let input = try self[0]
        return Constant(shape: input.shape, elements: .floats(input.floats.map { $0.rounded(rule) }))
    }

    func cast() throws(ImportError) -> Constant {
        let input = try self[0]
        let target = try node.integer("to", default: 0)
        switch ONNXTensor.DataType(rawValue: target) {
        case .float, .float16, .double: return Constant(shape: input.shape, elements: .floats(input.floats))
        case .int32, .int64:
            if input.integers != nil { return input }
            var integers: [Int] = []
            for value in input.floats {
                guard let integer = Int(exactly: value.rounded(.towardZero)) else { throw node.failure("\(value) is not a whole number") }
                integers.append(integer)
            }
            return Constant(shape: input.shape, elements: .integers(integers))
        default: throw node.failure("a cast to data type \(target) is not supported")
        }
    }

    func reshape() throws(ImportError) -> Constant {
        let input = try self[0]
        guard var shape = try integers(input: 1, attribute: "shape") else { throw node.failure("the new shape is missing") }
        let keepsZero = try node.integer("allowzero", default: 0) != 0
        for (axis, size) in shape.enumerated() where size == 0 && !keepsZero && axis < input.shape.count {
            shape[axis] = input.shape[axis]
        }
        if let open = shape.firstIndex(of: -1) {
            shape[open] = 1
            if let rest = checkedProduct(shape), rest > 0 { shape[open] = input.count / rest }
        }
        return try reshaped(input, to: shape)
    }

    func squeeze() throws(ImportError) -> Constant {
        let input = try self[0]
        guard let axes = try integers(input: 1, attribute: "axes") else { return try reshaped(input, to: input.shape.filter { $0 != 1 }) }
        var kept = input.shape.map { Optional($0) }
        for axis in axes { kept[try resolved(axis, count: kept.count)] = nil }
        return try reshaped(input, to: kept.compactMap { $0 })
    }

    func unsqueeze() throws(ImportError) -> Constant {
        let input = try self[0]
        guard let axes = try integers(input: 1, attribute: "axes") else { throw node.failure("the axes are missing") }
        let rank = input.shape.count + axes.count
        var positions: Set<Int> = []
        for axis in axes { positions.insert(try resolved(axis, count: rank)) }
        guard positions.count == axes.count else { throw node.failure("axes \(axes) name one axis twice") }
        var rest = input.shape.makeIterator()
        return try reshaped(input, to: (0..<rank).compactMap { positions.contains($0) ? 1 : rest.next() })
    }

    func concatenate() throws(ImportError) -> Constant {
        var integers: [Int] = []
        for index in inputs.indices {
            integers += try vector(index)
            // A few nodes that double a list over and over would fill any memory; a shape has a handful of sizes.
            guard integers.count <= 1024 else { throw node.failure("a list of more than 1024 whole numbers is not a shape") }
        }
        return Constant(shape: [integers.count], elements: .integers(integers))
    }

    func gather() throws(ImportError) -> Constant {
        let (values, indices) = (try vector(0), try self[1])
        guard let positions = indices.integers else { throw node.failure("the indices must be whole numbers") }
        var gathered: [Int] = []
        for index in positions { gathered.append(values[try resolved(index, count: values.count)]) }
        return Constant(shape: indices.shape, elements: .integers(gathered))
    }

    func slice() throws(ImportError) -> Constant {
        let values = try vector(0)
        guard let starts = try integers(input: 1, attribute: "starts"), let ends = try integers(input: 2, attribute: "ends"),
            starts.count == 1, ends.count == 1
        else { throw node.failure("a slice of a list needs one start and one end") }
        guard try integers(input: 4, attribute: "steps") ?? [1] == [1] else { throw node.failure("only a step of 1 is supported") }
        func clamped(_ index: Int) -> Int {
            min(max(index < 0 ? index.addingReportingOverflow(values.count).partialValue : index, 0), values.count)
        }
        let (start, end) = (clamped(starts[0]), clamped(ends[0]))
        let sliced = Array(values[start..<max(start, end)])
        return Constant(shape: [sliced.count], elements: .integers(sliced))
    }
}
