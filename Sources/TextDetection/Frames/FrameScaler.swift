import CKernels
import Inference

/// Scales a frame into the network's input: bilinear in fixed point, keeping its aspect, into the top left; what is left over gets the
/// padding colour.
///
/// Sample positions are those of OpenCV's INTER_LINEAR (pixel centres on half integers), weights are in 1/256, and the sum is rounded half up,
/// so that every CPU gives the same bytes. Y, Cb and Cr are scaled each from its own samples, then become red, green and blue: equations 9
/// and 10 of the kernels.
public struct FrameScaler {
    private let kernels: KernelSet
    private let blueFirst: Bool
    /// In the order of the input's channels.
    private let paddingColour: (UInt8, UInt8, UInt8)
    private let columns: UnsafeMutablePointer<textpin_frame_column>

    /// The bytes of storage for an input that wide.
    public static func storageByteCount(inputWidth: Int) -> Int { inputWidth * MemoryLayout<textpin_frame_column>.stride }

    /// `storage` holds `storageByteCount` bytes, aligned to 8; only `scale` uses them.
    package init(kernels: KernelSet, blueFirst: Bool, paddingColour: (UInt8, UInt8, UInt8), storage: UnsafeMutableRawPointer) {
        self.kernels = kernels
        self.blueFirst = blueFirst
        self.paddingColour = paddingColour
        columns = storage.assumingMemoryBound(to: textpin_frame_column.self)
    }

    /// The size that a frame gets inside an input: as large as fits, never larger than it is unless `enlarges`.
    public static func fit(
        width: Int, height: Int, inputWidth: Int, inputHeight: Int, enlarges: Bool
    ) -> (width: Int, height: Int) {
        if !enlarges, width <= inputWidth, height <= inputHeight { return (width, height) }
        if width * inputHeight >= height * inputWidth {
            return (inputWidth, min(inputHeight, max(1, (2 * height * inputWidth + width) / (2 * width))))
        }
        return (min(inputWidth, max(1, (2 * width * inputHeight + height) / (2 * height))), inputHeight)
    }

    /// Fills the input tensor, border included, and returns the part of it that is picture.
    package func scale(_ frame: FrameView, into input: InputTensor, enlarges: Bool) -> (width: Int, height: Int) {
        let size = Self.fit(
            width: frame.width, height: frame.height, inputWidth: input.width, inputHeight: input.height, enlarges: enlarges)
        prepareColumns(frame, width: size.width)
        for row in 0..<size.height { scaleRow(row, of: size, frame, into: input) }
        pad(input, around: size)
        return size
    }

    /// The neighbour and its successor's weight at position `index` when a side of `source` pixels becomes one of `target`.
    private static func position(_ index: Int, source: Int, target: Int) -> (first: Int, weight: Int) {
        position(index, source: source, target: target, samples: source)
    }

    /// The same among samples that stand for two pixels each.
    private static func chromaPosition(_ index: Int, source: Int, target: Int) -> (first: Int, weight: Int) {
        position(index, source: source, target: 2 * target, samples: (source + 1) / 2)
    }

    private static func position(_ index: Int, source: Int, target: Int, samples: Int) -> (first: Int, weight: Int) {
        // (index + 1/2) * source / target - 1/2 in 1/256, cut to the picture.
        let position = min(max(((2 * index + 1) * source * 256 / target - 256) >> 1, 0), (samples - 1) * 256)
        return (position >> 8, position & 255)
    }

    private func prepareColumns(_ frame: FrameView, width: Int) {
        for column in 0..<width {
            let luma = Self.position(column, source: frame.width, target: width)
            let chroma = frame.format.hasChroma ? Self.chromaPosition(column, source: frame.width, target: width) : luma
            columns[column] = textpin_frame_column(
                first: UInt16(truncatingIfNeeded: luma.first), weight: UInt16(truncatingIfNeeded: luma.weight),
                chroma_first: UInt16(truncatingIfNeeded: chroma.first), chroma_weight: UInt16(truncatingIfNeeded: chroma.weight))
        }
    }

    private func scaleRow(_ row: Int, of size: (width: Int, height: Int), _ frame: FrameView, into input: InputTensor) {
        let luma = Self.position(row, source: frame.height, target: size.height)
        let chroma = frame.format.hasChromaPlanes ? Self.chromaPosition(row, source: frame.height, target: size.height) : luma
        var scaled = textpin_frame_row(
            layout: frame.format.layout, frame_width: Int32(truncatingIfNeeded: frame.width),
            upper: frame.planes(row: luma.first, chromaRow: chroma.first),
            lower: frame.planes(
                row: luma.weight == 0 ? luma.first : luma.first + 1, chromaRow: chroma.weight == 0 ? chroma.first : chroma.first + 1),
            weight: Int32(truncatingIfNeeded: luma.weight), chroma_weight: Int32(truncatingIfNeeded: chroma.weight),
            pixels: Int32(truncatingIfNeeded: size.width), blue_first: blueFirst, columns: columns)
        kernels.table.pointee.frame_row(&scaled, input.pixels + row * input.rowStride)
    }

    private func pad(_ input: InputTensor, around size: (width: Int, height: Int)) {
        let colour = UInt32(paddingColour.0 ^ 128) | UInt32(paddingColour.1 ^ 128) << 8 | UInt32(paddingColour.2 ^ 128) << 16
        func fill(row: Int, from: Int, to: Int) {
            let start = UnsafeMutableRawPointer(input.pixels + (row * input.rowStride + from * 4))
            start.assumingMemoryBound(to: UInt32.self).update(repeating: colour, count: to - from)
        }
        let right = input.width + input.border.right
        for row in -input.border.top..<(input.height + input.border.bottom) {
            if row < 0 || row >= size.height {
                fill(row: row, from: -input.border.left, to: right)
            } else {
                fill(row: row, from: -input.border.left, to: 0)
                fill(row: row, from: size.width, to: right)
            }
        }
    }
}
