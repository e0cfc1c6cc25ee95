import Testing
import Watch

/// The engine, told of events and woken at its own deadlines only, against the reference model at every millisecond.
@Suite struct RandomScheduleTests {
    static let schedulesPerSeed = 12_500

    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func levelsAreThoseOfTheReferenceModel(seed: UInt64) throws {
        var random = SplitMix(state: seed)
        var edges = 0
        var deadlines = 0
        for schedule in 0..<Self.schedulesPerSeed {
            var run = try Schedule(&random)
            if let difference = run.difference(&random) {
                Issue.record("seed \(seed), schedule \(schedule): \(difference)\n\(run.sections)")
                return
            }
            edges += run.edges
            deadlines += run.deadlines
        }
        // Not all is quiet.
        #expect(edges > 5 * Self.schedulesPerSeed && deadlines > Self.schedulesPerSeed)
    }
}

/// Rules by chance, and what happens to them for some hundred milliseconds.
private struct Schedule {
    let sections: String
    private let board: Board
    private let safeIsOn: [Bool]
    private var engine: RuleEngine
    private var model: ReferenceModel
    private var time = 0
    /// What the engine's lines are, and for each what it was from which time on.
    private var levels: [Bool]
    private var trace: [[(time: Int, isOn: Bool)]]
    private var losses: [Int] = []
    private(set) var deadlines = 0

    var edges: Int { trace.reduce(0) { $0 + $1.count - 1 } }

    init(_ random: inout SplitMix) throws {
        let lineCount = Int.random(in: 1...3, using: &random)
        safeIsOn = (0..<lineCount).map { _ in Int.random(in: 0..<4, using: &random) == 0 }
        var rules: [ReferenceModel.Rule] = []
        for line in 0..<lineCount {
            if Int.random(in: 0..<6, using: &random) == 0 {
                rules.append(.init(line: line, mode: .heartbeat(2 * Int.random(in: 10...30, using: &random))))
                continue
            }
            for _ in 0..<Int.random(in: 1...2, using: &random) { rules.append(Self.rule(line, &random)) }
        }
        var text = ""
        for (index, rule) in rules.enumerated() {
            let corner = 40 * index
            text += "[zone z\(index)]\npoints = \(corner),0 \(corner + 30),0 \(corner + 30),30 \(corner),30\n"
            text += Self.section(rule, index, safeIsOn: safeIsOn[rule.line])
        }
        sections = text
        board = try Board(text)
        // It numbers lines as rules name them, which is the order here.
        engine = RuleEngine(board.file)
        model = ReferenceModel(rules: rules, safeIsOn: safeIsOn)
        levels = safeIsOn
        trace = safeIsOn.map { [(0, $0)] }
    }

    private static func rule(_ line: Int, _ random: inout SplitMix) -> ReferenceModel.Rule {
        var rule = ReferenceModel.Rule(line: line)
        if Int.random(in: 0..<3, using: &random) == 0 {
            rule.trigger = Int.random(in: 0...1, using: &random)
        } else {
            rule.looks = Int.random(in: 1...6, using: &random)
            rule.hits = Int.random(in: 1...rule.looks, using: &random)
        }
        if Bool.random(using: &random) { rule.hold = Int.random(in: 0...40, using: &random) }
        if Bool.random(using: &random) { rule.off = Int.random(in: 0...40, using: &random) }
        if Int.random(in: 0..<3, using: &random) == 0 { rule.mode = .pulse(Int.random(in: 1...40, using: &random)) }
        return rule
    }

    private static func section(_ rule: ReferenceModel.Rule, _ index: Int, safeIsOn: Bool) -> String {
        var text = "[rule r\(index)]\nline = out\(rule.line)\nsafe = \(safeIsOn ? "on" : "off")\n"
        if case .heartbeat(let length) = rule.mode { return text + "mode = heartbeat \(length)ms\n" }
        text += "zone = z\(index)\nhold = \(rule.hold)ms\noff = \(rule.off)ms\n"
        if case .pulse(let length) = rule.mode { text += "mode = pulse \(length)ms\n" }
        return text + (rule.trigger.map { "trigger = in\($0)\n" } ?? "on = \(rule.hits) of \(rule.looks)\n")
    }

    /// Runs it; what was different first, or nil.
    mutating func difference(_ random: inout SplitMix) -> String? {
        // Long stretches with text and without: with an even chance, windows would hardly ever be full or empty.
        var chance = 50
        let interval = Int.random(in: 1...8, using: &random)
        for _ in 0..<80 {
            time += 1
            if let error = passTime() { return error }
            if time % 40 == 0 { chance = [5, 50, 95].randomElement(using: &random) ?? 50 }
            if Int.random(in: 0..<interval, using: &random) == 0, let error = look(chance, &random) { return error }
            switch Int.random(in: 0..<200, using: &random) {
            case 0..<8: fire(&random)
            case 8..<10:
                engine.loseSight(at: milliseconds(time))
                model.loseSight(at: time)
                losses.append(time)
            case 10..<14:
                // The same file read again changes nothing.
                var next = RuleEngine(board.file)
                next.adopt(engine)
                engine = next
            case 14..<24: engine.advance(to: milliseconds(time))
            default: continue
            }
            if let error = compare() { return error }
        }
        return brokenPromise
    }

    // MARK: What happens

    /// The model's time passes; the engine is woken if it asked for that.
    private mutating func passTime() -> String? {
        model.settle(at: time)
        guard let deadline = engine.nextDeadline, deadline < milliseconds(time + 1) else { return compare() }
        guard deadline == milliseconds(time) else { return "\(time) ms: the deadline is \(deadline) ns" }
        var early = engine
        early.advance(to: deadline - 1)
        guard Self.levels(of: early) == levels else { return "\(time) ms: a line changes ahead of its deadline" }
        let before = levels
        engine.advance(to: deadline)
        if let error = compare() { return error }
        guard levels != before else { return "\(time) ms: nothing changes at the deadline" }
        deadlines += 1
        return nil
    }

    private mutating func look(_ chance: Int, _ random: inout SplitMix) -> String? {
        guard engine.wantsLook == model.wantsLook else { return "\(time) ms: wantsLook is \(engine.wantsLook)" }
        guard engine.wantsLook || Int.random(in: 0..<10, using: &random) == 0 else { return nil }
        let hits = model.rules.map { _ in Int.random(in: 0..<100, using: &random) < chance }
        let boxes = hits.indices.filter { hits[$0] }.map { TestBox(x: 40 * $0 + 15, y: 15, width: 8, height: 4) }
        engine.look(boxes, at: milliseconds(time))
        model.look(hits, at: time)
        return compare()
    }

    private mutating func fire(_ random: inout SplitMix) {
        guard let line = model.rules.compactMap(\.trigger).randomElement(using: &random) else { return }
        // The engine numbers triggers as rules name them.
        var order: [Int] = []
        for trigger in model.rules.compactMap(\.trigger) where !order.contains(trigger) { order.append(trigger) }
        guard let index = order.firstIndex(of: line) else { return }
        engine.triggerFired(index, at: milliseconds(time))
        model.fire(line, at: time)
    }

    private static func levels(of engine: RuleEngine) -> [Bool] { (0..<engine.lineCount).map { engine.isOn(line: $0) } }

    private mutating func compare() -> String? {
        levels = Self.levels(of: engine)
        for line in levels.indices where trace[line].last?.isOn != levels[line] { trace[line].append((time, levels[line])) }
        let expected = safeIsOn.indices.map { model.isOn($0) }
        return levels == expected ? nil : "\(time) ms: lines \(levels), expected \(expected)"
    }

    // MARK: What is promised of a line that has one rule, as seen from outside

    private var brokenPromise: String? {
        for line in trace.indices where !safeIsOn[line] {
            let rules = model.rules.filter { $0.line == line }
            guard rules.count == 1, let rule = rules.first else { continue }
            if case .heartbeat = rule.mode { continue }
            for (edge, next) in zip(trace[line], trace[line].dropFirst()) {
                let duration = next.time - edge.time
                if !edge.isOn {
                    if edge.time > 0, duration < rule.off { return "line \(line) is off for \(duration) ms at \(edge.time) ms" }
                } else if !losses.contains(next.time) {
                    if case .pulse(let length) = rule.mode {
                        if duration != length { return "line \(line) has a pulse of \(duration) ms at \(edge.time) ms" }
                    } else if rule.trigger == nil, duration < rule.hold {
                        return "line \(line) is on for \(duration) ms at \(edge.time) ms"
                    }
                }
            }
        }
        return nil
    }
}

/// Steele, Lea and Flood's SplitMix64: the same schedules everywhere.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }
}
