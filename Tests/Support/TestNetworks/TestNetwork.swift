import Calibration

/// A small network by the name of what it exercises.
package struct TestNetwork: Sendable, CustomStringConvertible {
    package var description: String
    package var graph: Graph

    private init(
        _ name: String, width: Int = 64, height: Int = 32, seed: UInt64 = 1, _ build: (inout NetworkBuilder) -> NetworkBuilder.Tensor
    ) {
        var builder = NetworkBuilder(width: width, height: height, seed: seed)
        let probability = build(&builder)
        description = name
        graph = builder.graph(probability: probability)
    }

    private init(_ name: String, graph: Graph) {
        description = name
        self.graph = graph
    }

    package var width: Int { graph.tensors[graph.input].width }
    package var height: Int { graph.tensors[graph.input].height }

    /// Every kind of step, every fusion, and sizes that fill no vector.
    package static let all = [
        dense, depthwise, clipped, oddSizes, sameUpper, concatenation, concatenatedTwice, residual, gates, pyramid, bilinear, transposed,
        tables,
        twoHeads,
    ]

    /// A few kilobytes as a model file.
    package static let tiny = TestNetwork("as small as it gets", width: 32, height: 32) { net in
        let a = net.convolution(net.input, channels: 4, kernel: 3, stride: 2, .relu)
        return net.transposed(a, channels: 1)
    }

    /// Every kind of step once, at the smallest size.
    package static let everyStep: TestNetwork = {
        var net = NetworkBuilder(width: 32, height: 32, seed: 2)
        let a = net.convolution(net.input, channels: 8, kernel: 3, stride: 2, .hardSwish)
        let b = net.scaledByGate(net.depthwise(a, kernel: 3, .gelu), hidden: 3, addsInput: true)
        let quarter = net.maximum(b, kernel: 2, stride: 2, padding: Padding())
        let c = net.add(b, net.enlarged(quarter, by: 2))
        let d = net.activation(c, [.hardSwish])
        let e = net.concatenated([d, net.enlarged(net.convolution(quarter, channels: 5), by: 2)])
        let f = net.enlarged(net.convolution(e, channels: 6, .relu), by: 2, .bilinearHalfPixel)
        let half = net.transposed(net.convolution(quarter, channels: 7), channels: 6)
        let probability = net.transposed(net.convolution(half, channels: 6), channels: 1)
        let threshold = net.convolution(f, channels: 1, kernel: 3)
        return TestNetwork("every kind of step", graph: net.graph(probability: probability, threshold: threshold))
    }()

    private static let dense = TestNetwork("dense 3x3 and 1x1, ReLU and clip") { net in
        let a = net.convolution(net.input, channels: 8, kernel: 3, .relu)
        let b = net.convolution(a, channels: 21, kernel: 3, .clip(low: 0, high: 6))
        let c = net.convolution(b, channels: 5)
        return net.convolution(c, channels: 1, kernel: 3)
    }

    private static let depthwise = TestNetwork("depthwise 3x3 and 5x5, hard-swish, with and without an affine") { net in
        let a = net.convolution(net.input, channels: 20, kernel: 3, .hardSwish)
        let b = net.depthwise(a, kernel: 5, .hardSwish, .affine(scale: 1.3, offset: 0.07))
        let c = net.convolution(b, channels: 35, .hardSwish)
        let d = net.depthwise(c, kernel: 3)
        let e = net.convolution(d, channels: 12, .relu)
        return net.convolution(e, channels: 1, kernel: 3)
    }

    private static let clipped = TestNetwork("clips whose range is wider or that only depthwise layers read") { net in
        let a = net.convolution(net.input, channels: 16, kernel: 3, .clip(low: 0, high: 1))
        let b = net.depthwise(a, kernel: 3, .clip(low: 0, high: 0.5))
        let c = net.convolution(b, channels: 11, .clip(low: 0, high: 0.4))
        let d = net.concatenated([c, net.convolution(a, channels: 6, kernel: 3)])
        return net.convolution(d, channels: 1, kernel: 3)
    }

    private static let oddSizes = TestNetwork("stride 2 down to 5x3, nearest enlarging by 32", width: 160, height: 96) { net in
        var x = net.convolution(net.input, channels: 6, kernel: 3, stride: 2, .hardSwish)
        x = net.depthwise(x, kernel: 5, stride: 2, .relu)
        x = net.convolution(x, channels: 18, kernel: 3, stride: 2, .relu)
        x = net.depthwise(x, kernel: 3, stride: 2, .hardSwish)
        x = net.convolution(x, channels: 24, kernel: 3, stride: 2)
        x = net.depthwise(x, kernel: 5, .relu)
        let large = net.enlarged(x, by: 32)
        return net.convolution(large, channels: 1, kernel: 3)
    }

    private static let sameUpper = TestNetwork("2x2 padded right and below, maximum pools") { net in
        let upper = Padding(bottom: 1, right: 1)
        let a = net.convolution(net.input, channels: 7, kernel: 2, padding: upper, .relu)
        let b = net.convolution(a, channels: 14, kernel: 2, padding: upper, .hardSwish)
        let c = net.maximum(b, kernel: 2, stride: 1, padding: upper)
        let d = net.maximum(c, kernel: 3, stride: 2, padding: Padding(top: 1, left: 1, bottom: 1, right: 1))
        let e = net.convolution(d, channels: 16, kernel: 3, .relu)
        return net.transposed(e, channels: 1)
    }

    private static let concatenation = TestNetwork("slices of 19, 43 and 6 channels in one concatenation") { net in
        let a = net.convolution(net.input, channels: 19, kernel: 3, .relu)
        let b = net.convolution(a, channels: 43, .hardSwish)
        let half = net.convolution(b, channels: 6, kernel: 3, stride: 2, .relu)
        let whole = net.concatenated([a, b, net.enlarged(half, by: 2)])
        let c = net.convolution(whole, channels: 9, kernel: 3, .relu)
        return net.convolution(c, channels: 1)
    }

    private static let concatenatedTwice = TestNetwork("parts that must be copied: slices of another concatenation") { net in
        let a = net.convolution(net.input, channels: 5, kernel: 3, .relu)
        let b = net.convolution(a, channels: 10, .relu)
        let first = net.concatenated([a, b])
        let c = net.convolution(first, channels: 8, kernel: 3, .relu)
        let sum = net.activation(net.add(c, net.convolution(c, channels: 8)), [.relu])
        let second = net.concatenated([sum, b, net.convolution(c, channels: 7, .hardSwish)])
        let d = net.convolution(second, channels: 8, .relu)
        return net.convolution(d, channels: 1)
    }

    private static let residual = TestNetwork("residual adds, also with a ReLU and with a function after") { net in
        let a = net.convolution(net.input, channels: 12, kernel: 3, .relu)
        let b = net.add(a, net.convolution(a, channels: 12, kernel: 3))
        let c = net.activation(net.add(b, net.convolution(b, channels: 12)), [.relu])
        let d = net.activation(net.add(c, net.convolution(c, channels: 12)), [.hardSwish])
        return net.convolution(d, channels: 1, kernel: 3)
    }

    private static let gates = TestNetwork("squeeze-and-excitation: scaled, scaled and added, followed by adds") { net in
        let a = net.convolution(net.input, channels: 70, kernel: 3, stride: 2, .hardSwish)
        let b = net.scaledByGate(a, hidden: 17, addsInput: false)
        let c = net.convolution(b, channels: 24)
        let d = net.scaledByGate(c, hidden: 6, addsInput: true)
        let e = net.convolution(d, channels: 24, kernel: 3)
        let f = net.add(net.scaledByGate(e, hidden: 6, addsInput: true), d)
        return net.transposed(f, channels: 1)
    }

    private static let pyramid = TestNetwork("pyramid adds of maps enlarged by 2, 4 and 8") { net in
        let a = net.convolution(net.input, channels: 13, kernel: 3, .relu)
        let half = net.convolution(a, channels: 13, kernel: 3, stride: 2, .relu)
        let quarter = net.convolution(half, channels: 13, kernel: 3, stride: 2, .relu)
        let eighth = net.convolution(quarter, channels: 13, kernel: 3, stride: 2, .relu)
        let b = net.add(a, net.enlarged(half, by: 2))
        let c = net.add(net.enlarged(quarter, by: 4), b)
        let gated = net.scaledByGate(c, hidden: 4, addsInput: true)
        let d = net.add(gated, net.enlarged(eighth, by: 8))
        return net.convolution(d, channels: 1, kernel: 3)
    }

    private static let bilinear = TestNetwork("bilinear enlarging in all three ways") { net in
        let a = net.convolution(net.input, channels: 9, kernel: 3, stride: 2, .relu)
        let quarter = net.convolution(a, channels: 9, kernel: 3, stride: 2, .hardSwish)
        let b = net.enlarged(quarter, by: 4, .bilinearHalfPixel)
        let c = net.enlarged(a, by: 2, .bilinearAlignCorners)
        let d = net.enlarged(net.convolution(a, channels: 9), by: 2, .bilinearAsymmetric)
        return net.convolution(net.add(net.add(b, c), d), channels: 1, kernel: 3)
    }

    private static let transposed = TestNetwork("transposed convolutions to 16, 6 and 1 channels") { net in
        var x = net.convolution(net.input, channels: 8, kernel: 3, stride: 2, .relu)
        x = net.convolution(x, channels: 16, kernel: 3, stride: 2, .relu)
        x = net.convolution(x, channels: 16, kernel: 3, stride: 2, .relu)
        x = net.transposed(x, channels: 16, .relu)
        x = net.transposed(x, channels: 6, .hardSwish)
        return net.transposed(x, channels: 1)
    }

    private static let tables = TestNetwork("functions that need a table: GELU, sigmoid, clip from below 0") { net in
        let a = net.convolution(net.input, channels: 16, kernel: 3, .gelu)
        let b = net.convolution(a, channels: 16, kernel: 3, .clip(low: -0.5, high: 1.5))
        let c = net.depthwise(b, kernel: 3, .gelu)
        let half = net.convolution(c, channels: 8, kernel: 3, stride: 2, .relu)
        let d = net.transposed(half, channels: 8, .sigmoid)
        return net.convolution(d, channels: 1, kernel: 3)
    }

    private static let twoHeads: TestNetwork = {
        var net = NetworkBuilder(width: 64, height: 64, seed: 3)
        let shared = net.convolution(net.input, channels: 12, kernel: 3, stride: 2, .relu)
        let probability = net.transposed(net.convolution(shared, channels: 8, kernel: 3, .relu), channels: 1)
        let threshold = net.transposed(net.convolution(shared, channels: 8, kernel: 3, .hardSwish), channels: 1)
        return TestNetwork("two heads and the binary map", graph: net.graph(probability: probability, threshold: threshold))
    }()
}
