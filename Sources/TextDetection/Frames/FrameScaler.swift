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
        let target = UnsafeMutableRawPointer(input.pixels + row * input.rowStride).assumingMemoryBound(to: UInt32.self)
        if frame.format == .grey {
            for column in 0..<size.width { target[column] = greyPixel(columns[column], upper, lower, down: Int32(down)) }
            return
        }
        let isReversed = (frame.format == .bgr) != blueFirst
        let rowBytes = frame.width * frame.format.bytesPerPixel
        // Four bytes are read of each neighbour, one of them too many for the last columns.
        var whole = size.width
        while whole > 0, Int(columns[whole - 1].offset) + 7 > rowBytes { whole -= 1 }
        for column in 0..<whole {
            let place = columns[column]
            let above = Self.neighbours(upper + Int(place.offset))
            let below = Self.neighbours(lower + Int(place.offset))
            target[column] = Self.pixel(above, below, down: UInt16(down), across: place.weight, isReversed: isReversed)
        }
        for column in whole..<size.width {
            let place = columns[column]
            let above = Self.lastNeighbours(upper, place)
            let below = Self.lastNeighbours(lower, place)
            target[column] = Self.pixel(above, below, down: UInt16(down), across: place.weight, isReversed: isReversed)
        }
    }

    /// The pixel of a grey frame, three times the same value.
    private func greyPixel(
        _ place: Column, _ upper: UnsafePointer<UInt8>, _ lower: UnsafePointer<UInt8>, down: Int32
    ) -> UInt32 {
        let left = Int(place.offset)
        let right = left + Int(place.step)
        let across = Int32(place.weight)
        let above = Int32(upper[left]) * (256 - across) + Int32(upper[right]) * across
        let below = Int32(lower[left]) * (256 - across) + Int32(lower[right]) * across
        let value = (above * (256 - down) + below * down + 32768) >> 16
        return UInt32(truncatingIfNeeded: value ^ 128) * 0x010101
    }

    /// The input's pixel, its fourth byte 0, from the two neighbours in one row and those in the row below: first down the columns, for
    /// which 255 * 256 fits 16 bits, then across.
    @inline(__always)
    private static func pixel(
        _ above: SIMD8<UInt16>, _ below: SIMD8<UInt16>, down: UInt16, across: UInt16, isReversed: Bool
    ) -> UInt32 {
        let mixed = above &* (256 - down) &+ below &* down
        let left = SIMD4<UInt32>(truncatingIfNeeded: mixed.lowHalf) &* UInt32(256 - across)
        let right = SIMD4<UInt32>(truncatingIfNeeded: mixed.highHalf) &* UInt32(across)
        let bytes = SIMD4<UInt8>(truncatingIfNeeded: (left &+ right &+ 32768) &>> 16)
        let pixel = unsafeBitCast(bytes, to: UInt32.self)
        return (isReversed ? pixel.byteSwapped >> 8 : pixel & 0xFFFFFF) ^ 0x808080
    }

    /// Two pixels of three bytes, and a byte after each that does not count.
    @inline(__always)
    private static func neighbours(_ left: UnsafePointer<UInt8>) -> SIMD8<UInt16> {
        let leftBytes = UnsafeRawPointer(left).loadUnaligned(as: SIMD4<UInt8>.self)
        let rightBytes = UnsafeRawPointer(left + 3).loadUnaligned(as: SIMD4<UInt8>.self)
        return SIMD8(truncatingIfNeeded: SIMD8(lowHalf: leftBytes, highHalf: rightBytes))
    }

    /// The same without those bytes.
    private static func lastNeighbours(_ row: UnsafePointer<UInt8>, _ place: Column) -> SIMD8<UInt16> {
        let left = row + Int(place.offset)
        let right = left + Int(place.step)
        return SIMD8(
            UInt16(left[0]), UInt16(left[1]), UInt16(left[2]), 0, UInt16(right[0]), UInt16(right[1]), UInt16(right[2]), 0)
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
