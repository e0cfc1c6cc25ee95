import Testing
import Watch

@Suite struct StatusTests {
    static let text = LevelTests.text

    @Test func itSaysWhyALineIsAsItIs() throws {
        let board = try Board("[rule label]\nscore = 0.6\nhold = 300ms\noff = 1s")
        var engine = RuleEngine(board.file)
        #expect(engine.status(ofRule: 0).phase == .noSight)
        engine.look([TestBox(score: 0.5, x: 50, y: 50)], at: milliseconds(100))
        var status = engine.status(ofRule: 0)
        #expect(String(decoding: status.name.bytes, as: UTF8.self) == "label")
        #expect(status.line == 0 && !status.isOn && status.hits == 0 && status.requiredHits == 2 && status.looks == 3)
        // What fits but for its score is told.
        #expect(status.matchingBoxes == 0 && status.bestScore == 32_768 && status.phase == .off)
        engine.look([TestBox(score: 0.7, x: 50, y: 50), TestBox(score: 0.8, x: 90, y: 50)], at: milliseconds(200))
        engine.look(Self.text, at: milliseconds(300))
        status = engine.status(ofRule: 0)
        #expect(status.isOn && status.since == milliseconds(300) && status.hits == 2 && status.phase == .on)
        #expect(status.matchingBoxes == 1 && status.bestScore == 65_535)
        for look in 4...6 { engine.look([], at: milliseconds(100 * look)) }
        status = engine.status(ofRule: 0)
        #expect(status.isOn && status.phase == .held && status.hits == 0 && status.matchingBoxes == 0 && status.bestScore == 0)
        engine.advance(to: milliseconds(800))
        status = engine.status(ofRule: 0)
        #expect(!status.isOn && status.phase == .minimumOff && status.since == milliseconds(800))
        engine.advance(to: milliseconds(1800))
        #expect(engine.status(ofRule: 0).phase == .off)
        engine.loseSight(at: milliseconds(1900))
        #expect(engine.status(ofRule: 0).phase == .noSight && engine.status(ofRule: 0).since == milliseconds(800))
    }

    @Test func aRuleWithATriggerWaits() throws {
        let board = try Board("[rule a]\ntrigger = trigger\nhold = 1s")
        var engine = RuleEngine(board.file)
        engine.look(Self.text, at: 0)
        #expect(engine.status(ofRule: 0).phase == .waitingForTrigger && engine.status(ofRule: 0).matchingBoxes == 0)
        engine.triggerFired(0, at: milliseconds(10))
        #expect(engine.status(ofRule: 0).phase == .off)
        engine.look(Self.text, at: milliseconds(20))
        let status = engine.status(ofRule: 0)
        #expect(status.phase == .on && status.hits == 1 && status.requiredHits == 1 && status.looks == 1 && status.matchingBoxes == 1)
        // It tells of the look that decided, not of those that nobody asked for.
        engine.look([], at: milliseconds(30))
        #expect(engine.status(ofRule: 0).matchingBoxes == 1)
        engine.advance(to: milliseconds(1020))
        #expect(engine.status(ofRule: 0).phase == .waitingForTrigger)
    }

    @Test func aHeartbeatIsOn() throws {
        let board = try Board("[rule a]\nmode = heartbeat 1s")
        var engine = RuleEngine(board.file)
        engine.look([], at: milliseconds(10))
        let status = engine.status(ofRule: 0)
        #expect(status.phase == .on && status.isOn && status.since == milliseconds(10))
        #expect(status.hits == 0 && status.requiredHits == 0 && status.looks == 0)
    }

    @Test func aPulseThatIsOverIsNotOn() throws {
        let board = try Board("[rule a]\non = 1 of 1\nmode = pulse 50ms")
        var engine = RuleEngine(board.file)
        engine.look(Self.text, at: 0)
        engine.advance(to: milliseconds(50))
        let status = engine.status(ofRule: 0)
        #expect(!status.isOn && status.since == milliseconds(50) && status.phase == .on)
    }
}
