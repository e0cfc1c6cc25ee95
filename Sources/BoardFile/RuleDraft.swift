/// A rule as it stands in the file: the values by their keys.
struct RuleDraft {
    enum Key: Int {
        case line, zone, boxes, score, height, width, on, hold, off, mode, active, safe, trigger

        static let count = 13

        init?(_ piece: Piece) {
            for value in 0..<Self.count {
                guard let key = Key(rawValue: value), piece.equals(key.name) else { continue }
                self = key
                return
            }
            return nil
        }

        private var name: StaticString {
            switch self {
            case .line: "line"
            case .zone: "zone"
            case .boxes: "boxes"
            case .score: "score"
            case .height: "height"
            case .width: "width"
            case .on: "on"
            case .hold: "hold"
            case .off: "off"
            case .mode: "mode"
            case .active: "active"
            case .safe: "safe"
            case .trigger: "trigger"
            }
        }
    }

    /// Nil only where there is no draft.
    let name: Scanner.Text?
    /// `Key.count` of them.
    private var values = InlineArray<13, Scanner.Text?>(repeating: nil)

    init(name: Scanner.Text? = nil) { self.name = name }

    subscript(key: Key) -> Scanner.Text? { values[key.rawValue] }

    mutating func note(_ key: Scanner.Text, _ value: Scanner.Text) throws(BoardFileError) {
        guard let known = Key(key.piece) else {
            throw key.error(
                "there is no such key in [rule]: line, zone, boxes, score, height, width, on, hold, off, mode, active, safe or trigger was expected",
                nearestOf: "line zone boxes score height width on hold off mode active safe trigger")
        }
        guard self[known] == nil else { throw key.error("this key stands here a second time") }
        values[known.rawValue] = value
    }
}

/// The lines that rules drive and wait for, as far as the rules are read.
struct RuleLines {
    private(set) var outputs = List<16, OutputLine>(repeating: OutputLine())
    private(set) var triggers = List<16, LineReference>(repeating: .named(Piece()))
    /// What rules said of each output, if one did.
    private var active = InlineArray<16, Bool?>(repeating: nil)
    private var safe = InlineArray<16, Bool?>(repeating: nil)
    private var beats = InlineArray<16, Bool>(repeating: false)

    /// The place of an output, which is added if no rule had it before.
    ///
    /// - Parameter place: where an error is.
    mutating func output(_ line: LineReference, beats isBeating: Bool, _ place: Scanner.Text) throws(BoardFileError) -> Int {
        for index in triggers.indices where triggers[index].equals(line) {
            throw place.error("this line is another rule's trigger: a line is an output or an input")
        }
        for index in outputs.indices where outputs[index].reference.equals(line) {
            guard !isBeating, !beats[index] else {
                throw place.error("two rules have this line, and one of them is a heartbeat, which needs a line of its own")
            }
            return index
        }
        var output = OutputLine()
        output.reference = line
        // There are no more rules than places, and no more triggers.
        _ = outputs.append(output)
        beats[outputs.count - 1] = isBeating
        return outputs.count - 1
    }

    mutating func trigger(_ line: LineReference, _ place: Scanner.Text) throws(BoardFileError) -> Int {
        for index in outputs.indices where outputs[index].reference.equals(line) {
            throw place.error("a rule drives this line, so it cannot be a trigger: a line is an output or an input")
        }
        for index in triggers.indices where triggers[index].equals(line) { return index }
        _ = triggers.append(line)
        return triggers.count - 1
    }

    mutating func setActive(low isLow: Bool, of output: Int, _ place: Scanner.Text) throws(BoardFileError) {
        guard active[output] != !isLow else {
            throw place.error("another rule of this line says otherwise: active is the same for all of them, and one may say it for all")
        }
        active[output] = isLow
        outputs[output].isActiveLow = isLow
    }

    mutating func setSafe(on isOn: Bool, of output: Int, _ place: Scanner.Text) throws(BoardFileError) {
        guard safe[output] != !isOn else {
            throw place.error("another rule of this line says otherwise: safe is the same for all of them, and one may say it for all")
        }
        safe[output] = isOn
        outputs[output].safeIsOn = isOn
    }
}
