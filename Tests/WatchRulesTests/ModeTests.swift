import Testing
import Watch

@Suite struct ModeTests {
    static let text = LevelTests.text

    @Test func aPulseForEachTimeThatTextComes() throws {
        let board = try Board("[rule a]\non = 1 of 1\nmode = pulse 150ms")
        var engine = RuleEngine(board.file)
        engine.look(Self.text, at: milliseconds(0))
        #expect(engine.isOn(line: 0) && engine.nextDeadline == milliseconds(150))
        engine.look(Self.text, at: milliseconds(100))
        #expect(engine.isOn(line: 0) && engine.nextDeadline == milliseconds(150))
        engine.advance(to: milliseconds(150))
        // As long as there is text there is no other.
        #expect(!engine.isOn(line: 0) && engine.nextDeadline == nil)
        engine.look(Self.text, at: milliseconds(300))
        #expect(!engine.isOn(line: 0))
        engine.look([], at: milliseconds(400))
        engine.look(Self.text, at: milliseconds(500))
        #expect(engine.isOn(line: 0) && engine.nextDeadline == milliseconds(650))
    }

    @Test func aPulseIsWholeThoughTextGoesAndComes() throws {
        let board = try Board("[rule a]\non = 1 of 1\nmode = pulse 350ms\noff = 100ms")
        var engine = RuleEngine(board.file)
        engine.look(Self.text, at: milliseconds(0))
        engine.look([], at: milliseconds(100))
        engine.look(Self.text, at: milliseconds(200))
        engine.look([], at: milliseconds(300))
        #expect(engine.isOn(line: 0) && engine.nextDeadline == milliseconds(350))
        engine.advance(to: milliseconds(350))
        engine.look(Self.text, at: milliseconds(400))
        #expect(!engine.isOn(line: 0) && engine.nextDeadline == milliseconds(450))
        engine.advance(to: milliseconds(450))
        #expect(engine.isOn(line: 0) && engine.nextDeadline == milliseconds(800))
    }

    @Test func aHeldRuleGivesNoSecondPulse() throws {
        let board = try Board("[rule a]\non = 1 of 1\nmode = pulse 50ms\nhold = 500ms")
        var engine = RuleEngine(board.file)
        engine.look(Self.text, at: milliseconds(0))
        engine.look([], at: milliseconds(100))
        engine.look(Self.text, at: milliseconds(400))
        #expect(!engine.isOn(line: 0) && engine.nextDeadline == nil)
        engine.look([], at: milliseconds(600))
        // 500 ms after 400 ms; the line is off all the while.
        engine.look(Self.text, at: milliseconds(950))
        #expect(engine.isOn(line: 0))
    }

    @Test func aHeartbeatTogglesWhileThereAreLooks() throws {
        let board = try Board("[rule a]\nmode = heartbeat 400ms")
        var engine = RuleEngine(board.file)
        #expect(!engine.isOn(line: 0) && engine.nextDeadline == nil)
        engine.look([], at: milliseconds(100))
        #expect(engine.isOn(line: 0))
        engine.look(Self.text, at: milliseconds(200))
        #expect(engine.isOn(line: 0) && engine.nextDeadline == milliseconds(300))
        engine.advance(to: milliseconds(300))
        #expect(!engine.isOn(line: 0))
        // Without another look it stops as it is, and goes on with the next.
        #expect(engine.nextDeadline == nil)
        engine.advance(to: milliseconds(2000))
        #expect(!engine.isOn(line: 0))
        engine.look([], at: milliseconds(2100))
        #expect(engine.isOn(line: 0))
    }
}
