import Calibration
import TestNetworks
import Testing

@Suite struct LoweringTests {
    private func lowered(
        width: Int = 64, height: Int = 32, _ build: (inout NetworkBuilder) -> NetworkBuilder.Tensor
    ) throws -> LoweredNetwork {
        var builder = NetworkBuilder(width: width, height: height, seed: 1)
        let probability = build(&builder)
        return try StepLowering.lower(builder.graph(probability: probability))
    }

    private func titles(_ network: LoweredNetwork) -> [String] { network.steps.map(\.title) }

    @Test func activationsJoinTheConvolutionAheadOfThem() throws {
        let network = try lowered { net in
            let a = net.convolution(net.input, channels: 4, kernel: 3, .relu)
            let b = net.depthwise(a, kernel: 5, .hardSwish)
            let c = net.transposed(net.convolution(b, channels: 4, kernel: 3, stride: 2), channels: 4, .gelu)
            return net.convolution(c, channels: 1)
        }
        #expect(
            titles(network) == [
                "conv 3x3 + activation", "depthwise 5x5 + activation", "conv 3x3 /2", "transposed 2x2 + activation", "conv, logits",
            ])
    }

    @Test func aMapThatIsReadAheadOfItsActivationKeepsBoth() throws {
        let network = try lowered { net in
            let a = net.convolution(net.input, channels: 4, kernel: 3)
            return net.convolution(net.add(a, net.activation(a, [.relu])), channels: 1)
        }
        #expect(titles(network) == ["conv 3x3", "activation", "add", "conv, logits"])
    }

    @Test func addsJoinTheConvolutionOfTheirBranch() throws {
        let network = try lowered { net in
            let trunk = net.convolution(net.input, channels: 8, kernel: 3, .relu)
            let branch = net.convolution(net.convolution(trunk, channels: 16, .hardSwish), channels: 8)
            return net.convolution(net.activation(net.add(branch, trunk), [.relu]), channels: 1)
        }
        #expect(titles(network) == ["conv 3x3 + activation", "conv 1x1 + activation", "conv 1x1 + add", "conv, logits"])
        #expect(network.steps[2].inputs == [network.steps[1].output, network.steps[0].output])
        #expect(network.steps[3].inputs == [network.steps[2].output])
        // The branch's own tensor is gone: what the step makes stands for the sum behind its ReLU.
        #expect(network.tensors.count == 5)
    }

    /// What is read besides the add must be there without it, and what is made later cannot be added.
    @Test func addsStayStepsWhereABranchIsReadTwiceOrComesFirst() throws {
        let network = try lowered { net in
            let trunk = net.convolution(net.input, channels: 8, kernel: 3, .relu)
            let readTwice = net.convolution(trunk, channels: 8)
            let sum = net.add(readTwice, trunk)
            let early = net.convolution(sum, channels: 8)
            let late = net.convolution(readTwice, channels: 8, .relu)
            return net.convolution(net.add(early, late), channels: 1)
        }
        #expect(titles(network).count { $0 == "add" } == 2)
        #expect(!titles(network).contains { $0.hasSuffix("+ add") })
    }

    @Test func gatesTakeInTheAddsThatFollow() throws {
        let network = try lowered { net in
            let a = net.convolution(net.input, channels: 8, kernel: 3)
            let small = net.convolution(a, channels: 8, kernel: 3, stride: 2)
            let gated = net.scaledByGate(a, hidden: 2, addsInput: true)
            return net.convolution(net.add(gated, net.enlarged(small, by: 2)), channels: 1)
        }
        #expect(titles(network) == ["conv 3x3", "conv 3x3 /2", "squeeze-and-excitation", "scale + add", "conv, logits"])
        guard case .gate(let gate) = network.steps[2].operation, case .combine(let factor, true, true) = network.steps[3].operation else {
            Issue.record("a gate and a combine step were expected")
            return
        }
        #expect(gate.offset == 1)
        #expect(factor == 2)
    }

    @Test func aGateAloneScales() throws {
        let network = try lowered { net in
            let a = net.convolution(net.input, channels: 8, kernel: 3)
            return net.convolution(net.scaledByGate(a, hidden: 2, addsInput: false), channels: 1)
        }
        #expect(titles(network) == ["conv 3x3", "squeeze-and-excitation", "scale", "conv, logits"])
    }

    @Test(arguments: [2, 4, 8])
    func addsReadTheSmallerMapAsTheyGo(_ factor: Int) throws {
        let network = try lowered { net in
            let a = net.convolution(net.input, channels: 4, kernel: 3)
            var small = a
            var size = factor
            while size > 1 {
                small = net.convolution(small, channels: 4, kernel: 3, stride: 2)
                size /= 2
            }
            return net.convolution(net.activation(net.add(net.enlarged(small, by: factor), a), [.relu]), channels: 1)
        }
        #expect(!titles(network).contains("enlarge x\(factor)"))
        // The ReLU is gone as well: the sum saturates at 0.
        #expect(!titles(network).contains("activation"))
        let combine = try #require(network.steps.first { $0.title == "add" })
        guard case .combine(factor, true, false) = combine.operation else {
            Issue.record("an add with factor \(factor) was expected")
            return
        }
    }

    @Test func concatenationIsNoStep() throws {
        let network = try lowered { net in
            let a = net.convolution(net.input, channels: 19, kernel: 3, .relu)
            let b = net.convolution(a, channels: 43, .relu)
            return net.convolution(net.concatenated([a, b]), channels: 1)
        }
        #expect(titles(network) == ["conv 3x3 + activation", "conv 1x1 + activation", "conv, logits"])
        let parent = try #require(network.tensors.firstIndex { $0.channels == 62 })
        let slices = network.tensors.compactMap(\.slice)
        #expect(slices.map(\.parent) == [parent, parent])
        #expect(slices.map(\.firstChannel) == [0, 19])
        // One scale for all.
        let owners = Set(network.tensors.indices.filter { network.tensors[$0].slice != nil || $0 == parent }.map { network.scaleOwner[$0] })
        #expect(owners.count == 1)
    }

    @Test func whatIsASliceAlreadyIsCopied() throws {
        let network = try lowered { net in
            let a = net.convolution(net.input, channels: 4, kernel: 3, .relu)
            let b = net.convolution(a, channels: 4, .relu)
            let first = net.convolution(net.concatenated([a, b]), channels: 4, .relu)
            return net.convolution(net.concatenated([a, first]), channels: 1)
        }
        #expect(titles(network).count { $0 == "copy" } == 1)
        #expect(network.tensors.compactMap(\.slice).count == 4)
    }

    /// In a concatenation the sum shares its range with others, so that saturation no longer cuts at 0.
    @Test func aReLUThatJoinsAConcatenationStaysAStep() throws {
        let network = try lowered { net in
            let a = net.convolution(net.input, channels: 4, kernel: 3)
            let b = net.activation(net.add(a, net.convolution(a, channels: 4)), [.relu])
            return net.convolution(net.concatenated([b, net.convolution(a, channels: 3)]), channels: 1)
        }
        #expect(titles(network).contains("activation"))
    }

    @Test func theThresholdHeadRunsForTheBinaryMapOnly() throws {
        var net = NetworkBuilder(width: 32, height: 32, seed: 1)
        let shared = net.convolution(net.input, channels: 4, kernel: 3)
        let probability = net.convolution(shared, channels: 1)
        let threshold = net.convolution(net.convolution(shared, channels: 3, .relu), channels: 1)
        let network = try StepLowering.lower(net.graph(probability: probability, threshold: threshold))
        #expect(network.steps.map(\.neededForProbability) == [true, true, false, false, false])
        #expect(!network.steps.map(\.neededForBinary).contains(false))
        #expect(titles(network).last == "differentiable binarization")
    }

    // MARK: Refusals

    private func isRefused(_ build: (inout NetworkBuilder) -> NetworkBuilder.Tensor) -> Bool {
        do {
            _ = try lowered(build)
            return false
        } catch {
            // One sentence with the node's name.
            return "\(error)".contains("node")
        }
    }

    @Test func whatOnlyConvolutionsKnowOfThePictureIsRefusedElsewhere() {
        #expect(isRefused { net in net.convolution(net.depthwise(net.input, kernel: 3), channels: 1) })
        #expect(isRefused { net in net.convolution(net.activation(net.input, [.relu]), channels: 1) })
        #expect(isRefused { net in net.convolution(net.add(net.input, net.convolution(net.input, channels: 3)), channels: 1) })
        #expect(isRefused { net in net.convolution(net.concatenated([net.input, net.convolution(net.input, channels: 3)]), channels: 1) })
        #expect(
            isRefused { net in
                net.transposed(net.maximum(net.input, kernel: 2, stride: 2, padding: Padding()), channels: 1)
            })
    }

    @Test func windowsThatKernelsCannotHoldAreRefused() {
        #expect(isRefused { net in net.convolution(net.depthwise(net.convolution(net.input, channels: 4), kernel: 9), channels: 1) })
        #expect(!isRefused { net in net.convolution(net.depthwise(net.convolution(net.input, channels: 4), kernel: 7), channels: 1) })
        #expect(isRefused { net in net.convolution(net.convolution(net.input, channels: 4, kernel: 17), channels: 1) })
    }

    @Test func aMapThatIsNoConvolutionsIsRefused() {
        #expect(isRefused { net in net.activation(net.convolution(net.input, channels: 1), [.hardSwish]) })
        #expect(isRefused { net in net.convolution(net.input, channels: 2) })
    }
}
