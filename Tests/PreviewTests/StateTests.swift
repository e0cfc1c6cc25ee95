import Foundation
import Testing
import Watch

/// `/status`, `/healthz` and `/metrics`.
struct StateTests {
    private static let status = #"""
        {"state":"watching","since_s":12.3,"camera":{"name":"A \"camera\" {x","path":"/dev/video0","format":"YUYV","width":640,"height":480,
        "rate":30.0,"reopened":5},"frame":{"sequence":1234,"age_ms":12,"boxes":3},"rates":{"frames":29.9,"looks":10.1},
        "milliseconds":{"prepare":{"p50":0.4,"p95":0.5},"network":{"p50":30.25,"p95":31},"boxes":{"p50":0.1,"p95":0.2},
        "total":{"p50":31,"p95":32}},"frames":{"taken":1001,"looked":1002,"skipped_still":1003,"dropped":1004,
        "damaged":{"flagged":1,"length":2,"markers":3,"jpeg":4}},"temperature_c":51.2,"clock_mhz":1500,
        "lines":[{"name":"GPIO17","on":true,"safe":false},{"name":"a\"b\\c\nd\u0007,]}","on":false,"safe":true}],
        "rules":[{"name":"gate","line":"GPIO17","on":true,"why":"3 of the last 5"}],"zones":[]}
        """#

    @Test func theStatusIsTheLoopsWithItsAge() throws {
        let scene = try Scene()
        #expect(try scene.viewer().ask("/status").text.contains("}"))
        scene.show(status: Self.status)
        let answer = try scene.viewer().ask("/status")
        var object = try #require(try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any])
        let age = try #require(object.removeValue(forKey: "status_age_ms") as? Int)
        #expect(age >= 0)
        let given = try #require(try JSONSerialization.jsonObject(with: Data(Self.status.utf8)) as? NSDictionary)
        #expect(given.isEqual(to: object))
    }

    @Test(arguments: [
        ("watching", 200), ("still", 200), ("waiting", 503), ("degraded", 503), ("frozen", 503), ("ended", 503), ("starting", 503),
        ("watchin", 503),
        ("watching ", 503), ("", 503),
    ])
    func healthIsTheState(_ state: String, status: Int) throws {
        let scene = try Scene()
        scene.show(status: "{\"camera\":{\"state\":\"watching\"},\"state\":\"\(state)\"}")
        let answer = try scene.viewer().ask("/healthz")
        #expect(answer.status == status)
        #expect(answer.text.hasPrefix(["watchin", "watching ", ""].contains(state) ? "starting" : state))
    }

    @Test(arguments: [
        "", "{", "}", "[]", "null", "\"state\"", "{\"state\":}", "{\"state\":\"watching", "{\"state\"}", "{,}", "{:}", "\\", "{\"\\",
    ])
    func nothingIsHealthyThatCannotBeRead(_ status: String) throws {
        let scene = try Scene()
        _ = scene.publish(status: status)
        #expect(try scene.viewer().ask("/healthz").status == 503)
        #expect(try scene.viewer().ask("/metrics").status == 200)
        #expect(try scene.viewer().ask("/status").status == 200)
    }

    @Test func aLoopThatSaysNothingIsNotHealthy() throws {
        let scene = try Scene()
        scene.show(status: Self.status)
        let viewer = try scene.viewer()
        #expect(try viewer.ask("/healthz").status == 200)
        var answer = try viewer.ask("/healthz")
        while answer.status == 200 {
            usleep(50_000)
            answer = try viewer.ask("/healthz")
        }
        #expect(answer.status == 503)
        #expect(answer.text.hasPrefix("stalled"))
        let metrics = try viewer.ask("/metrics").text
        #expect(metrics.contains("\ntextpin_healthy 0\n"))
        scene.show(status: Self.status)
        #expect(try viewer.ask("/healthz").status == 200)
    }

    @Test(arguments: [
        "textpin_healthy 1", #"textpin_state{state="watching"} 1"#, #"textpin_state{state="frozen"} 0"#, "textpin_frames_taken_total 1001",
        "textpin_frames_looked_total 1002", "textpin_frames_skipped_still_total 1003", "textpin_frames_dropped_total 1004",
        #"textpin_frames_damaged_total{reason="flagged"} 1"#, #"textpin_frames_damaged_total{reason="jpeg"} 4"#,
        "textpin_camera_reopened_total 5", "textpin_frames_per_second 29.9", "textpin_looks_per_second 10.1", "textpin_boxes 3",
        "textpin_frame_age_seconds 12e-3", #"textpin_stage_seconds{stage="network",percentile="50"} 30.25e-3"#,
        "textpin_temperature_celsius 51.2", "textpin_clock_hertz 1500e6", #"textpin_line_on{line="GPIO17"} 1"#,
        #"textpin_line_safe_level{line="a\"b\\c\nd?,]}"} 1"#, #"textpin_rule_on{rule="gate"} 1"#, "textpin_preview_encodes_total 0",
    ])
    func aMetricIsThere(_ line: String) throws {
        let scene = try Scene()
        scene.show(status: Self.status)
        #expect(try scene.viewer().ask("/metrics").text.split(separator: "\n").contains(Substring(line)))
    }

    @Test(arguments: ["{}", status])
    func metricsKeepToTheirGrammar(_ status: String) throws {
        let scene = try Scene()
        scene.show(status: status)
        let text = try scene.viewer().ask("/metrics").text
        #expect(text.hasSuffix("\n"))
        let sample = #/([a-z_]+)(\{[a-z_]+="(?:[^"\\\n]|\\[\\"n])*"(?:,[a-z_]+="(?:[^"\\\n]|\\[\\"n])*")*\})? -?[0-9.]+(?:e-?[0-9]+)?/#
        var types: [Substring: Substring] = [:]
        var samples: Set<Substring> = []
        for line in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("# TYPE ") {
                let words = line.split(separator: " ")
                #expect(types.updateValue(words[3], forKey: words[2]) == nil, "told twice: \(line)")
            } else if !line.hasPrefix("# HELP ") {
                let match = try #require(try sample.wholeMatch(in: line), "\(line)")
                let type = try #require(types[match.1], "\(line)")
                #expect((type == "counter") == match.1.hasSuffix("_total"))
                #expect(samples.insert(match.1 + (match.2 ?? "")).inserted, "twice: \(line)")
            }
        }
        #expect(samples.count > 10)
    }
}
