import Inference
import TextDetection

/// A picture as the network gets it: scaled into the input's size by the detector's own scaler, so that calibration and board see the same bytes.
package struct NetworkInput: Sendable {
    package let width: Int
    package let height: Int
    /// Rows of 4-byte pixels as in the input tensor: each channel's value minus 128, the fourth byte unused.
    package let pixels: [Int8]
    /// The part that is picture; the rest is padding.
    package let pictureWidth: Int
    package let pictureHeight: Int

    package init(_ picture: Picture, width: Int, height: Int, preprocessing: Preprocessing, enlarges: Bool = false) {
        self.width = width
        self.height = height
        let colour = preprocessing.paddingColour
        var size = (width: 0, height: 0)
        pixels = [Int8](unsafeUninitializedCapacity: 4 * width * height) { target, count in
            // A scaler's scratch is 8 bytes a column; UInt64 gives it its alignment.
            var scratch = [UInt64](repeating: 0, count: FrameScaler.storageByteCount(inputWidth: width) / 8 + 1)
            scratch.withUnsafeMutableBytes { scratch in
                picture.pixels.withUnsafeBufferPointer { pixels in
                    guard let storage = scratch.baseAddress, let source = pixels.baseAddress, let start = target.baseAddress,
                        let kernels = KernelSet(rank: 0),
                        let frame = FrameView(
                            pixels: source, width: picture.width, height: picture.height, rowStride: 3 * picture.width, format: .rgb)
                    else { return }
                    let scaler = FrameScaler(
                        kernels: kernels, blueFirst: preprocessing.order == .bgr,
                        paddingColour: (colour[0], colour[1], colour[2]), storage: storage)
                    size = scaler.scale(frame, into: InputTensor(pixels: start, width: width, height: height), enlarges: enlarges)
                }
            }
            count = 4 * width * height
        }
        pictureWidth = size.width
        pictureHeight = size.height
    }

    /// The float network's input: NCHW, normalised; what surrounds the picture is 0, as for a network that pads with nothing.
    package func normalised(_ preprocessing: Preprocessing) -> [Float] {
        let area = width * height
        return [Float](unsafeUninitializedCapacity: 3 * area) { target, count in
            for channel in 0..<3 {
                let scale = 1 / (255 * preprocessing.deviation[channel])
                let offset = preprocessing.mean[channel] / preprocessing.deviation[channel]
                for pixel in 0..<area {
                    target[channel * area + pixel] = Float(Int(pixels[4 * pixel + channel]) + 128) * scale - offset
                }
            }
            count = 3 * area
        }
    }
}
