import Testing
import Watch

/// The camera goes, and the board file changes.
@Suite struct SightTests {
    static let text = LevelTests.text

    @Test func linesAreSafeUntilTheFirstLook() throws {
        let board = try Board(
            "[rule a]\nline = A\n[rule b]\nline = B\nsafe = on\nactive = low\n[rule c]\nline = C\nmode = heartbeat 1s\nsafe = on")
        var engine = RuleEngine(board.file)
        let levels = { (engine: RuleEngine) in (0..<3).map { engine.isOn(line: $0) } }
        #expect((0..<3).map { engine.line($0).safeIsOn } == [false, true, true])
        #expect((0..<3).map { engine.line($0).isActiveLow } == [false, true, false])
        #expect(levels(engine) == [false, true, true])
        engine.advance(to: milliseconds(1000))
        #expect(levels(engine) == [false, true, true])
        engine.look([], at: milliseconds(1100))
        #expect(levels(engine) == [false, false, true])
    }

    @Test func aLostCameraMakesLinesSafeAndForgetsWhatWasSeen() throws {
        let board = try Board("[rule a]\nhold = 10s")
        var engine = RuleEngine(board.file)
        engine.look(Self.text, at: milliseconds(0))
        engine.look(Self.text, at: milliseconds(100))
        #expect(engine.isOn(line: 0))
        engine.loseSight(at: milliseconds(200))
        #expect(!engine.isOn(line: 0) && engine.nextDeadline == nil)
        // One look of two; those ahead of the loss do not count.
        engine.look(Self.text, at: milliseconds(300))
        #expect(!engine.isOn(line: 0))
        engine.look(Self.text, at: milliseconds(400))
        #expect(engine.isOn(line: 0))
    }

    @Test func aLossKeepsTheLeastTimeOff() throws {
        for safe in ["off", "on"] {
            let board = try Board("[rule a]\non = 1 of 1\noff = 1s\nsafe = \(safe)")
            var engine = RuleEngine(board.file)
            engine.look(Self.text, at: milliseconds(0))
            engine.loseSight(at: milliseconds(200))
            #expect(engine.isOn(line: 0) == (safe == "on"))
            engine.look([], at: milliseconds(400))
            engine.look(Self.text, at: milliseconds(500))
            // It went off with the camera, or with the first look after it.
            #expect(!engine.isOn(line: 0) && engine.nextDeadline == milliseconds(safe == "on" ? 1400 : 1200))
        }
    }

    @Test func aTriggerFromAheadOfTheLossIsForgotten() throws {
        let board = try Board("[rule a]\ntrigger = trigger\nhold = 1s")
        var engine = RuleEngine(board.file)
        engine.look([], at: 0)
        engine.triggerFired(0, at: milliseconds(10))
        engine.loseSight(at: milliseconds(20))
        #expect(engine.wantsLook)
        engine.look(Self.text, at: milliseconds(30))
        #expect(!engine.isOn(line: 0))
        // At the start too: what asks for the first look gets it.
        engine.loseSight(at: milliseconds(40))
        engine.triggerFired(0, at: milliseconds(50))
        engine.look(Self.text, at: milliseconds(60))
        #expect(engine.isOn(line: 0))
    }

    // MARK: Another board file

    private static let zones = "[zone l]\npoints = 0,0 320,0 320,480 0,480\n[zone r]\npoints = 320,0 640,0 640,480 320,480\n"

    /// An engine that has seen text for 300 ms adopted by one of another file.
    private static func reloaded(_ before: String, _ after: String, _ body: (inout RuleEngine) -> Void) throws {
        let (old, new) = (try Board(before), try Board(after))
        var engine = RuleEngine(old.file)
        for look in 0...3 { engine.look(text, at: milliseconds(100 * look)) }
        var next = RuleEngine(new.file)
        next.adopt(engine)
        body(&next)
        withExtendedLifetime((old, new)) {}
    }

    @Test func rulesThatSayTheSameKeepTheirState() throws {
        // Another rule ahead of it, zones in another order, a default that is written out, a purpose instead of its line.
        let before = Self.zones + "[rule a]\nzone = r\nhold = 1s"
        let after =
            "[rule other]\nline = B\n[zone x]\npoints = 320,0 640,0 640,480 320,480\n[rule a]\nline = GPIO17\nzone = x\nhold = 1000ms\non = 2 of 3"
        try Self.reloaded(before, after) { engine in
            #expect((0..<2).map { engine.isOn(line: $0) } == [false, true])
            #expect(engine.status(ofRule: 1).since == milliseconds(100))
            engine.look([], at: milliseconds(400))
            engine.look([], at: milliseconds(500))
            engine.look([], at: milliseconds(600))
            #expect(engine.isOn(line: 1) && engine.nextDeadline == milliseconds(1500))
        }
    }

    @Test(arguments: [
        "zone = l", "boxes = 2", "score = 0.5", "height = 5", "width = 5", "on = 2 of 4", "hold = 2s", "off = 2s", "mode = pulse 1s",
        "line = GPIO18", "trigger = GPIO19",
    ])
    func aRuleThatSaysSomethingElseBeginsAnew(key: String) throws {
        try Self.reloaded(Self.zones + "[rule a]\noff = 1s\n", Self.zones + "[rule a]\n" + key) { engine in
            #expect(!engine.isOn(line: 0) && engine.status(ofRule: 0).hits == 0)
        }
    }

    @Test func aLineThatARereadTurnsOffHasItsLeastTimeOff() throws {
        try Self.reloaded("[rule a]", "[rule b]\non = 1 of 1\noff = 1s") { engine in
            engine.look(Self.text, at: milliseconds(400))
            #expect(!engine.isOn(line: 0) && engine.nextDeadline == milliseconds(1300))
        }
    }

    @Test func withoutSightTheNewLevelsAreSafe() throws {
        let (old, new) = (try Board("[rule a]"), try Board("[rule a]\nsafe = on"))
        var engine = RuleEngine(old.file)
        engine.look(Self.text, at: 0)
        engine.loseSight(at: milliseconds(10))
        var next = RuleEngine(new.file)
        next.adopt(engine)
        #expect(next.isOn(line: 0) && next.status(ofRule: 0).phase == .noSight)
        withExtendedLifetime((old, new)) {}
    }
}
