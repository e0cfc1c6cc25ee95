import BoardFile
import CDevices
import Messages

/// Where the machine has a line, or one sentence that says what lines there are.
enum LinePlaces {
    @inline(never)
    static func find(_ reference: LineReference) throws(Failure) -> textpin_line_place {
        var place = textpin_line_place()
        let error =
            switch reference {
            case .named(let name): withText(name) { textpin_line_find_named($0, name.bytes.count, &place) }
            case .offset(let chip, let offset):
                withText(chip) { textpin_line_find_offset($0, chip.bytes.count, UInt32(clamping: offset), &place) }
            }
        guard error != 0 else { return place }
        throw failure(reference, error)
    }

    /// The place of a line that is on no chip: known by its name alone.
    @inline(never)
    static func named(_ reference: LineReference) -> textpin_line_place {
        var place = textpin_line_place()
        let text: Text = "\(reference)"
        withUnsafeMutableBytes(of: &place.name) { name in
            for index in 0..<min(text.count, name.count - 1) { name[index] = text[index] }
        }
        place.chip_label = place.name
        return place
    }

    private static func withText<Result>(_ piece: Piece, _ body: (UnsafePointer<CChar>) -> Result) -> Result {
        guard let start = piece.bytes.baseAddress else { return body(("" as StaticString).cString) }
        return UnsafeRawPointer(start).withMemoryRebound(to: CChar.self, capacity: piece.bytes.count) { body($0) }
    }

    private static func failure(_ reference: LineReference, _ error: Int32) -> Failure {
        switch error {
        case TEXTPIN_NO_SUCH_FILE: return Failure("there is no GPIO line \(reference) on this machine; \(linesThatThereAre)", status: 69)
        case TEXTPIN_ALREADY_THERE:
            return Failure(
                "several GPIO lines are called \(reference): name it by its chip's label and its place, such as gpio1:22", status: 69)
        case TEXTPIN_INVALID: return Failure("the chip of GPIO line \(reference) has fewer lines than that", status: 69)
        default:
            return Failure(
                "GPIO line \(reference) cannot be asked for: \(textpin_error_text(error)); users of the group gpio may", status: 69)
        }
    }

    /// The names of lines, as many as a sentence may hold, or else the chips' labels.
    private static var linesThatThereAre: Text {
        let room = 400
        var text: Text = "there are"
        var count = 0
        var place = textpin_line_place()
        for chip in 0..<textpin_gpio_chip_limit() {
            var offset: UInt32 = 0
            while textpin_line_at(chip, offset, &place) {
                offset += 1
                withUnsafeBytes(of: place.name) { name in
                    guard let name = name.baseAddress?.assumingMemoryBound(to: CChar.self), name[0] != 0 else { return }
                    if text.count < room { text = "\(text)\(count == 0 ? " " : ", " as StaticString)\(name)" }
                    count += 1
                }
            }
        }
        if count == 0 { return "no line that this user may ask for has a name, and users of the group gpio may" }
        return text.count < room ? text : "\(text), … (gpioinfo lists all \(count))"
    }

    /// Why a line that was found could not be had.
    static func refusal(_ reference: LineReference, _ place: textpin_line_place, _ error: Int32) -> Failure {
        guard error == TEXTPIN_BUSY else {
            return Failure("GPIO line \(reference) cannot be driven: \(textpin_error_text(error))", status: 69)
        }
        return withUnsafeBytes(of: place.consumer) { consumer in
            guard let consumer = consumer.baseAddress?.assumingMemoryBound(to: CChar.self), consumer[0] != 0 else {
                return Failure("GPIO line \(reference) is held by another program or driver", status: 69)
            }
            return Failure("GPIO line \(reference) is held by \(consumer)", status: 69)
        }
    }
}

extension Text.Interpolation {
    @inline(never)
    mutating func appendInterpolation(_ piece: Piece) {
        for byte in piece.bytes { append(byte) }
    }

    @inline(never)
    mutating func appendInterpolation(_ reference: LineReference) {
        switch reference {
        case .named(let name): appendInterpolation(name)
        case .offset(let chip, let offset): appendInterpolation("\(chip):\(offset)" as Text)
        }
    }
}
