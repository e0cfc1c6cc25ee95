import CKernels

/// A camera's frame of 1280x720 to an input of 640x360, without the padding around it.
struct FrameScaling: Workload {
    enum Layout: String {
        case rgb = "RGB"
        case yuyv = "YUYV"
        case nv12 = "NV12"
    }

    let layout: Layout

    static let frames: [any Workload] = [FrameScaling(layout: .rgb), FrameScaling(layout: .yuyv), FrameScaling(layout: .nv12)]

    var name: String { "frame \(layout.rawValue), 1280x720 to 640x360" }
    var multiplyAccumulates: Int { 0 }

    func prepared(for set: textpin_kernel_set) -> () -> Void {
        let (width, height, scaledWidth, scaledHeight) = (1280, 720, 640, 360)
        let frame = Memory(byteCount: 3 * width * height, seed: 1)
        let input = Tensor(4, scaledWidth, scaledHeight, seed: 2)
        // At half size, pixel i lies halfway between 2 i and 2 i + 1, just on sample i of those that stand for two pixels each.
        let columns = (0..<UInt16(scaledWidth)).map { column in
            layout == .rgb
                ? textpin_frame_column(first: 2 * column, weight: 128, chroma_first: 2 * column, chroma_weight: 128)
                : textpin_frame_column(first: 2 * column, weight: 128, chroma_first: column, chroma_weight: 0)
        }
        let kind =
            switch layout {
            case .rgb: TEXTPIN_FRAME_RGB
            case .yuyv: TEXTPIN_FRAME_YUYV
            case .nv12: TEXTPIN_FRAME_NV12
            }
        let bytesPerPixel = layout == .rgb ? 3 : layout == .yuyv ? 2 : 1
        func planes(_ row: Int, _ chromaRow: Int) -> textpin_frame_planes {
            let start = frame.start.assumingMemoryBound(to: UInt8.self)
            let pairs = layout == .nv12 ? start + (height + chromaRow) * width : nil
            return textpin_frame_planes(pixels: start + row * width * bytesPerPixel, cb: pairs, cr: nil)
        }
        return {
            columns.withUnsafeBufferPointer { columns in
                for row in 0..<scaledHeight {
                    var scaled = textpin_frame_row(
                        layout: Int32(kind.rawValue), frame_width: Int32(width), upper: planes(2 * row, row),
                        lower: planes(2 * row + 1, row), weight: 128, chroma_weight: layout == .nv12 ? 0 : 128,
                        pixels: Int32(scaledWidth), blue_first: false, columns: columns.baseAddress)
                    set.frame_row(&scaled, input.pixel(row: row))
                }
            }
        }
    }
}
