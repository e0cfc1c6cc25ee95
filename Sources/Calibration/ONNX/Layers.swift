extension Lowering {
    mutating func globalAverage(_ operands: Operands) throws(ImportError) -> Signal.ID {
        let input = try materialize(try operands.signal(0))
        return try emit(.globalAverage, [input], tensors[input].channels, 1, 1, operands.node)
    }

    mutating func reduceMean(_ operands: Operands) throws(ImportError) -> Signal.ID {
        let node = operands.node
        var axes = try operands.optionalConstant(1)?.integers
        if axes == nil { axes = try node.integers("axes") }
        guard let axes, [[2, 3], [-2, -1], [3, 2], [-1, -2]].contains(axes), try node.integer("keepdims", default: 1) == 1 else {
            throw node.failure("a mean is supported over height and width (axes 2 and 3) with keepdims 1 only")
        }
        return try globalAverage(operands)
    }

    mutating func concatenate(_ operands: Operands) throws(ImportError) -> Signal.ID {
        let node = operands.node
        let axis = try node.integer("axis", default: 1)
        guard axis == 1 || axis == -3 else { throw node.failure("axis \(axis) is not supported, only 1, the channels") }
        var inputs: [Graph.TensorID] = []
        var channels = 0
        for index in operands.inputs.indices {
            let input = try materialize(try operands.signal(index))
            let (first, shape) = (tensors[inputs.first ?? input], tensors[input])
            guard (first.height, first.width) == (shape.height, shape.width) else {
                throw node.failure(
                    "inputs of \(first.height)x\(first.width) and \(shape.height)x\(shape.width) pixels cannot stand side by side")
            }
            // A sum of sizes that are each at most `largestTensor`; `emit` checks what comes out.
            channels += shape.channels
            inputs.append(input)
        }
        guard let first = inputs.first else { throw node.failure("it has no inputs") }
        if inputs.count == 1 { return try operands.signal(0) }
        return try emit(.concatenate, inputs, channels, tensors[first].height, tensors[first].width, node)
    }

    /// The sizes of a picture's or feature map's axes, as a constant.
    func shape(_ operands: Operands) throws(ImportError) -> Constant {
        let node = operands.node
        let sizes: [Int]
        switch operands[0] {
        case .constant(let constant): sizes = constant.shape
        case .signal(let signal):
            let tensor = tensors[signals[signal].base]
            sizes = [1, tensor.channels, tensor.height, tensor.width]
        case nil: throw node.failure("input 0 is missing")
        }
        guard try node.integer("start", default: 0) == 0, try node.integer("end", default: sizes.count) == sizes.count else {
            throw node.failure("only the whole shape is supported, without start and end")
        }
        return Constant(shape: [sizes.count], elements: .integers(sizes))
    }

    /// A Cast of features changes nothing here: everything is computed in floats.
    func keepFloat(_ operands: Operands) throws(ImportError) -> Signal.ID {
        let target = try operands.node.integer("to", default: 0)
        guard [.float, .float16, .double].contains(ONNXTensor.DataType(rawValue: target)) else {
            throw operands.node.failure("features can be cast to floating point only, not to data type \(target)")
        }
        return try operands.signal(0)
    }

    mutating func resize(_ operands: Operands) throws(ImportError) -> Signal.ID {
        let node = operands.node
        let signal = try operands.signal(0)
        let shape = tensors[signals[signal].base]
        let scales = try resizeScales(operands, shape)
        guard scales.height == scales.width, let factor = Int(exactly: scales.height), (1...Self.largestTensor).contains(factor) else {
            throw node.failure(
                "it scales height by \(scales.height) and width by \(scales.width), where one whole factor for both is supported")
        }
        let mode = try resizeMode(node)
        if factor == 1 { return signal }
        let (height, heightOverflow) = shape.height.multipliedReportingOverflow(by: factor)
        let (width, widthOverflow) = shape.width.multipliedReportingOverflow(by: factor)
        guard !heightOverflow, !widthOverflow else { throw node.failure("its factor of \(factor) is too large") }
        let input = try materialize(signal)
        return try emit(.resize(Resize(mode: mode, factor: factor)), [input], shape.channels, height, width, node)
    }

    private func resizeScales(_ operands: Operands, _ shape: Graph.Tensor) throws(ImportError) -> (height: Double, width: Double) {
        let node = operands.node
        // Upsample and the first Resize have scales as input 1; later ones have the region of interest there.
        let hasRegion = node.node.opType == "Resize" && opset >= 11
        var scales = try operands.optionalConstant(hasRegion ? 2 : 1)?.floats ?? []
        if scales.isEmpty, node.node.opType == "Upsample" { scales = try node.floats("scales") ?? [] }
        let sizes = hasRegion ? try operands.optionalConstant(3)?.integers ?? [] : []
        let axes = try node.integers("axes") ?? [0, 1, 2, 3]
        let current = [1, shape.channels, shape.height, shape.width]
        var factors = [1.0, 1, 1, 1]
        guard axes.allSatisfy({ (-4..<4).contains($0) }), axes.count == max(scales.count, sizes.count) else {
            throw node.failure("it has neither scales nor sizes for its axes \(axes)")
        }
        for (index, axis) in axes.enumerated() {
            let axis = axis < 0 ? axis + 4 : axis
            factors[axis] = scales.isEmpty ? Double(sizes[index]) / Double(current[axis]) : Double(scales[index])
        }
        guard factors[0] == 1, factors[1] == 1 else { throw node.failure("it changes the number of channels or pictures") }
        return (factors[2], factors[3])
    }

    private func resizeMode(_ node: SourceNode) throws(ImportError) -> Resize.Mode {
        let mode = try node.string("mode", default: "nearest")
        let isOld = node.node.opType == "Upsample" || opset < 11
        let position = isOld ? "asymmetric" : try node.string("coordinate_transformation_mode", default: "half_pixel")
        let rounding = isOld ? "floor" : try node.string("nearest_mode", default: "round_prefer_floor")
        guard try node.string("keep_aspect_ratio_policy", default: "stretch") == "stretch" else {
            throw node.failure("only the keep_aspect_ratio_policy 'stretch' is supported")
        }
        switch (mode, position, rounding) {
        // With a whole factor f, pixel f k + r has its centre at k + (r + 0.5) / f - 0.5, which rounds to k for every r < f.
        case ("nearest", "asymmetric", "floor"), ("nearest", "half_pixel", "round_prefer_floor"),
            ("nearest", "half_pixel", "round_prefer_ceil"),
            ("nearest", "pytorch_half_pixel", "round_prefer_floor"), ("nearest", "pytorch_half_pixel", "round_prefer_ceil"):
            return .nearest
        case ("linear", "half_pixel", _), ("linear", "pytorch_half_pixel", _): return .bilinearHalfPixel
        case ("linear", "align_corners", _): return .bilinearAlignCorners
        case ("linear", "asymmetric", _): return .bilinearAsymmetric
        default:
            throw node.failure(
                "mode '\(mode)' with coordinates '\(position)' and rounding '\(rounding)' is not supported: nearest with asymmetric and floor, "
                    + "or linear with half_pixel, align_corners or asymmetric")
        }
    }
}
