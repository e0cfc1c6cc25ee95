/// What is wrong with a choice of calibration images, as sentences for people.
struct ImageLint {
    /// Fewer than this say little about what a camera will see.
    private static let fewImages = 16
    /// Mean difference of two images' 8x8 thumbnails, in grey levels, below which they count as the same scene.
    private static let alikeDifference = 3.0
    /// A frame shows text if at least this part of its pixels is text to the float network.
    private static let leastTextPart = 0.0005

    static func warnings(_ inputs: [NetworkInput], textParts: [Double]) -> [String] {
        var warnings: [String] = []
        if inputs.count < fewImages {
            warnings.append("only \(inputs.count) images: 50 to 300 frames of the camera that will be used calibrate better")
        }
        let thumbnails = inputs.map(thumbnail)
        var alike = 0
        for (index, one) in thumbnails.enumerated() where thumbnails[..<index].contains(where: { difference($0, one) < alikeDifference }) {
            alike += 1
        }
        if inputs.count > 1, alike * 2 >= inputs.count {
            warnings.append("\(alike) of \(inputs.count) images look like another one: choose different scenes and times of day")
        }
        let withText = textParts.count { $0 > leastTextPart }
        if withText == 0 {
            warnings.append("the float network sees no text in any image: wrong images, mean and deviation, or channel order")
        } else if withText == inputs.count, inputs.count > 1 {
            warnings.append("every image shows text: add some without any, so that the network's answer to them is calibrated too")
        }
        return warnings
    }

    private static func thumbnail(_ input: NetworkInput) -> [Double] {
        (0..<64).map { cell in
            var sum = 0
            var count = 0
            let rows = stride(from: cell / 8 * input.height / 8, to: (cell / 8 + 1) * input.height / 8, by: 4)
            for row in rows {
                for column in stride(from: cell % 8 * input.width / 8, to: (cell % 8 + 1) * input.width / 8, by: 4) {
                    sum += Int(input.pixels[4 * (row * input.width + column) + 1])
                    count += 1
                }
            }
            return Double(sum) / Double(max(count, 1))
        }
    }

    private static func difference(_ one: [Double], _ other: [Double]) -> Double {
        zip(one, other).reduce(0) { $0 + abs($1.0 - $1.1) } / Double(one.count)
    }
}
