enum Section {
    case board, model, camera, gpio, header, lines, watch, zone, rule
}

/// Zones and rules as they stand in the file, with their places, until all of it is read.
struct Drafts {
    private(set) var zones = List<16, ZoneDraft>(repeating: ZoneDraft())
    private(set) var rules = List<16, RuleDraft>(repeating: RuleDraft())

    /// The section that a heading begins; it adds a draft for a zone or a rule.
    mutating func section(heading: Scanner.Text) throws(BoardFileError) -> Section {
        guard heading.count > 2, heading[heading.count - 1] == UInt8(ascii: "]") else {
            throw heading.error("a section's name in brackets was expected, such as [board]")
        }
        var rest = heading.dropping(first: 1, last: 1).trimmed
        guard let word = rest.nextWord() else { throw Self.unknown(heading, rest) }
        if word.piece.equals("zone") {
            try addZone(rest)
            return .zone
        }
        if word.piece.equals("rule") {
            try addRule(rest)
            return .rule
        }
        guard rest.isEmpty else { throw Self.unknown(heading, word) }
        switch word.piece {
        case let name where name.equals("board"): return .board
        case let name where name.equals("model"): return .model
        case let name where name.equals("camera"): return .camera
        case let name where name.equals("gpio"): return .gpio
        case let name where name.equals("header"): return .header
        case let name where name.equals("lines"): return .lines
        case let name where name.equals("watch"): return .watch
        default: throw Self.unknown(heading, word)
        }
    }

    private static func unknown(_ heading: Scanner.Text, _ word: Scanner.Text) -> BoardFileError {
        var error = heading.error(
            "there is no such section: [board], [model], [camera], [gpio], [header], [lines], [watch], [zone NAME] or [rule NAME] was expected"
        )
        error.nearest = word.error("", nearestOf: "board model camera gpio header lines watch zone rule").nearest
        return error
    }

    private mutating func addZone(_ name: Scanner.Text) throws(BoardFileError) {
        guard name.isName else {
            throw name.error("a zone's name was expected, such as [zone door]: up to 32 letters, digits, - and _, without accents")
        }
        for index in zones.indices where zones[index].name?.piece.equals(name.piece) == true {
            throw name.error("there is a zone of this name already")
        }
        guard zones.append(ZoneDraft(name: name)) else { throw name.error("there are too many zones: 16 are read") }
    }

    private mutating func addRule(_ name: Scanner.Text) throws(BoardFileError) {
        guard name.isName else {
            throw name.error("a rule's name was expected, such as [rule label]: up to 32 letters, digits, - and _, without accents")
        }
        for index in rules.indices where rules[index].name?.piece.equals(name.piece) == true {
            throw name.error("there is a rule of this name already")
        }
        guard rules.append(RuleDraft(name: name)) else { throw name.error("there are too many rules: 16 are read") }
    }

    /// Of the zone that was begun last.
    mutating func noteOfZone(_ key: Scanner.Text, _ value: Scanner.Text) throws(BoardFileError) {
        try zones[zones.count - 1].note(key, value)
    }

    /// Of the rule that was begun last.
    mutating func noteOfRule(_ key: Scanner.Text, _ value: Scanner.Text) throws(BoardFileError) {
        try rules[rules.count - 1].note(key, value)
    }
}

/// The keys that stand once, and which of them have been found.
struct Keys {
    enum Key: UInt32 {
        case name, cpus, cores, kernels, threads, memory, network, modelSize, formats, frameSize, chip, rate, still, look, hot
    }

    private var found: UInt32 = 0

    private func contains(_ key: Key) -> Bool { found >> key.rawValue & 1 == 1 }

    mutating func note(_ key: Key, _ text: Scanner.Text) throws(BoardFileError) {
        guard !contains(key) else { throw text.error("this key stands here a second time") }
        found |= 1 << key.rawValue
    }

    /// All but the chip, which a header with lines of several has not, and those of [watch].
    func requireAll(_ scanner: Scanner) throws(BoardFileError) {
        if !contains(.name) { throw scanner.error("[board] has no name") }
        if !contains(.cpus) { throw scanner.error("[board] has no cpus") }
        if !contains(.cores) { throw scanner.error("[board] has no cores") }
        if !contains(.kernels) { throw scanner.error("[board] has no kernels") }
        if !contains(.threads) { throw scanner.error("[board] has no threads") }
        if !contains(.memory) { throw scanner.error("[board] has no memory-megabytes") }
        if !contains(.network) { throw scanner.error("[model] has no network") }
        if !contains(.modelSize) { throw scanner.error("[model] has no size") }
        if !contains(.formats) { throw scanner.error("[camera] has no formats") }
        if !contains(.frameSize) { throw scanner.error("[camera] has no size") }
    }
}
