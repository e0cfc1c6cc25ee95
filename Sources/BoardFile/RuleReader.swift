extension RuleDraft {
    /// 24 hours in milliseconds.
    private static let longest = 24 * 3_600_000

    /// What the rule says, with defaults for what it does not.
    ///
    /// - Parameters:
    ///   - board: All of the file but its rules.
    ///   - lines: Those of the rules ahead of it; its own come to them.
    func rule(of board: BoardFile, _ lines: inout RuleLines) throws(BoardFileError) -> Rule {
        var rule = Rule()
        guard let name else { return rule }
        rule.name = name.piece
        if let text = self[.mode] { rule.mode = try Self.mode(text) }
        try refuseWhatHasNoSay(rule.mode)
        if let text = self[.zone] { rule.zones = try Self.zones(text, of: board) }
        try readBoxes(of: board.frameSize, into: &rule)
        try readTimes(into: &rule)
        try readLines(of: board, name, into: &rule, &lines)
        return rule
    }

    /// Keys that this mode, or a trigger, makes meaningless.
    private func refuseWhatHasNoSay(_ mode: Rule.Mode) throws(BoardFileError) {
        if case .heartbeat = mode {
            for key in 0..<Key.count {
                switch Key(rawValue: key) {
                case nil, .line, .mode, .active, .safe: continue
                case let key?:
                    if let text = self[key] {
                        throw text.error("a heartbeat beats whatever is seen: beside mode it has only line, active and safe")
                    }
                }
            }
        }
        if self[.trigger] != nil, let text = self[.on] {
            throw text.error("a rule with a trigger decides by one look: it has no 'on'")
        }
    }

    private static func mode(_ value: Scanner.Text) throws(BoardFileError) -> Rule.Mode {
        var rest = value
        if let word = rest.nextWord() {
            if word.piece.equals("level"), rest.isEmpty { return .level }
            if word.piece.equals("pulse") {
                return .pulse(try rest.time(in: 1...3_600_000, "a pulse has a time from 1ms to 1h, such as pulse 200ms"))
            }
            if word.piece.equals("heartbeat") {
                return .heartbeat(try rest.time(in: 20...3_600_000, "a heartbeat has a time from 20ms to 1h, such as heartbeat 1s"))
            }
        }
        throw value.error("mode is level, pulse TIME or heartbeat TIME, such as pulse 200ms", nearestOf: "level pulse heartbeat")
    }

    private static func zones(_ value: Scanner.Text, of board: BoardFile) throws(BoardFileError) -> UInt16 {
        var zones: UInt16 = 0
        var rest = value
        while let word = rest.nextWord() {
            var bit: UInt16 = 0
            var nearest = NearestName(to: word)
            for index in board.zones.indices {
                if board.zones[index].name.equals(word.piece) { bit = 1 << UInt16(index) }
                nearest.consider(board.zones[index].name)
            }
            guard bit != 0 else {
                var error = word.error("there is no such zone: a section [zone NAME] was expected")
                error.nearest = nearest.name
                throw error
            }
            guard zones & bit == 0 else { throw word.error("this zone stands here a second time") }
            zones |= bit
        }
        return zones
    }

    private func readBoxes(of frame: PixelSize, into rule: inout Rule) throws(BoardFileError) {
        if let text = self[.boxes] { rule.boxes = try text.number(in: 1...1000, "boxes is a number from 1 to 1000") }
        if let text = self[.score] {
            let score = try text.decimal(in: 0...10_000, "score is a number from 0 to 1 with up to four decimals, such as 0.75")
            rule.score = UInt16((score * 65_535 + 5_000) / 10_000)
        }
        let size: StaticString = "the least size of a box is a number of pixels from 1 to 4096"
        if let text = self[.height] {
            rule.height = try text.number(in: 1...4096, size)
            guard rule.height <= min(frame.width, frame.height) else {
                throw text.error("no box is as high as that: height is of its shorter side, and the frame's is shorter")
            }
        }
        if let text = self[.width] {
            rule.width = try text.number(in: 1...4096, size)
            guard rule.width >= rule.height else {
                throw text.error("width is of a box's longer side and height of its shorter, so width is at least height")
            }
            guard rule.width * rule.width <= frame.width * frame.width + frame.height * frame.height else {
                throw text.error("no box is as wide as that: the frame's diagonal is shorter")
            }
        }
        if let text = self[.on] { (rule.hits, rule.looks) = try Self.hitsOfLooks(text) }
    }

    /// M of K.
    private static func hitsOfLooks(_ value: Scanner.Text) throws(BoardFileError) -> (hits: Int, looks: Int) {
        let sentence: StaticString = "on is 'M of K', M hits of the last K looks, such as 2 of 3"
        var rest = value
        guard let hits = rest.nextWord(), let of = rest.nextWord(), of.piece.equals("of"), let looks = rest.nextWord(), rest.isEmpty else {
            throw value.error(sentence)
        }
        let count = try looks.number(in: 1...64, "on counts the hits of the last 1 to 64 looks, such as 2 of 3")
        return (try hits.number(in: 1...count, "there are as many hits as looks at most, and at least one, such as 2 of 3"), count)
    }

    private func readTimes(into rule: inout Rule) throws(BoardFileError) {
        if let text = self[.hold] {
            rule.hold = try text.time(in: 0...Self.longest, "hold is a time from 0ms to 24h, such as 500ms, 2s or 5min")
        }
        if let text = self[.off] {
            rule.off = try text.time(in: 0...Self.longest, "off is a time from 0ms to 24h, such as 500ms, 2s or 5min")
        }
    }

    private func readLines(
        of board: BoardFile, _ name: Scanner.Text, into rule: inout Rule, _ lines: inout RuleLines
    ) throws(BoardFileError) {
        var isBeating = false
        if case .heartbeat = rule.mode { isBeating = true }
        if let text = self[.line] {
            rule.output = try lines.output(Self.line(text, of: board), beats: isBeating, text)
        } else if let line = board.purpose("text") {
            rule.output = try lines.output(line, beats: isBeating, name)
        } else {
            throw name.error("this rule has no line, and [lines] has none for text, which would be it")
        }
        if let text = self[.trigger] { rule.trigger = try lines.trigger(Self.line(text, of: board), text) }
        if let text = self[.active] {
            try lines.setActive(low: text.isSecond("high", "low", "active is high or low"), of: rule.output, text)
        }
        if let text = self[.safe] {
            try lines.setSafe(on: text.isSecond("off", "on", "safe is off or on"), of: rule.output, text)
        }
    }

    /// A purpose of [lines], or else a line.
    private static func line(_ value: Scanner.Text, of board: BoardFile) throws(BoardFileError) -> LineReference {
        if let line = board.purpose(value.piece) { return line }
        return try value.lineReference()
    }
}
