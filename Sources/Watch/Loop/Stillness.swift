import Inference
import Messages

/// Tells whether a picture differs from the one that was last looked at: by the means of cells of 16 x 16 pixels of the network's input.
///
/// A letter of ten pixels changes its cell's mean by many times a sensor's noise, of which a mean leaves little.
struct Stillness: ~Copyable {
    private static let cell = 16
    /// Of the pixels in a cell, one in each 4 x 4 is read.
    private static let step = 4

    private let memory: Arena
    private let columns: Int
    private let rows: Int
    private var isKnown = false

    /// For a model's input.
    @inline(never)
    static func make(_ model: Model) throws(Failure) -> Stillness {
        do throws(NetworkError) { return try Stillness(width: model.inputWidth, height: model.inputHeight) } catch {
            throw Failure("there is not enough memory to compare pictures", status: 70)
        }
    }

    private init(width: Int, height: Int) throws(NetworkError) {
        columns = (width + Self.cell - 1) / Self.cell
        rows = (height + Self.cell - 1) / Self.cell
        memory = try Arena(byteCount: columns * rows * 3)
    }

    /// The largest change of a cell's mean, 0 to 255, against the reference; the picture becomes the reference if that is more than `threshold`.
    /// 255 for the first picture.
    mutating func change(_ input: InputTensor, threshold: Int) -> Int {
        var largest = isKnown ? 0 : 255
        for row in 0..<rows {
            for column in 0..<columns { largest = max(largest, difference(input, row, column, replaces: false)) }
        }
        if largest > threshold || !isKnown {
            for row in 0..<rows {
                for column in 0..<columns { _ = difference(input, row, column, replaces: true) }
            }
            isKnown = true
        }
        return largest
    }

    mutating func forget() { isKnown = false }

    private func difference(_ input: InputTensor, _ row: Int, _ column: Int, replaces: Bool) -> Int {
        let bottom = min((row + 1) * Self.cell, input.height)
        let right = min((column + 1) * Self.cell, input.width)
        var (first, second, third, count) = (0, 0, 0, 0)
        var y = row * Self.cell
        while y < bottom {
            let line = input.pixels + y * input.rowStride
            var x = column * Self.cell
            while x < right {
                first += Int(line[4 * x])
                second += Int(line[4 * x + 1])
                third += Int(line[4 * x + 2])
                count += 1
                x += Self.step
            }
            y += Self.step
        }
        let means = (Int8(clamping: first / count), Int8(clamping: second / count), Int8(clamping: third / count))
        let place = memory.bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: Int8.self) + 3 * (row * columns + column)
        if replaces {
            (place[0], place[1], place[2]) = means
            return 0
        }
        let colours = max(abs(Int(means.0) - Int(place[0])), abs(Int(means.1) - Int(place[1])))
        return max(colours, abs(Int(means.2) - Int(place[2])))
    }
}
