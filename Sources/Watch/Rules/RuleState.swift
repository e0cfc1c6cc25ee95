import BoardFile

/// What a rule remembers. Times are the caller's, in nanoseconds.
struct RuleState {
    /// The last looks, the newest lowest: 1 for a hit.
    private var window: UInt64 = 0
    /// Whether the rule has gone on and not off again. A pulse within that time is shorter.
    private(set) var isRaised = false
    /// Whether it turns its line on.
    private(set) var isOn = false
    /// Since when.
    var since: Int64 = 0
    /// Until when it stays raised whatever is seen.
    private var heldUntil: Int64 = 0
    private var pulseEnd: Int64 = 0
    /// Whether its trigger has asked for a look, and when.
    private(set) var isArmed = false
    private var armedAt: Int64 = 0
    /// Whether the look that a trigger asked for was a hit, while that look is worked in; and how long it took.
    private var isTriggeredHit = false
    private var lookTime: Int64 = 0
    /// Whether there was a look since the last beat.
    private var hasLookedSinceBeat = false
    /// Of the last look.
    private(set) var matchingBoxes = 0
    private(set) var bestScore: UInt16 = 0

    mutating func loseSight(at time: Int64) {
        var lost = RuleState()
        lost.since = isOn ? time : since
        self = lost
    }

    mutating func arm(at time: Int64) {
        guard !isArmed else { return }
        isArmed = true
        armedAt = time
    }

    // MARK: A look

    /// Whether the next look counts for this rule.
    func wantsLook(_ rule: Rule) -> Bool { rule.trigger == nil || isArmed }

    mutating func beginLook(_ rule: Rule) {
        guard wantsLook(rule) else { return }
        matchingBoxes = 0
        bestScore = 0
    }

    mutating func see(_ box: BoxInFrame, _ rule: Rule) {
        guard wantsLook(rule), box.fits(rule) else { return }
        bestScore = max(bestScore, box.score)
        if box.score >= rule.score { matchingBoxes += 1 }
    }

    mutating func endLook(_ rule: Rule, at time: Int64) {
        guard wantsLook(rule) else { return }
        let isHit = matchingBoxes >= rule.boxes
        if case .heartbeat = rule.mode {
            hasLookedSinceBeat = isRaised
            if !isRaised {
                isRaised = true
                turn(on: true, at: time)
            }
        } else if rule.trigger != nil {
            isArmed = false
            isTriggeredHit = isHit
            lookTime = time - armedAt
            window = isHit ? 1 : 0
            if isRaised { heldUntil = isHit ? max(heldUntil, time + leastTime(rule)) : rule.isPulse ? pulseEnd : time }
        } else {
            window = window << 1 | (isHit ? 1 : 0)
            if isRaised, holds(rule) { heldUntil = max(heldUntil, time + leastTime(rule)) }
        }
    }

    // MARK: Going on and off

    /// Whether it would go on if its line's least time off is over.
    func wantsOn(_ rule: Rule) -> Bool {
        if isRaised { return false }
        if case .heartbeat = rule.mode { return false }
        return rule.trigger == nil ? hits(rule) >= rule.hits : isTriggeredHit
    }

    mutating func raise(_ rule: Rule, at time: Int64) {
        isRaised = true
        turn(on: true, at: time)
        heldUntil = time + leastTime(rule)
        if case .pulse(let length) = rule.mode {
            pulseEnd = time + length
            heldUntil = max(heldUntil, pulseEnd)
        }
    }

    /// Goes off, ends its pulse or beats, whatever is due.
    mutating func lower(_ rule: Rule, at time: Int64) {
        if let end = end(rule), end <= time {
            turn(on: !isOn, at: time)
            hasLookedSinceBeat = false
        }
        if isRaised, !rule.isHeartbeat, !holds(rule), heldUntil <= time { isRaised = false }
    }

    mutating func endWork() { isTriggeredHit = false }

    /// When it turns its line off if nothing more is seen, or for a heartbeat also on; nil if it does not.
    func end(_ rule: Rule) -> Int64? {
        switch rule.mode {
        case .heartbeat(let length): isRaised && hasLookedSinceBeat ? since + length / 2 : nil
        case .pulse: isOn ? pulseEnd : nil
        case .level: isOn && !holds(rule) ? heldUntil : nil
        }
    }

    private mutating func turn(on: Bool, at time: Int64) {
        guard isOn != on else { return }
        isOn = on
        since = time
    }

    // MARK: Its condition

    func hits(_ rule: Rule) -> Int {
        (window & (~0 >> UInt64(64 - rule.looks))).nonzeroBitCount
    }

    /// Whether what was seen last keeps it on. Half of the hits are enough, so that it does not flicker about their number.
    func holds(_ rule: Rule) -> Bool { rule.trigger == nil && hits(rule) >= (rule.hits + 1) / 2 }

    /// How long it stays on after a look that keeps it on. A level that a trigger asked for lasts at least as long as its look took, for there may
    /// be no other look to end it.
    private func leastTime(_ rule: Rule) -> Int64 { rule.trigger == nil || rule.isPulse ? rule.hold : max(rule.hold, lookTime) }
}

extension Rule {
    var isHeartbeat: Bool {
        if case .heartbeat = mode { true } else { false }
    }

    var isPulse: Bool {
        if case .pulse = mode { true } else { false }
    }
}
