import BoardFile
import Foundation
import Testing

/// `[zone]`, `[rule]` and `[watch]`. Line 17 is the first of what a test adds.
@Suite struct RuleSectionTests {
    static let start = """
        [board]
        name = Some Board 7
        cpus = 4
        cores = cortex-a55 cortex-a76
        kernels = neon-dotprod
        threads = 3
        memory-megabytes = 128
        [model]
        network = PP-OCRv3
        size = 640x480
        [camera]
        formats = YUYV
        size = 640x480
        [lines]
        text = GPIO17
        trigger = gpio4:10

        """

    static func file(_ lines: [String]) -> String { start + lines.joined(separator: "\n") }

    // MARK: What is said

    @Test func whatIsNotGivenHasADefault() throws {
        for lines in [[], ["[rule text]"]] {
            try readBoardFile(Self.file(lines)) { board in
                #expect(values(board.rules).map { text($0.name) } == ["text"])
                let rule = board.rules[0]
                #expect(rule.output == 0 && rule.trigger == nil && rule.zones == 0 && rule.boxes == 1 && rule.score == 0)
                #expect(rule.height == 0 && rule.width == 0 && rule.hits == 2 && rule.looks == 3 && rule.hold == 0 && rule.off == 0)
                #expect(rule.mode == .level)
                #expect(values(board.outputs).map { text($0.reference) } == ["GPIO17"])
                #expect(!board.outputs[0].isActiveLow && !board.outputs[0].safeIsOn)
                #expect(board.triggers.count == 0 && board.zones.count == 0)
                let watch = board.watch
                #expect((watch.frameInterval, watch.still, watch.lookInterval, watch.hot) == (0, 0, 2_000_000_000, 80))
            }
        }
    }

    @Test func withoutALineForTextThereIsNoRule() throws {
        try readBoardFile(Self.start.replacingText("text = GPIO17\n", with: "")) { board in
            #expect(board.rules.count == 0 && board.outputs.count == 0)
        }
    }

    @Test func everyKeyArrives() throws {
        let lines = [
            "[rule both]", "line = lamp", "zone = right left", "boxes = 3", "score = 0.75", "height = 8", "width = 20", "on = 3 of 10",
            "hold = 1500ms", "off = 2s", "mode = pulse 200ms", "active = low", "safe = on", "trigger = trigger",
            "[zone left]", "points = 0,0 320,0 320,480 0,480",
            "[zone right]", "points = 640,480 640,0 400,240",
            "[lines]", "lamp = gpio1:3",
            "[watch]", "rate = 2.5", "still = 12", "look = 5min", "hot = 75",
        ]
        // 'on' and 'trigger' exclude each other.
        for missing in ["on = 3 of 10", "trigger = trigger"] {
            try readBoardFile(Self.file(lines.filter { $0 != missing })) { board in
                #expect(values(board.zones).map { text($0.name) } == ["left", "right"])
                #expect(values(board.zones[1].corners).map { "\($0.x),\($0.y)" } == ["640,480", "640,0", "400,240"])
                let rule = board.rules[0]
                #expect(text(rule.name) == "both")
                #expect(rule.zones == 0b11 && rule.boxes == 3 && rule.height == 8 && rule.width == 20)
                // 0.75 x 65535 = 49151.25
                #expect(rule.score == 49_151)
                #expect(rule.hold == 1_500_000_000 && rule.off == 2_000_000_000 && rule.mode == .pulse(200_000_000))
                #expect(values(board.outputs).map { text($0.reference) } == ["gpio1:3"])
                #expect(board.outputs[0].isActiveLow && board.outputs[0].safeIsOn)
                if missing == "trigger = trigger" {
                    #expect(rule.hits == 3 && rule.looks == 10 && rule.trigger == nil)
                } else {
                    #expect(rule.trigger == 0 && values(board.triggers).map { text($0) } == ["gpio4:10"])
                }
                let watch = board.watch
                #expect(
                    (watch.frameInterval, watch.still, watch.lookInterval, watch.hot) == (400_000_000, 12, 300_000_000_000, 75))
            }
        }
    }

    @Test(arguments: [
        ("0ms", 0), ("1ms", 1), ("3s", 3000), ("2min", 120_000), ("24h", 86_400_000),
    ])
    func timesHaveUnits(time: String, milliseconds: Int64) throws {
        try readBoardFile(Self.file(["[rule a]", "hold = \(time)"])) { #expect($0.rules[0].hold == milliseconds * 1_000_000) }
    }

    @Test(arguments: [("0", 0), ("1", 65_535), ("1.0", 65_535), ("0.5", 32_768), ("0.0001", 7), ("0.60", 39_321)])
    func scoresAreExact(score: String, value: UInt16) throws {
        try readBoardFile(Self.file(["[rule a]", "score = \(score)"])) { #expect($0.rules[0].score == value) }
    }

    @Test func rulesShareLinesAndTriggers() throws {
        let lines = [
            "[rule a]", "line = GPIO5", "active = low", "[rule b]", "trigger = GPIO6", "[rule c]", "line = GPIO5", "trigger = GPIO6",
            "active = low", "safe = on", "[rule d]", "line = gpio1:5", "mode = heartbeat 1s",
        ]
        try readBoardFile(Self.file(lines)) { board in
            #expect(values(board.outputs).map { text($0.reference) } == ["GPIO5", "GPIO17", "gpio1:5"])
            #expect(values(board.rules).map(\.output) == [0, 1, 0, 2])
            #expect(values(board.rules).map(\.trigger) == [nil, 0, 0, nil])
            // What one rule says of a line is said for all.
            #expect(values(board.outputs).map(\.isActiveLow) == [true, false, false])
            #expect(values(board.outputs).map(\.safeIsOn) == [true, false, false])
            #expect(board.rules[3].mode == .heartbeat(1_000_000_000))
        }
    }

    @Test(arguments: [
        "0,0 640,0 640,480 0,480", "0,480 640,480 640,0 0,0", "10,10 20,10 30,10 30,30",
        // A spiral: its sides come close but never touch.
        "0,0 100,0 100,100 10,100 10,30 70,30 70,70 40,70 40,60 60,60 60,40 20,40 20,90 90,90 90,10 0,10",
    ])
    func simplePolygonsAreZones(points: String) throws {
        try readBoardFile(Self.file(["[zone a]", "points = \(points)"])) { board in
            #expect(board.zones[0].corners.count == points.split(separator: " ").count)
        }
    }

    // MARK: Mistakes

    struct Mistake: CustomTestStringConvertible, Sendable {
        var lines: [String]
        var error: String
        var nearest: String?
        var testDescription: String { lines.joined(separator: " | ") }

        init(_ lines: String..., error: String, nearest: String? = nil) {
            self.lines = lines
            self.error = error
            self.nearest = nearest
        }
    }

    @Test(arguments: headingMistakes + zoneMistakes + ruleMistakes + contradictions + watchMistakes)
    func mistakesAreToldByTheirPlace(_ expected: Mistake) throws {
        let found = try #require(mistake(in: Self.file(expected.lines)))
        #expect(found.text == expected.error)
        #expect(found.nearest == expected.nearest)
    }

    @Test func seventeenAreTooMany() throws {
        let names = (0..<17).map { "a\($0)" }
        #expect(mistake(in: Self.file(names.map { "[rule \($0)]" }))?.text == "33:7: there are too many rules: 16 are read")
        #expect(
            mistake(in: Self.file(names.map { "[zone \($0)]\npoints = 0,0 9,0 9,9" }))?.text
                == "49:7: there are too many zones: 16 are read")
        try readBoardFile(Self.file(names.dropLast().map { "[zone \($0)]\npoints = 0,0 9,0 9,9\n[rule \($0)]" })) { board in
            #expect(board.zones.count == 16 && board.rules.count == 16)
        }
    }

    @Test func aRuleWithoutALineNeedsOneForText() throws {
        let file = Self.start.replacingText("text = GPIO17", with: "lamp = GPIO17") + "[rule a]"
        #expect(mistake(in: file)?.text == "17:7: this rule has no line, and [lines] has none for text, which would be it")
    }

    /// Any byte of zones and rules changed: the file is read or refused, and nothing beyond its last byte is touched.
    @Test func damagedFilesAreReadOrRefused() throws {
        let sections =
            "[watch]\nrate = 1.5\n[zone a]\npoints = 0,0 640,0 9,9\n[rule b]\nzone = a\non = 2 of 3\nhold = 5ms\nmode = pulse 9ms\n"
        let bytes = Array(Self.file([sections]).utf8)
        var refused = 0
        for index in Self.start.utf8.count..<bytes.count {
            for byte in [0, 10, 32, 44, 46, 48, 57, 61, 93, 97, 109, 255] as [UInt8] {
                var changed = bytes
                changed[index] = byte
                do { try readBoardFile(changed) { _ in } } catch is BoardFileError { refused += 1 }
            }
        }
        #expect(refused > 100)
    }
}

extension String {
    func replacingText(_ old: String, with new: String) -> String {
        guard let range = self.range(of: old) else { return self }
        return replacingCharacters(in: range, with: new)
    }
}
