import CModelFile

/// Where a tensor's pixels lie in the arena.
package struct TensorView {
    /// Channel 0 of the first pixel inside the border.
    package let pixels: UnsafeMutablePointer<Int8>
    /// Bytes from row to row, border included.
    package let rowStride: Int
    /// Bytes from pixel to pixel.
    package let pixelStride: Int
    package let width: Int
    package let height: Int
    package let channels: Int
    package let zeroPoint: Int32

    init(_ tensor: textpin_model_tensor, arena: UnsafeMutableRawPointer) {
        let start = arena + Int(tensor.arena_offset) + tensor.firstPixelOffset
        pixels = start.assumingMemoryBound(to: Int8.self)
        rowStride = tensor.rowStride
        pixelStride = Int(tensor.channel_stride)
        width = Int(tensor.width)
        height = Int(tensor.height)
        channels = Int(tensor.channels)
        zeroPoint = tensor.zero_point
    }

    package func pixel(row: Int, column: Int = 0) -> UnsafeMutablePointer<Int8> {
        pixels + (row * rowStride + column * pixelStride)
    }

    /// Whether all pixels follow one another without a border between rows.
    var isContiguous: Bool { rowStride == width * pixelStride }
}

extension textpin_model_tensor {
    var rowStride: Int { (Int(border_left) + Int(width) + Int(border_right)) * Int(channel_stride) }
    /// Bytes from the storage's first byte to the first pixel inside the border.
    var firstPixelOffset: Int { Int(border_top) * rowStride + Int(border_left) * Int(channel_stride) }
    /// Bytes of all rows, border included.
    var extent: Int { (Int(border_top) + Int(height) + Int(border_bottom)) * rowStride }
    var hasBorder: Bool { border_top | border_left | border_bottom | border_right != 0 }
}
