/// How a picture's bytes become the float network's input: (value / 255 - mean) / deviation, by channel.
public struct Preprocessing: Sendable, Equatable {
    public enum ChannelOrder: String, Sendable, Codable {
        case rgb
        case bgr
    }

    public var order: ChannelOrder
    /// Three each, in `order`.
    public var mean: [Float]
    public var deviation: [Float]

    public init(order: ChannelOrder, mean: [Float], deviation: [Float]) {
        self.order = order
        self.mean = mean
        self.deviation = deviation
    }

    /// PaddleOCR's detectors: blue first, ImageNet's mean and deviation in ImageNet's order of red, green, blue all the same.
    public static let paddleOCR = Preprocessing(order: .bgr, mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225])

    /// The byte nearest to each channel's mean, which surrounds a picture and is 0 to the float network.
    package var paddingColour: [UInt8] { mean.map { UInt8(min(max(($0 * 255).rounded(), 0), 255)) } }
}
