/// What rules mean, worked out from all that has happened, at every millisecond: slow, and with no state but the past.
struct ReferenceModel {
    enum Mode {
        case level
        case pulse(Int)
        case heartbeat(Int)
    }

    /// Times are in milliseconds.
    struct Rule {
        var line: Int
        var mode = Mode.level
        var hits = 2
        var looks = 3
        var hold = 0
        var off = 0
        var trigger: Int?
    }

    struct Line {
        var safeIsOn = false
        /// What it was from each time on.
        var past: [(time: Int, isOn: Bool)]
    }

    /// Of a rule that has gone on.
    private struct Rise {
        var time: Int
        /// How many looks, or verdicts, there were, this one with it.
        var count: Int
    }

    /// The look that a trigger asked for.
    private struct Verdict {
        var time: Int
        var isHit: Bool
        var took: Int
    }

    let rules: [Rule]
    private(set) var lines: [Line]
    private(set) var hasSight = false
    /// Since sight was last won: the time, and for each rule whether its boxes were there.
    private var looks: [(time: Int, hits: [Bool])] = []
    private var verdicts: [[Verdict]]
    private var rises: [Rise?]
    private var asked: [Int?]
    /// Of heartbeats: the time of each beat, and how many looks there were by then.
    private var beats: [[(time: Int, count: Int)]]

    init(rules: [Rule], safeIsOn: [Bool]) {
        self.rules = rules
        // It has been so for ever.
        lines = safeIsOn.map { Line(safeIsOn: $0, past: [(-1_000_000, $0)]) }
        verdicts = rules.map { _ in [] }
        rises = rules.map { _ in nil }
        asked = rules.map { _ in nil }
        beats = rules.map { _ in [] }
    }

    func isOn(_ line: Int) -> Bool { lines[line].past.last?.isOn == true }

    var wantsLook: Bool { !hasSight || rules.indices.contains { rules[$0].trigger == nil || asked[$0] != nil } }

    // MARK: What happens

    mutating func look(_ hits: [Bool], at time: Int) {
        hasSight = true
        looks.append((time, hits))
        var decided: Set<Int> = []
        for rule in rules.indices {
            guard let since = asked[rule] else { continue }
            verdicts[rule].append(Verdict(time: time, isHit: hits[rule], took: time - since))
            asked[rule] = nil
            if hits[rule] { decided.insert(rule) }
        }
        settle(at: time, decided)
    }

    mutating func fire(_ trigger: Int, at time: Int) {
        for rule in rules.indices where rules[rule].trigger == trigger && asked[rule] == nil { asked[rule] = time }
    }

    mutating func loseSight(at time: Int) {
        hasSight = false
        looks = []
        verdicts = rules.map { _ in [] }
        rises = rules.map { _ in nil }
        asked = rules.map { _ in nil }
        beats = rules.map { _ in [] }
        for line in lines.indices { note(line, lines[line].safeIsOn, at: time) }
    }

    /// Time has come to this millisecond.
    mutating func settle(at time: Int, _ decided: Set<Int> = []) {
        guard hasSight else { return }
        for rule in rules.indices where hasEnded(rule, at: time) { rises[rule] = nil }
        for rule in rules.indices { beat(rule, at: time) }
        // Each rule that goes on may free its line for others, so as often as one does.
        var goesOn = true
        while goesOn {
            goesOn = false
            for rule in rules.indices where rises[rule] == nil && isWanted(rule, decided) {
                let line = rules[rule].line
                guard isOn(line) || turnsOn(line, at: time) || hasBeenOff(line, for: rules[rule].off, at: time) else { continue }
                rises[rule] = Rise(time: time, count: rules[rule].trigger == nil ? looks.count : verdicts[rule].count)
                goesOn = true
            }
        }
        for line in lines.indices { note(line, turnsOn(line, at: time), at: time) }
    }

    // MARK: Lines

    private mutating func note(_ line: Int, _ isOn: Bool, at time: Int) {
        if self.isOn(line) != isOn { lines[line].past.append((time, isOn)) }
    }

    private func turnsOn(_ line: Int, at time: Int) -> Bool {
        rules.indices.contains { rules[$0].line == line && turnsItsLineOn($0, at: time) }
    }

    private func hasBeenOff(_ line: Int, for duration: Int, at time: Int) -> Bool {
        guard let last = lines[line].past.last, !last.isOn else { return false }
        return time - last.time >= duration
    }

    // MARK: Rules

    private func turnsItsLineOn(_ rule: Int, at time: Int) -> Bool {
        switch rules[rule].mode {
        case .heartbeat: beats[rule].count % 2 == 1
        case .level: rises[rule] != nil
        case .pulse(let length): rises[rule].map { time < $0.time + length } ?? false
        }
    }

    private func isWanted(_ rule: Int, _ decided: Set<Int>) -> Bool {
        if case .heartbeat = rules[rule].mode { return false }
        if rules[rule].trigger != nil { return decided.contains(rule) }
        return hits(rule, in: looks.count) >= rules[rule].hits
    }

    /// Of the last looks among the first `count`.
    private func hits(_ rule: Int, in count: Int) -> Int {
        looks.prefix(count).suffix(rules[rule].looks).count { $0.hits[rule] }
    }

    private func keepsOn(_ rule: Int, in count: Int) -> Bool { 2 * hits(rule, in: count) >= rules[rule].hits }

    private func hasEnded(_ rule: Int, at time: Int) -> Bool {
        guard let rise = rises[rule] else { return false }
        if case .pulse(let length) = rules[rule].mode, time < rise.time + length { return false }
        if rules[rule].trigger != nil { return time >= endOfVerdicts(rule, rise) }
        if keepsOn(rule, in: looks.count) { return false }
        var lastHeld = rise.time
        for count in (rise.count + 1)..<(looks.count + 1) where keepsOn(rule, in: count) { lastHeld = looks[count - 1].time }
        return time >= lastHeld + rules[rule].hold
    }

    private func endOfVerdicts(_ rule: Int, _ rise: Rise) -> Int {
        var end = Int.min
        for verdict in verdicts[rule].dropFirst(rise.count - 1) {
            switch (rules[rule].mode, verdict.isHit) {
            case (.pulse, true): end = max(end, verdict.time + rules[rule].hold)
            case (_, true): end = max(end, verdict.time + max(rules[rule].hold, verdict.took))
            case (_, false): end = verdict.time
            }
        }
        return end
    }

    private mutating func beat(_ rule: Int, at time: Int) {
        guard case .heartbeat(let length) = rules[rule].mode, !looks.isEmpty else { return }
        guard let last = beats[rule].last else {
            beats[rule].append((time, looks.count))
            return
        }
        if 2 * (time - last.time) >= length, looks.count > last.count { beats[rule].append((time, looks.count)) }
    }
}
