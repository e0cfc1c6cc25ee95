import Testing
import Watch

@Suite struct TriggerTests {
    static let text = LevelTests.text

    private static func engine(_ keys: String, _ body: (inout RuleEngine) throws -> Void) throws {
        let board = try Board("[rule a]\ntrigger = trigger\n" + keys)
        var engine = RuleEngine(board.file)
        #expect(engine.triggerCount == 1)
        // The first frame is looked at, for it shows that the camera is there; it decides nothing.
        #expect(engine.wantsLook)
        engine.look(text, at: 0)
        #expect(!engine.isOn(line: 0) && !engine.wantsLook)
        try body(&engine)
    }

    @Test func theNextLookAloneDecides() throws {
        try Self.engine("hold = 300ms") { engine in
            engine.look(Self.text, at: milliseconds(100))
            engine.triggerFired(0, at: milliseconds(200))
            #expect(engine.wantsLook && !engine.isOn(line: 0))
            engine.look(Self.text, at: milliseconds(250))
            #expect(engine.isOn(line: 0) && !engine.wantsLook && engine.nextDeadline == milliseconds(550))
            // Looks that nobody asked for change nothing.
            engine.look([], at: milliseconds(300))
            #expect(engine.isOn(line: 0) && engine.nextDeadline == milliseconds(550))
            engine.advance(to: milliseconds(550))
            #expect(!engine.isOn(line: 0))
            engine.triggerFired(0, at: milliseconds(600))
            engine.look([], at: milliseconds(650))
            engine.look(Self.text, at: milliseconds(700))
            #expect(!engine.isOn(line: 0) && engine.nextDeadline == nil)
        }
    }

    @Test func anotherVerdictEndsTheHold() throws {
        try Self.engine("hold = 1s") { engine in
            engine.triggerFired(0, at: milliseconds(100))
            engine.look(Self.text, at: milliseconds(150))
            engine.triggerFired(0, at: milliseconds(200))
            engine.look([], at: milliseconds(250))
            #expect(!engine.isOn(line: 0))
        }
    }

    @Test func withoutAHoldItIsOnForTheTimeOfTheLook() throws {
        try Self.engine("") { engine in
            engine.triggerFired(0, at: milliseconds(100))
            // Fired again before the look: it counts from the first.
            engine.triggerFired(0, at: milliseconds(120))
            engine.look(Self.text, at: milliseconds(170))
            #expect(engine.isOn(line: 0) && engine.nextDeadline == milliseconds(240))
        }
    }

    @Test func aPulseForEachHit() throws {
        try Self.engine("mode = pulse 20ms") { engine in
            for start in [100, 200] {
                engine.triggerFired(0, at: milliseconds(start))
                engine.look(Self.text, at: milliseconds(start + 50))
                #expect(engine.isOn(line: 0) && engine.nextDeadline == milliseconds(start + 70))
                engine.advance(to: milliseconds(start + 70))
                #expect(!engine.isOn(line: 0))
            }
        }
    }

    /// What comes late would be a signal for the wrong thing.
    @Test func aHitWithinTheLeastTimeOffIsDropped() throws {
        try Self.engine("hold = 50ms\noff = 500ms") { engine in
            engine.triggerFired(0, at: milliseconds(100))
            engine.look(Self.text, at: milliseconds(110))
            engine.advance(to: milliseconds(160))
            engine.triggerFired(0, at: milliseconds(200))
            engine.look(Self.text, at: milliseconds(210))
            #expect(!engine.isOn(line: 0) && engine.nextDeadline == nil)
            engine.advance(to: milliseconds(1000))
            #expect(!engine.isOn(line: 0))
        }
    }

    @Test func rulesWaitForTheirOwnTriggers() throws {
        let board = try Board(
            "[rule a]\nline = A\ntrigger = x\nhold = 1s\n[rule b]\nline = B\ntrigger = y\nhold = 1s\n[rule c]\nline = C\ntrigger = x\nhold = 1s"
        )
        var engine = RuleEngine(board.file)
        #expect(engine.triggerCount == 2)
        engine.look([], at: 0)
        engine.triggerFired(0, at: milliseconds(10))
        engine.look(Self.text, at: milliseconds(20))
        #expect((0..<3).map { engine.isOn(line: $0) } == [true, false, true])
    }

    @Test func aRuleWithoutATriggerAlwaysWantsLooks() throws {
        let board = try Board("[rule a]\nline = A\ntrigger = x\n[rule b]\nline = B\non = 1 of 1")
        var engine = RuleEngine(board.file)
        engine.look(Self.text, at: 0)
        #expect(engine.wantsLook)
        #expect((0..<2).map { engine.isOn(line: $0) } == [false, true])
    }
}
