import Testing
import Watch

@Suite struct LevelTests {
    static let text = [TestBox(x: 320, y: 240)]

    @Test func aFileWithoutRulesHasOneForText() throws {
        let board = try Board("")
        var engine = RuleEngine(board.file)
        #expect(engine.ruleCount == 1 && engine.lineCount == 1 && engine.triggerCount == 0)
        #expect(!engine.line(0).isActiveLow && !engine.line(0).safeIsOn)
        let levels = [true, false, true, false, false, false].enumerated().map { look, hasText in
            engine.look(hasText ? Self.text : [], at: milliseconds(100 * look))
            return engine.isOn(line: 0)
        }
        // 2 of the last 3 turn it on, and 0 of the last 3 off.
        #expect(levels == [false, false, true, true, true, false])
    }
}
