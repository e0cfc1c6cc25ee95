import Testing
import Watch

/// `on`, `hold`, `off`, and lines that rules share. A look every 100 ms unless a test says otherwise.
@Suite struct LevelTests {
    static let text = [TestBox(x: 320, y: 240)]

    /// The line's levels after each look; a letter is a look with text, a dot one without.
    static func levels(_ sections: String, _ looks: String) throws -> String {
        let board = try Board(sections)
        var engine = RuleEngine(board.file)
        return String(
            looks.enumerated().map { index, look in
                engine.look(look == "." ? [] : text, at: milliseconds(100 * index))
                return engine.isOn(line: 0) ? "#" : "_"
            } as [Character])
    }

    @Test func aFileWithoutRulesHasOneForText() throws {
        let board = try Board("")
        let engine = RuleEngine(board.file)
        #expect(engine.ruleCount == 1 && engine.lineCount == 1 && engine.triggerCount == 0)
        #expect(!engine.line(0).isActiveLow && !engine.line(0).safeIsOn)
    }

    @Test(arguments: [
        // 2 of the last 3 turn it on, and it goes off when none of 3 is left.
        ("", "t.t...", "__###_"), ("", "t..t..t", "_______"), ("", "tt.t.t..t...", "_##########_"),
        ("[rule a]\non = 1 of 1", ".t.tt.", "_#_##_"),
        // Half of 4 keep it on, half of 3 are 2.
        ("[rule a]\non = 4 of 4", "tttt..tt...", "___#######_"), ("[rule a]\non = 3 of 5", "ttt....", "__####_"),
        ("[rule a]\non = 1 of 4", "t......t", "####___#"),
    ])
    func itGoesOnWithEnoughHits(sections: String, looks: String, levels: String) throws {
        #expect(try Self.levels(sections, looks) == levels)
    }

    @Test func windowsHave64Looks() throws {
        let looks = String(repeating: "t", count: 64) + String(repeating: ".", count: 33)
        let levels = String(repeating: "_", count: 63) + String(repeating: "#", count: 33) + "_"
        #expect(try Self.levels("[rule a]\non = 64 of 64", looks) == levels)
    }

    @Test func itIsHeldAfterItsConditionLastHeld() throws {
        let board = try Board("[rule a]\non = 1 of 1\nhold = 250ms")
        var engine = RuleEngine(board.file)
        engine.look(Self.text, at: milliseconds(0))
        engine.look(Self.text, at: milliseconds(100))
        #expect(engine.nextDeadline == nil)
        engine.look([], at: milliseconds(200))
        #expect(engine.isOn(line: 0) && engine.nextDeadline == milliseconds(350))
        engine.advance(to: milliseconds(350) - 1)
        #expect(engine.isOn(line: 0))
        engine.advance(to: milliseconds(350))
        #expect(!engine.isOn(line: 0) && engine.nextDeadline == nil)
    }

    @Test func textThatComesBackWithinTheHoldLeavesItOn() throws {
        let board = try Board("[rule a]\non = 1 of 1\nhold = 250ms")
        var engine = RuleEngine(board.file)
        engine.look(Self.text, at: milliseconds(0))
        engine.look([], at: milliseconds(100))
        engine.look(Self.text, at: milliseconds(200))
        engine.look([], at: milliseconds(300))
        #expect(engine.nextDeadline == milliseconds(450))
        engine.look([], at: milliseconds(440))
        #expect(engine.isOn(line: 0))
    }

    @Test func itStaysOffForLongEnough() throws {
        let board = try Board("[rule a]\non = 1 of 1\noff = 500ms")
        var engine = RuleEngine(board.file)
        // Nothing was on before the start.
        engine.look(Self.text, at: milliseconds(0))
        #expect(engine.isOn(line: 0))
        engine.look([], at: milliseconds(100))
        engine.look(Self.text, at: milliseconds(200))
        #expect(!engine.isOn(line: 0) && engine.nextDeadline == milliseconds(600))
        engine.look([], at: milliseconds(300))
        #expect(engine.nextDeadline == nil)
        engine.look(Self.text, at: milliseconds(400))
        engine.advance(to: milliseconds(600) - 1)
        #expect(!engine.isOn(line: 0))
        engine.advance(to: milliseconds(600))
        #expect(engine.isOn(line: 0))
    }

    @Test func aSharedLineIsOnWhileAnyRuleIs() throws {
        let board = try Board(
            "[zone l]\npoints = 0,0 100,0 100,480 0,480\n[zone r]\npoints = 200,0 640,0 640,480 200,480\n"
                + "[rule a]\nzone = l\non = 1 of 1\n[rule b]\nzone = r\non = 1 of 1\nhold = 300ms\noff = 1s")
        var engine = RuleEngine(board.file)
        #expect(engine.ruleCount == 2 && engine.lineCount == 1)
        let (left, right) = (TestBox(x: 50, y: 100), TestBox(x: 300, y: 100))
        engine.look([left], at: milliseconds(0))
        engine.look([left, right], at: milliseconds(100))
        engine.look([], at: milliseconds(200))
        #expect(engine.isOn(line: 0) && engine.nextDeadline == milliseconds(400))
        engine.advance(to: milliseconds(400))
        #expect(!engine.isOn(line: 0))
        // The right rule must wait for the line, the left one need not; and with the line on, neither does.
        engine.look([right], at: milliseconds(500))
        #expect(!engine.isOn(line: 0) && engine.nextDeadline == milliseconds(1400))
        engine.look([left, right], at: milliseconds(600))
        #expect(engine.isOn(line: 0))
        #expect(engine.status(ofRule: 1).isOn)
    }

    @Test func anEarlierTimeCountsAsTheLatest() throws {
        let board = try Board("[rule a]\non = 1 of 1\nhold = 100ms")
        var engine = RuleEngine(board.file)
        engine.look(Self.text, at: milliseconds(1000))
        engine.look([], at: milliseconds(500))
        engine.advance(to: milliseconds(0))
        #expect(engine.isOn(line: 0) && engine.nextDeadline == milliseconds(1100))
    }
}
