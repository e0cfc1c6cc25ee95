/// Lines 17 and on of a board file, and what is said of them.
extension RuleSectionTests {
    static let headingMistakes = [
        Mistake(
            "[zone]", error: "17:6: a zone's name was expected, such as [zone door]: up to 32 letters, digits, - and _, without accents"),
        Mistake(
            "[zone a b]", error: "17:7: a zone's name was expected, such as [zone door]: up to 32 letters, digits, - and _, without accents"
        ),
        Mistake(
            "[rule Tür]",
            error: "17:7: a rule's name was expected, such as [rule label]: up to 32 letters, digits, - and _, without accents"
        ),
        Mistake(
            "[rule abcdefghijklmnopqrstuvwxyz1234567]",
            error: "17:7: a rule's name was expected, such as [rule label]: up to 32 letters, digits, - and _, without accents"),
        Mistake("[zone a]", "points = 0,0 9,0 9,9", "[zone a]", error: "19:7: there is a zone of this name already"),
        Mistake("[rule a]", "[rule b]", "  [rule a]", error: "19:9: there is a rule of this name already"),
        Mistake(
            "[rules a]",
            error:
                "17:1: there is no such section: [board], [model], [camera], [gpio], [header], [lines], [watch], [zone NAME] or [rule NAME] was expected",
            nearest: "rule"),
        Mistake(
            "[watch a]",
            error:
                "17:1: there is no such section: [board], [model], [camera], [gpio], [header], [lines], [watch], [zone NAME] or [rule NAME] was expected",
            nearest: "watch"),
        Mistake(
            "[ ]",
            error:
                "17:1: there is no such section: [board], [model], [camera], [gpio], [header], [lines], [watch], [zone NAME] or [rule NAME] was expected"
        ),
    ]

    private static func zone(_ points: String, error: String) -> Mistake { Mistake("[zone a]", "points = \(points)", error: error) }

    static let zoneMistakes =
        [
            Mistake("[zone a]", error: "17:7: this zone has no points"),
            Mistake(
                "[zone a]", "point = 0,0 9,0 9,9", error: "18:1: there is no such key in [zone]: points was expected", nearest: "points"),
            Mistake("[zone a]", "points = 0,0 9,0 9,9", "points = 0,0 9,0 9,9", error: "19:1: this key stands here a second time"),
            zone("0,0 9,0", error: "18:10: a zone has 3 to 16 corners, such as 0,0 640,0 640,480"),
            zone(
                (0..<17).map { "\($0 * $0),\($0)" }.joined(separator: " "), error: "18:98: there are too many corners: 16 are read"),
        ]
        + ["9", "9,", ",9", "9,9,9", "-1,0", "9.5,0", "9 ,0", "x,y"].map {
            zone("0,0 \($0) 9,9", error: "18:14: a corner was expected: its x and y in pixels of the camera's size, such as 320,240")
        }
        + ["641,0", "0,481", "1000000,5"].map {
            zone("0,0 9,0 \($0)", error: "18:18: this corner lies outside the frame, whose size [camera] gives")
        }
        + [
            // A bow tie: its third side crosses the first.
            ("0,0 9,9 9,0 0,9", 18),
            // Its last side crosses the second.
            ("0,0 100,0 50,100 50,200 200,200 200,50", 42),
            // A corner twice in a row, also the last and the first.
            ("0,0 9,0 9,0 9,9", 14), ("0,0 9,0 9,9 0,0", 18),
            // There and back again.
            ("0,0 9,0 5,0 5,9", 14), ("5,5 9,5 9,9 20,9 20,5", 27), ("0,0 9,9 5,5", 14),
            // A side touches a corner, and a corner a side.
            ("0,0 10,0 10,10 5,0 0,10", 19), ("0,0 5,5 10,0 10,10 0,10 5,5", 29), ("0,0 20,0 20,20 10,20 10,10 5,10 10,10", 37),
            // Two sides lie on each other.
            ("0,0 10,0 10,10 8,0 2,0 0,10", 19),
        ].map { points, column in
            zone(
                points,
                error: "18:\(column): the side from this corner to the next one crosses or touches another: sides may meet at corners only")
        }

    private static func rule(_ line: String, _ column: Int, _ sentence: String, nearest: String? = nil) -> Mistake {
        Mistake("[rule a]", line, error: "18:\(column): \(sentence)", nearest: nearest)
    }

    private static let time = "is a time from 0ms to 24h, such as 500ms, 2s or 5min"
    private static let keys =
        "there is no such key in [rule]: line, zone, boxes, score, height, width, on, hold, off, mode, active, safe or trigger was expected"
    private static let line = "a chip's label, a colon and a place from 0 to 1023 were expected, such as gpio1:22"

    static let ruleMistakes =
        [
            rule("hieght = 5", 1, keys, nearest: "height"),
            rule("zones = a", 1, keys, nearest: "zone"),
            rule("min-boxes = 5", 1, keys),
            Mistake("[rule a]", "on = 2 of 3", "on = 2 of 3", error: "19:1: this key stands here a second time"),
            rule(
                "line = 17", 8,
                "a line's number changes with the kernel: give its name, or its chip's label and its place there, such as gpio1:22"),
            rule("line = gpio1:x", 8, line), rule("trigger = gpio1:1024", 11, line),
            rule("zone = a", 8, "there is no such zone: a section [zone NAME] was expected"),
            Mistake(
                "[zone left]", "points = 0,0 9,0 9,9", "[zone right]", "points = 0,0 9,0 9,9", "[rule a]", "zone = left rihgt",
                error: "22:13: there is no such zone: a section [zone NAME] was expected", nearest: "right"),
            Mistake(
                "[zone left]", "points = 0,0 9,0 9,9", "[rule a]", "zone = left left", error: "20:13: this zone stands here a second time"),
            rule("boxes = 0", 9, "boxes is a number from 1 to 1000"),
            rule("boxes = 1001", 9, "boxes is a number from 1 to 1000"),
            rule("height = 0", 10, "the least size of a box is a number of pixels from 1 to 4096"),
            rule("width = 5000", 9, "the least size of a box is a number of pixels from 1 to 4096"),
            rule("height = 481", 10, "no box is as high as that: height is of its shorter side, and the frame's is shorter"),
            rule("width = 801", 9, "no box is as wide as that: the frame's diagonal is shorter"),
            rule("mode = pulse 0ms", 14, "a pulse has a time from 1ms to 1h, such as pulse 200ms"),
            rule("mode = pulse", 13, "a pulse has a time from 1ms to 1h, such as pulse 200ms"),
            rule("mode = pulse 61min", 14, "a pulse has a time from 1ms to 1h, such as pulse 200ms"),
            rule("mode = heartbeat 19ms", 18, "a heartbeat has a time from 20ms to 1h, such as heartbeat 1s"),
            rule("mode = levle", 8, "mode is level, pulse TIME or heartbeat TIME, such as pulse 200ms", nearest: "level"),
            rule("mode = level 5ms", 8, "mode is level, pulse TIME or heartbeat TIME, such as pulse 200ms"),
            rule("active = on", 10, "active is high or low"), rule("safe = low", 8, "safe is off or on"),
            rule("on = 0 of 3", 6, "there are as many hits as looks at most, and at least one, such as 2 of 3"),
            rule("on = 4 of 3", 6, "there are as many hits as looks at most, and at least one, such as 2 of 3"),
            rule("on = 2 of 65", 11, "on counts the hits of the last 1 to 64 looks, such as 2 of 3"),
        ]
        + ["2", "2 of", "2/3", "2 in 3", "2 of 3 looks"].map {
            rule("on = \($0)", 6, "on is 'M of K', M hits of the last K looks, such as 2 of 3")
        }
        + ["1.0001", "2", "0.12345", ".5", "1.", "-0.5", "0,5", "60%"].map {
            rule("score = \($0)", 9, "score is a number from 0 to 1 with up to four decimals, such as 0.75")
        }
        + ["5", "ms", "1.5s", "5 s", "-5s", "5m", "25h", "1000001ms"].map { rule("hold = \($0)", 8, "hold \(time)") }
        + [rule("off = 1d", 7, "off \(time)")]

    static let contradictions = [
        Mistake(
            "[rule a]", "height = 20", "width = 19",
            error: "19:9: width is of a box's longer side and height of its shorter, so width is at least height"),
        Mistake("[rule a]", "trigger = GPIO3", "on = 2 of 3", error: "19:6: a rule with a trigger decides by one look: it has no 'on'"),
        Mistake(
            "[rule a]", "score = 0.5", "mode = heartbeat 1s",
            error: "18:9: a heartbeat beats whatever is seen: beside mode it has only line, active and safe"),
        Mistake(
            "[rule a]", "mode = heartbeat 1s", "trigger = trigger",
            error: "19:11: a heartbeat beats whatever is seen: beside mode it has only line, active and safe"),
        Mistake(
            "[rule a]", "active = low", "[rule b]", "active = high",
            error: "20:10: another rule of this line says otherwise: active is the same for all of them, and one may say it for all"),
        Mistake(
            "[rule a]", "line = GPIO17", "safe = off", "[rule b]", "line = text", "safe = on",
            error: "22:8: another rule of this line says otherwise: safe is the same for all of them, and one may say it for all"),
        Mistake(
            "[rule a]", "line = GPIO5", "trigger = GPIO5",
            error: "19:11: a rule drives this line, so it cannot be a trigger: a line is an output or an input"),
        Mistake(
            "[rule a]", "trigger = trigger", "[rule b]", "line = gpio4:10",
            error: "20:8: this line is another rule's trigger: a line is an output or an input"),
        Mistake(
            "[rule a]", "line = GPIO5", "trigger = text", "[rule b]",
            error: "20:7: this line is another rule's trigger: a line is an output or an input"),
        Mistake(
            "[rule a]", "[rule b]", "mode = heartbeat 1s",
            error: "18:7: two rules have this line, and one of them is a heartbeat, which needs a line of its own"),
        Mistake(
            "[rule a]", "mode = heartbeat 1s", "[rule b]", "line = GPIO17",
            error: "20:8: two rules have this line, and one of them is a heartbeat, which needs a line of its own"),
    ]

    static let watchMistakes =
        [
            Mistake(
                "[watch]", "threads = 3", error: "18:1: there is no such key in [watch]: rate, still, look or hot was expected"),
            Mistake(
                "[watch]", "stil = 3", error: "18:1: there is no such key in [watch]: rate, still, look or hot was expected",
                nearest: "still"),
            Mistake("[watch]", "hot = 80", "[watch]", "hot = 80", error: "20:1: this key stands here a second time"),
            Mistake(
                "[watch]", "still = 256", error: "18:9: still is a number of levels of brightness from 0 to 255, 0 to look at each frame"),
            Mistake("[watch]", "look = 9ms", error: "18:8: look is a time from 10ms to 1h, such as 2s"),
            Mistake("[watch]", "hot = 39", error: "18:7: hot is a number of degrees Celsius from 40 to 120"),
            Mistake("[watch]", "hot = 80C", error: "18:7: hot is a number of degrees Celsius from 40 to 120"),
        ]
        + ["0", "0.009", "1000.1", "fast", "1/2"].map {
            Mistake("[watch]", "rate = \($0)", error: "18:8: rate is a number of frames per second from 0.01 to 1000, such as 10 or 0.5")
        }
}
