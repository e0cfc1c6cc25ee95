import CPreview
import Inference
import Messages
import TextDetection

/// Forms the boxes of a frame once more for each viewer, with the limits that this one chose.
struct ViewerBoxes: ~Copyable {
    private let width: Int
    private let height: Int
    private let probabilities: UnsafePointer<UInt16>
    private let storage: Arena
    /// For viewers that choose nothing else.
    let settings: BoxSettings

    init(model: Model, settings: BoxSettings) throws(Failure) {
        width = model.inputWidth
        height = model.inputHeight
        probabilities = model.scoreTable
        self.settings = settings
        storage = try Self.storage(model, settings)
    }

    private static func storage(_ model: Model, _ settings: BoxSettings) throws(Failure) -> Arena {
        let byteCount: Int
        do throws(BoxFormationError) {
            byteCount = try BoxFormation.storageBytes(width: model.inputWidth, height: model.inputHeight, settings: settings)
        } catch { throw .detector(nil, .boxes(error)) }
        do throws(NetworkError) { return try Arena(byteCount: byteCount) } catch { throw .network(nil, error) }
    }

    /// The most bytes that `write` writes.
    var mostBytes: Int {
        let points = settings.shape == .rectangle ? 4 : BoxSettings.maximumPolygonPoints
        return 256 + settings.maximumBoxes * (40 + 22 * points)
    }

    /// The settings that a viewer's query asks for: the preview's own where it says nothing. Nil where it says what cannot be.
    func settings(_ query: textpin_preview_request) -> BoxSettings? {
        var settings = settings
        if let text = query.argument("threshold") {
            guard let thousandths = Thousandths.read(text), (1...999).contains(thousandths) else { return nil }
            settings.threshold = ProbabilityScale(table: probabilities).logit(thousandths: thousandths)
        }
        if let text = query.argument("score") {
            guard let thousandths = Thousandths.read(text), thousandths <= 1000 else { return nil }
            settings.minimumScore = UInt16((thousandths * 65535 + 500) / 1000)
        }
        if let text = query.argument("unclip") {
            let limit = Int(BoxSettings.maximumUnclipRatio) * 1000
            guard let thousandths = Thousandths.read(text), thousandths * 256 <= limit else { return nil }
            settings.unclipRatio = UInt16((thousandths * 256 + 500) / 1000)
        }
        return settings
    }

    /// Writes settings and boxes as members of a JSON object, points in pixels of the frame.
    mutating func write(_ frame: borrowing PreviewedFrame, _ settings: BoxSettings, to output: inout TextBuffer) {
        let threshold = ProbabilityScale(table: probabilities).thousandths(of: settings.threshold)
        output.write("\"settings\":{\"threshold\":\(threshold, over: 1000, decimals: 3)")
        output.write(",\"score\":\(Int(settings.minimumScore), over: 65535, decimals: 3)")
        output.write(",\"unclip\":\(Int(settings.unclipRatio), over: 256, decimals: 3)},\"boxes\":")
        guard let logits = frame.logits,
            let scale = PhotoScale(
                photoWidth: frame.width, photoHeight: frame.height, scaledWidth: frame.pictureWidth, scaledHeight: frame.pictureHeight),
            // Its storage is large enough for these limits, as for all others: only the shape and the number of boxes ask for more.
            var formation = try? BoxFormation(
                width: width, height: height, settings: settings, probabilities: probabilities, storage: storage.bytes)
        else { return output.write("[]") }
        let found = formation.form(logits: logits, validWidth: frame.pictureWidth, validHeight: frame.pictureHeight)
        output.write(json: found, scale)
        output.write(",\"dropped\":\(found.droppedCount)")
    }
}

/// Decimal numbers in thousandths.
enum Thousandths {
    /// Reads one to five digits, and if a point follows one to three more. Nil for anything else.
    static func read(_ text: UnsafePointer<CChar>) -> Int? {
        var next = text
        guard let whole = digits(&next, most: 5) else { return nil }
        var value = whole.value * 1000
        if next.pointee == CChar(bitPattern: UInt8(ascii: ".")) {
            next += 1
            guard let fraction = digits(&next, most: 3) else { return nil }
            value += fraction.value * (fraction.count == 1 ? 100 : fraction.count == 2 ? 10 : 1)
        }
        return next.pointee == 0 ? value : nil
    }

    private static func digits(_ next: inout UnsafePointer<CChar>, most: Int) -> (value: Int, count: Int)? {
        var (value, count) = (0, 0)
        while let digit = digit(next.pointee), count < most {
            value = value * 10 + digit
            count += 1
            next += 1
        }
        return count == 0 ? nil : (value, count)
    }

    private static func digit(_ character: CChar) -> Int? {
        let value = Int(character) - Int(UInt8(ascii: "0"))
        return (0...9).contains(value) ? value : nil
    }
}

/// Probabilities and logits in units of 1/2048, by a model's table: straight lines between its entries.
struct ProbabilityScale {
    /// 1024 probabilities in 1/65535, which rise; entry i is that of the logit -8 + (i + 0.5) / 64.
    let table: UnsafePointer<UInt16>

    private static let entries = 1024
    /// Units of a logit from entry to entry.
    private static let step = 32

    private static func logit(entry: Int) -> Int { -8 * 2048 + entry * step + step / 2 }

    /// The logit of a probability in 1/1000, rounded down, so that every logit above the real one is above it.
    func logit(thousandths: Int) -> Int16 {
        // In 1/1000 of the table's unit.
        let wanted = thousandths * 65535
        var (low, high) = (0, Self.entries - 1)
        while high - low > 1 {
            let middle = (low + high) / 2
            if Int(table[middle]) * 1000 <= wanted { low = middle } else { high = middle }
        }
        let rise = (Int(table[high]) - Int(table[low])) * 1000
        let part = rise > 0 ? min(max((wanted - Int(table[low]) * 1000) * Self.step / rise, 0), Self.step) : 0
        return Int16(Self.logit(entry: low) + part)
    }

    /// The probability of a logit in 1/1000.
    func thousandths(of logit: Int16) -> Int {
        let position = min(max(Int(logit) - Self.logit(entry: 0), 0), (Self.entries - 1) * Self.step)
        let low = min(position / Self.step, Self.entries - 2)
        let part = position - low * Self.step
        let probability = Int(table[low]) * (Self.step - part) + Int(table[low + 1]) * part
        return (probability * 1000 + Self.step * 65535 / 2) / (Self.step * 65535)
    }
}
