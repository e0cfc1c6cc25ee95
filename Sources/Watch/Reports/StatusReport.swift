import BoardFile
import CDevices
import Messages
import TextDetection

// The status as JSON: for programs, the preview, and `textpin status`, which prints its `summary`.
extension WatchLoop {
    /// Once a second: the status, to its file, the service manager and the terminal; and what is to be done now and then.
    mutating func report(at time: Int64) {
        events.advance(to: time)
        feedWatchdog(at: time)
        if pace.advance(to: time) {
            let temperature = Int(pace.temperature)
            journal.note(
                .warning, at: time,
                pace.isHot
                    ? "the SoC has \(temperature, over: 1000, decimals: 0) degrees: half of the time is rested until it has cooled down"
                    : "the SoC has cooled down to \(temperature, over: 1000, decimals: 0) degrees")
        }
        guard statusFile.isDue(at: time) else { return }
        statistics.advance(to: time)
        writeStatus(at: time)
        _ = preview?.publish(status: statusFile.text.bytes)
        if let told = statusFile.write() { journal.note(.warning, at: time, told) }
        let line = statusLine(at: time)
        journal.showStatus { $0.write(line) }
        notify("STATUS=\(line)")
    }

    /// The one line that people see.
    private func statusLine(at time: Int64) -> Text {
        let (median, high) = statistics.total.percentiles(50, 95)
        let (network, _) = statistics.network.percentiles(50, 95)
        var line: Text = "\(health.state.name)"
        if let words = health.faultWords { line = "\(line): \(words)" }
        line = "\(line), \(statistics.frameRate.thousandths, over: 1000, decimals: 1) frames/s"
        line = "\(line), \(statistics.lookRate.thousandths, over: 1000, decimals: 1) looks/s"
        line =
            "\(line), \(median, over: 1000, decimals: 1) ms (p95 \(high, over: 1000, decimals: 1), network \(network, over: 1000, decimals: 1))"
        line = "\(line), \(lastLook?.detection.boxes.boxes.count ?? 0) texts, \(source.state.droppedCount) dropped"
        let damaged = source.state.damage.total
        if damaged > 0 { line = "\(line), \(damaged) damaged" }
        for index in 0..<lines.count {
            line = "\(line), \(engine.line(index).reference) \(engine.isOn(line: index) ? "on" : "off" as StaticString)"
        }
        if pace.temperature > 0 { line = "\(line), \(Int(pace.temperature), over: 1000, decimals: 0) C" }
        return line
    }

    /// As long as the loop runs it makes progress, since it closes a camera that gives nothing; so it is fed here and nowhere else.
    private mutating func feedWatchdog(at time: Int64) {
        guard watchdogInterval > 0, time >= nextWatchdogAt else { return }
        nextWatchdogAt = time + watchdogInterval
        notify("WATCHDOG=1")
    }

    /// Writes the status into `statusFile.text`.
    mutating func writeStatus(at time: Int64) {
        statusFile.text.clear()
        let (state, since) = (health.state.name, Int(time - health.stateSince))
        statusFile.text.write("{\"process\":\(Int(textpin_process()))")
        statusFile.text.write(",\"monotonic_ns\":\(Int(time)),\"state\":\"\(state)\"")
        statusFile.text.write(",\"since_s\":\(since / 1_000_000, over: 1000, decimals: 1)")
        writeCamera()
        writeFrames(at: time)
        writeLines()
        writeRules(at: time)
        writeZones()
        if let problem = health.boardProblem {
            statusFile.text.write(",\"board_problem\":")
            statusFile.text.write(json: problem)
        }
        writeSummary(at: time)
        statusFile.text.write("}\n")
    }

    private mutating func writeCamera() {
        guard let camera = source.camera else {
            let description = source.description
            statusFile.text.write(",\"camera\":{\"name\":")
            statusFile.text.write(json: description)
            statusFile.text.write("}")
            return
        }
        let streaming = camera.streaming
        statusFile.text.write(",\"camera\":{\"name\":")
        camera.card.read { statusFile.text.write(json: $0) }
        statusFile.text.write(",\"path\":")
        camera.path.read { statusFile.text.write(json: $0) }
        let format: Text = "\(fourcc: streaming.fourcc)"
        statusFile.text.write(",\"format\":")
        statusFile.text.write(json: format)
        statusFile.text.write(",\"width\":\(streaming.width),\"height\":\(streaming.height)")
        statusFile.text.write(
            ",\"rate\":\(Int(streaming.rate_thousandths), over: 1000, decimals: 1)},\"reopened\":\(max(source.state.openCount - 1, 0))")
    }

    private mutating func writeFrames(at time: Int64) {
        if let look = lastLook {
            statusFile.text.write(",\"frame\":{\"sequence\":\(Int(look.sequence)),\"age_ms\":\(Int(max(time - look.time, 0)) / 1_000_000)")
            statusFile.text.write(",\"boxes\":\(look.detection.boxes.boxes.count)}")
        }
        statusFile.text.write(",\"rates\":{\"frames\":\(statistics.frameRate.thousandths, over: 1000, decimals: 1)")
        statusFile.text.write(",\"looks\":\(statistics.lookRate.thousandths, over: 1000, decimals: 1)},\"milliseconds\":{")
        write("", "prepare", statistics.prepare)
        write(",", "network", statistics.network)
        write(",", "boxes", statistics.boxes)
        write(",", "total", statistics.total)
        write(",", "besides_network", statistics.besidesNetwork)
        let damage = source.state.damage
        statusFile.text.write("},\"frames\":{\"taken\":\(statistics.takenCount),\"looked\":\(statistics.lookCount)")
        statusFile.text.write(",\"skipped_still\":\(statistics.stillCount),\"dropped\":\(source.state.droppedCount)")
        statusFile.text.write(",\"damaged\":{\"flagged\":\(damage.flagged),\"length\":\(damage.wrongLength)")
        statusFile.text.write(",\"markers\":\(damage.wrongMarkers),\"jpeg\":\(damage.undecodable)}}")
        statusFile.text.write(",\"events_dropped\":\(events.droppedCount),\"samples\":\(samples.count)")
        if pace.temperature > 0 { statusFile.text.write(",\"temperature_c\":\(Int(pace.temperature), over: 1000, decimals: 1)") }
        let clock = Int(textpin_clock_kilohertz())
        if clock > 0 { statusFile.text.write(",\"clock_mhz\":\(clock / 1000)") }
    }

    private mutating func write(_ separator: StaticString, _ name: StaticString, _ times: StageTimes) {
        let (median, high) = times.percentiles(50, 95)
        statusFile.text.write(
            "\(separator)\"\(name)\":{\"p50\":\(median, over: 1000, decimals: 3),\"p95\":\(high, over: 1000, decimals: 3)}")
    }

    private mutating func writeLines() {
        statusFile.text.write(",\"lines\":[")
        for index in 0..<lines.count {
            let state = lines.state(index)
            statusFile.text.write(index == 0 ? "{\"name\":" : ",{\"name\":")
            statusFile.text.write(json: engine.line(index).reference)
            statusFile.text.write(engine.isOn(line: index) ? ",\"on\":true" : ",\"on\":false")
            statusFile.text.write(state.safeIsOn ? ",\"safe\":true" : ",\"safe\":false")
            if state.error != 0 { statusFile.text.write(",\"problem\":\"\(textpin_error_text(state.error))\"") }
            statusFile.text.write("}")
        }
        statusFile.text.write("]")
    }

    private mutating func writeRules(at time: Int64) {
        statusFile.text.write(",\"rules\":[")
        for index in 0..<engine.ruleCount {
            let rule = engine.status(ofRule: index)
            let why = rule.why(at: time)
            statusFile.text.write(index == 0 ? "{\"name\":" : ",{\"name\":")
            statusFile.text.write(json: rule.name.bytes)
            statusFile.text.write(",\"line\":")
            statusFile.text.write(json: engine.line(rule.line).reference)
            statusFile.text.write(rule.isOn ? ",\"on\":true,\"why\":" : ",\"on\":false,\"why\":")
            statusFile.text.write(json: why)
            statusFile.text.write("}")
        }
        statusFile.text.write("]")
    }

    private mutating func writeZones() {
        let board = boardText.board
        statusFile.text.write(",\"frame_size\":[\(board.frameSize.width),\(board.frameSize.height)],\"zones\":[")
        for index in board.zones.indices {
            let zone = board.zones[index]
            statusFile.text.write(index == 0 ? "{\"name\":" : ",{\"name\":")
            statusFile.text.write(json: zone.name.bytes)
            statusFile.text.write(",\"points\":[")
            for corner in zone.corners.indices {
                let point = zone.corners[corner]
                statusFile.text.write(corner == 0 ? "[\(point.x),\(point.y)]" : ",[\(point.x),\(point.y)]")
            }
            statusFile.text.write("]}")
        }
        statusFile.text.write("]")
    }

    /// What `textpin status` prints: how it is, and why each line is as it is.
    private mutating func writeSummary(at time: Int64) {
        let line = statusLine(at: time)
        let description = source.description
        statusFile.text.write(",\"summary\":[")
        statusFile.text.write(json: line)
        statusFile.text.write(",")
        statusFile.text.write(json: description)
        for index in 0..<lines.count {
            for ruleIndex in 0..<engine.ruleCount {
                let rule = engine.status(ofRule: ruleIndex)
                guard rule.line == index else { continue }
                let isOn: StaticString = engine.isOn(line: index) ? "on" : "off"
                let text: Text = "\(engine.line(index).reference) is \(isOn): rule \(rule.name): \(rule.why(at: time))"
                statusFile.text.write(",")
                statusFile.text.write(json: text)
            }
        }
        if let problem = health.boardProblem {
            let text: Text = "the board file that was read last is not in force: \(problem)"
            statusFile.text.write(",")
            statusFile.text.write(json: text)
        }
        statusFile.text.write("]")
    }
}

extension RuleStatus {
    /// Why it is on or off, in words.
    func why(at time: Int64) -> Text {
        let seconds = Int(max(time - since, 0)) / 100_000_000
        if phase == .noSight { return "there is no picture, so the line is at its safe level" }
        let state: Text =
            switch phase {
            case .noSight, .waitingForTrigger: "waiting for its trigger"
            case .off: "off"
            case .minimumOff: "off at least for a while"
            case .on: "on"
            case .held: "on for its least time"
            }
        let found: Text = looks == 0 ? "" : ", \(hits) of the last \(looks) looks hit, \(requiredHits) turn it on"
        let score: Text =
            bestScore > 0 ? ", \(matchingBoxes) fitting texts in the last, best score \(Int(bestScore), over: 65535, decimals: 2)" : ""
        return "\(state) for \(seconds, over: 10, decimals: 1) s\(found)\(score)"
    }
}

extension TextWriter where Self: ~Copyable {
    /// A GPIO line as a JSON string.
    mutating func write(json reference: LineReference) {
        let text: Text = "\(reference)"
        write(json: text)
    }
}
