import Inference

/// Scales a frame into the network's input: bilinear in fixed point, keeping its aspect, into the top left; what is left over gets the
/// padding colour.
///
/// Sample positions are those of OpenCV's INTER_LINEAR (pixel centres on half integers), weights are in 1/256, and the sum is rounded half up,
/// so that every CPU gives the same bytes.
public struct FrameScaler {
    private let blueFirst: Bool
    /// In the order of the input's channels.
    private let paddingColour: (UInt8, UInt8, UInt8)
    private let columns: UnsafeMutablePointer<Column>

    /// Where an output column reads: the byte of its left neighbour, the step to the right one, and that one's weight.
    private struct Column {
        var offset: Int32
        var step: UInt16
        var weight: UInt16
    }

    /// The bytes of storage for an input that wide.
    public static func storageByteCount(inputWidth: Int) -> Int { inputWidth * MemoryLayout<Column>.stride }

    /// `storage` holds `storageByteCount` bytes, aligned to 8; only `scale` uses them.
    package init(blueFirst: Bool, paddingColour: (UInt8, UInt8, UInt8), storage: UnsafeMutableRawPointer) {
        self.blueFirst = blueFirst
        self.paddingColour = paddingColour
        columns = storage.assumingMemoryBound(to: Column.self)
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

    /// The neighbour and the weight of position `index` when `source` pixels become `target`.
    private static func position(_ index: Int, source: Int, target: Int) -> (first: Int, weight: Int) {
        // (index + 1/2) * source / target - 1/2 in 1/256, cut to the picture.
        let position = min(max(((2 * index + 1) * source * 256 / target - 256) >> 1, 0), (source - 1) * 256)
        return (position >> 8, position & 255)
    }

    private func prepareColumns(_ frame: FrameView, width: Int) {
        let bytes = frame.format.bytesPerPixel
        for column in 0..<width {
            let (first, weight) = Self.position(column, source: frame.width, target: width)
            columns[column] = Column(
                offset: Int32(first * bytes), step: weight == 0 ? 0 : UInt16(bytes), weight: UInt16(weight))
        }
    }

    private func scaleRow(_ row: Int, of size: (width: Int, height: Int), _ frame: FrameView, into input: InputTensor) {
        let (first, down) = Self.position(row, source: frame.height, target: size.height)
        let upper = frame.pixels + first * frame.rowStride
        let lower = down == 0 ? upper : upper + frame.rowStride
        let (red, green, blue) = frame.format.offsets
        let (channel0, channel2) = blueFirst ? (blue, red) : (red, blue)
        var target = input.pixels + row * input.rowStride
        for column in 0..<size.width {
            let place = columns[column]
            let left = Int(place.offset)
            let right = left + Int(place.step)
            let across = Int32(place.weight)
            func sample(_ channel: Int) -> Int8 {
                let above = Int32(upper[left + channel]) * (256 - across) + Int32(upper[right + channel]) * across
                let below = Int32(lower[left + channel]) * (256 - across) + Int32(lower[right + channel]) * across
                let value = (above * Int32(256 - down) + below * Int32(down) + 32768) >> 16
                return Int8(truncatingIfNeeded: value - 128)
            }
            target[0] = sample(channel0)
            target[1] = sample(green)
            target[2] = sample(channel2)
            target[3] = 0
            target += 4
        }
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
