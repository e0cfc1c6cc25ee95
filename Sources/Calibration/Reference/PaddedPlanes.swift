/// How a tensor lies once padded and split for a window that slides over it, so that any tap of the window reads neighbouring floats for
/// neighbouring outputs, with no test for the border and no gaps where the stride is above 1.
///
///     channel, row, phase, column        with column x of the padded row in phase x % stride, at x / stride
struct PaddedPlanes: Sendable {
    let channels: Int
    let height: Int
    let width: Int
    let padding: Padding
    let stride: Int
    let paddedHeight: Int
    /// Columns of one phase.
    let phaseWidth: Int

    init(_ input: Graph.Tensor, padding: Padding, stride: Int) {
        (channels, height, width) = (input.channels, input.height, input.width)
        (self.padding, self.stride) = (padding, stride)
        paddedHeight = height + padding.top + padding.bottom
        phaseWidth = (width + padding.left + padding.right + stride - 1) / stride
    }

    /// Floats from one row to the next.
    var rowStride: Int { stride * phaseWidth }

    /// Floats of one channel.
    var planeSize: Int { paddedHeight * rowStride }

    /// Where a tap of the window that belongs to output (0, 0) reads; output (y, x) reads `y * stride * rowStride + x` further on.
    func offset(channel: Int, row: Int, column: Int) -> Int {
        channel * planeSize + row * rowStride + column % stride * phaseWidth + column / stride
    }

    /// Lays out one channel of `source` at `destination`, with `border` around it.
    func fill(_ destination: UnsafeMutablePointer<Float>, from source: UnsafePointer<Float>, border: Float) {
        destination.update(repeating: border, count: planeSize)
        for y in 0..<height {
            let row = destination + (padding.top + y) * rowStride
            let sourceRow = source + y * width
            if stride == 1 {
                (row + padding.left).update(from: sourceRow, count: width)
                continue
            }
            for phase in 0..<stride {
                // The first column of the picture that falls into this phase.
                let first = (phase - padding.left % stride + stride) % stride
                var target = row + phase * phaseWidth + (first + padding.left) / stride
                for x in Swift.stride(from: first, to: width, by: stride) {
                    target.pointee = sourceRow[x]
                    target += 1
                }
            }
        }
    }
}
