import BoardFile
import TextDetection

/// Decides from what is seen, and when, which lines are on.
///
/// It knows no clock and no device: the caller tells what happens and at what time, in nanoseconds of a clock that only goes forward (an earlier
/// time than the latest counts as the latest), and calls `advance` at `nextDeadline` at the latest. The same calls give the same levels. Names
/// are pieces of the board file, which must outlive it.
///
/// A rule goes on when enough of the last looks found its boxes, and off when fewer than half as many did and its times are over. A line is on
/// if any of its rules turns it on.
public struct RuleEngine {
    private struct LineState {
        var isOn = false
        /// Since when it has been off. There is nothing before the start that it would have to keep a distance from.
        var offSince: Int64 = .min / 2
    }

    private let frame: PixelSize
    private let zones: List<16, Zone>
    private let rules: List<16, Rule>
    private let outputs: List<16, OutputLine>
    private let triggers: List<16, LineReference>
    private var states = InlineArray<16, RuleState>(repeating: RuleState())
    private var lines = InlineArray<16, LineState>(repeating: LineState())
    private var now: Int64 = 0
    private var hasSight = false

    public init(_ board: BoardFile) {
        frame = board.frameSize
        zones = board.zones
        rules = board.rules
        outputs = board.outputs
        triggers = board.triggers
        for index in outputs.indices { lines[index].isOn = outputs[index].safeIsOn }
    }

    public var ruleCount: Int { rules.count }
    /// Lines that rules drive; several rules may drive one.
    public var lineCount: Int { outputs.count }
    /// Lines that rules wait for.
    public var triggerCount: Int { triggers.count }
    public func line(_ index: Int) -> OutputLine { outputs[index] }
    public func trigger(_ index: Int) -> LineReference { triggers[index] }

    // MARK: What happens

    /// Takes in what a look found. A frame that needs no look since it is like the last one counts too, with the last one's boxes.
    ///
    /// - Parameters:
    ///   - scale: Of the frame that the boxes were found in, of whatever size.
    ///   - time: When they were found.
    public mutating func observe(_ boxes: DetectedBoxes, _ scale: PhotoScale, at time: Int64) {
        if hasSight { advance(to: time) }
        now = max(now, time)
        hasSight = true
        for index in rules.indices { states[index].beginLook(rules[index]) }
        // From the network's pixels straight to those of the board file's frame: its size is in the range that a PhotoScale takes.
        if let scale = PhotoScale(
            photoWidth: frame.width, photoHeight: frame.height, scaledWidth: Int(scale.scaledWidth), scaledHeight: Int(scale.scaledHeight))
        {
            for box in boxes.boxes {
                let points = boxes.points(of: box)
                guard points.count >= 3 else { continue }
                let box = BoxInFrame(score: box.score, points: points, scale: scale, zones: zones)
                for index in rules.indices { states[index].see(box, rules[index]) }
            }
        }
        for index in rules.indices { states[index].endLook(rules[index], at: now) }
        update()
    }

    /// A trigger fired: the next look decides for the rules that wait for it.
    public mutating func triggerFired(_ index: Int, at time: Int64) {
        advance(to: time)
        for rule in rules.indices where rules[rule].trigger == index { states[rule].arm(at: now) }
    }

    /// Lets time pass without a look.
    public mutating func advance(to time: Int64) {
        now = max(now, time)
        if hasSight { update() }
    }

    /// The camera is gone: what was seen is forgotten, also what triggers asked for, and all lines are at their safe levels until the next look.
    public mutating func loseSight(at time: Int64) {
        advance(to: time)
        hasSight = false
        for index in rules.indices { states[index].loseSight(at: now) }
        updateLines()
    }

    /// Goes on from where another engine stands, that of the board file as it was: rules that say the same as before keep their state, and lines
    /// their least time off. The others begin anew. The other board file is not needed afterwards.
    public mutating func adopt(_ other: RuleEngine) {
        now = other.now
        hasSight = other.hasSight
        for index in outputs.indices {
            for old in other.outputs.indices where other.outputs[old].reference.equals(outputs[index].reference) {
                lines[index] = other.lines[old]
            }
        }
        for index in rules.indices {
            states[index] = RuleState()
            states[index].since = now
            for old in other.rules.indices where saysTheSame(index, other, old) { states[index] = other.states[old] }
        }
        if hasSight { update() } else { updateLines() }
    }

    // MARK: What follows

    /// Whether a line is on, whatever level that is.
    public func isOn(line index: Int) -> Bool { lines[index].isOn }

    /// Whether a frame should be looked at: false while every rule waits for its trigger. The first frame always, for it ends the safe levels.
    public var wantsLook: Bool {
        guard hasSight, rules.count > 0 else { return true }
        for index in rules.indices where states[index].wantsLook(rules[index]) { return true }
        return false
    }

    /// The earliest time at which a line changes if there is no look till then; nil if none does.
    public var nextDeadline: Int64? {
        guard hasSight else { return nil }
        var next: Int64?
        for line in outputs.indices {
            if let change = nextChange(ofLine: line) { next = min(next ?? change, change) }
        }
        return next
    }

    private func nextChange(ofLine line: Int) -> Int64? {
        var (first, last): (Int64?, Int64?) = (nil, nil)
        for index in rules.indices where rules[index].output == line {
            let (rule, state) = (rules[index], states[index])
            if rule.isHeartbeat { return state.end(rule) }
            if state.isOn {
                // The line stays on as long as any of its rules.
                guard let end = state.end(rule) else { return nil }
                last = max(last ?? end, end)
            } else if state.wantsOn(rule) {
                let start = lines[line].offSince + rule.off
                first = min(first ?? start, start)
            }
        }
        return last ?? first
    }

    @inline(never)
    public func status(ofRule index: Int) -> RuleStatus {
        let (rule, state) = (rules[index], states[index])
        let isTriggered = rule.trigger != nil
        return RuleStatus(
            name: rule.name, line: rule.output, isOn: state.isOn, since: state.since, hits: rule.isHeartbeat ? 0 : state.hits(rule),
            requiredHits: rule.isHeartbeat ? 0 : isTriggered ? 1 : rule.hits, looks: rule.isHeartbeat ? 0 : isTriggered ? 1 : rule.looks,
            matchingBoxes: state.matchingBoxes, bestScore: state.bestScore, phase: phase(rule, state))
    }

    private func phase(_ rule: Rule, _ state: RuleState) -> RuleStatus.Phase {
        guard hasSight else { return .noSight }
        if state.isRaised { return rule.isHeartbeat || rule.trigger != nil || state.holds(rule) ? .on : .held }
        let line = lines[rule.output]
        if !line.isOn, now - line.offSince < rule.off { return .minimumOff }
        return rule.trigger != nil && !state.isArmed ? .waitingForTrigger : .off
    }

    // MARK: Work

    private mutating func update() {
        for index in rules.indices { states[index].lower(rules[index], at: now) }
        // A line that one rule turns on, or has just turned off, is free for all its others: that is no edge. So once more, for those ahead of it.
        var rising: UInt16 = 0
        for _ in 0..<2 {
            for index in rules.indices where states[index].wantsOn(rules[index]) {
                let (rule, line) = (rules[index], lines[rules[index].output])
                guard line.isOn || now - line.offSince >= rule.off || rising >> UInt16(rule.output) & 1 == 1 else { continue }
                states[index].raise(rule, at: now)
                rising |= 1 << UInt16(rule.output)
            }
        }
        for index in rules.indices { states[index].endWork() }
        updateLines()
    }

    private mutating func updateLines() {
        for line in outputs.indices {
            var isOn = !hasSight && outputs[line].safeIsOn
            for index in rules.indices where rules[index].output == line && states[index].isOn { isOn = true }
            if lines[line].isOn, !isOn { lines[line].offSince = now }
            lines[line].isOn = isOn
        }
    }

    /// Whether a rule says the same as one of another board file, by another file's places of zones and lines.
    private func saysTheSame(_ index: Int, _ other: RuleEngine, _ otherIndex: Int) -> Bool {
        let (rule, old) = (rules[index], other.rules[otherIndex])
        guard rule.name.equals(old.name), rule.mode == old.mode, outputs[rule.output].reference.equals(other.outputs[old.output].reference),
            rule.boxes == old.boxes, rule.score == old.score, rule.height == old.height, rule.width == old.width, rule.hits == old.hits,
            rule.looks == old.looks, rule.hold == old.hold, rule.off == old.off
        else { return false }
        switch (rule.trigger, old.trigger) {
        case (nil, nil): break
        case (let trigger?, let oldTrigger?): guard triggers[trigger].equals(other.triggers[oldTrigger]) else { return false }
        default: return false
        }
        if rule.zones | old.zones == 0, rule.width == 0, rule.height == 0 { return true }
        // Sizes and corners are in pixels of the frame.
        return frame.width == other.frame.width && frame.height == other.frame.height && hasSameZones(rule.zones, other, old.zones)
    }

    private func hasSameZones(_ mask: UInt16, _ other: RuleEngine, _ otherMask: UInt16) -> Bool {
        var (rest, otherRest) = (mask, otherMask)
        while rest != 0, otherRest != 0 {
            let (zone, otherZone) = (zones[rest.trailingZeroBitCount], other.zones[otherRest.trailingZeroBitCount])
            guard zone.corners.count == otherZone.corners.count else { return false }
            for corner in zone.corners.indices where zone.corners[corner] != otherZone.corners[corner] { return false }
            rest &= rest - 1
            otherRest &= otherRest - 1
        }
        return rest == otherRest
    }
}
