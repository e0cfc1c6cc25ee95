import BoardFile
import CDevices
import Inference
import Messages
import TextDetection

extension WatchLoop {
    /// Takes the newest frame, if there is one, and does with it what is to be done.
    mutating func takeFrame(at time: Int64) {
        var change = CameraSource.Change.none
        let frame = source.takeNewest(at: time, change: &change)
        note(change, at: time)
        guard let frame else { return }
        consider(frame, at: time)
        if let told = samples.consider(frame.view, at: time) { journal.note(.warning, at: time, told) }
        note(source.giveBack(frame, at: textpin_monotonic_nanoseconds()), at: time)
    }

    private mutating func consider(_ frame: SourceFrame, at time: Int64) {
        statistics.takenCount += 1
        statistics.frameRate.note()
        health.noteFrame(at: time)
        guard engine.wantsLook else {
            // Nobody compares it with another, so nobody can say that the camera is frozen.
            health.noteChange(255, isLive: true, at: time)
            return
        }
        guard pace.allowsLook(at: time) else { return }
        detector.prepare(frame.view)
        let change = pace.stillThreshold > 0 ? stillness.change(detector.network.input, threshold: pace.stillThreshold) : 255
        health.noteChange(change, isLive: source.state.isLive, at: time)
        if pace.mayRest(change: change, at: time), !(preview?.lacksFrame ?? false), let lastLook {
            health.isStill = true
            statistics.stillCount += 1
            // What is seen has not changed, so neither has what was found in it.
            engine.observe(lastLook.detection.boxes, lastLook.scale, at: time)
            driveLines(at: time)
            return
        }
        health.isStill = false
        look(frame, at: time)
    }

    private mutating func look(_ frame: SourceFrame, at time: Int64) {
        let detection = detector.look()
        guard
            let scale = PhotoScale(
                photoWidth: frame.view.width, photoHeight: frame.view.height, scaledWidth: detection.pictureWidth,
                scaledHeight: detection.pictureHeight)
        else { return }
        lastLook = Look(detection: detection, scale: scale, sequence: frame.sequence, time: frame.time)
        let looked = textpin_monotonic_nanoseconds()
        engine.observe(detection.boxes, scale, at: looked)
        driveLines(at: looked)
        let done = textpin_monotonic_nanoseconds()
        pace.noteLook(from: time, to: done)
        lines.allow(look: done - time)
        statistics.lookCount += 1
        statistics.lookRate.note()
        statistics.prepare.append(nanoseconds: detection.nanoseconds.prepare)
        statistics.network.append(nanoseconds: detection.nanoseconds.network)
        statistics.boxes.append(nanoseconds: detection.nanoseconds.boxes)
        statistics.total.append(nanoseconds: done - frame.time)
        statistics.besidesNetwork.append(nanoseconds: done - frame.time - detection.nanoseconds.network)
        showFrame(frame, detection, at: done)
    }

    /// Gives the lines the levels that the rules want, and tells of those that changed.
    mutating func driveLines(at time: Int64) {
        for index in 0..<lines.count {
            let isOn = engine.isOn(line: index)
            guard lines.set(index, isOn: isOn) else { continue }
            let reference = engine.line(index).reference
            let rule = ruleThatDecided(line: index, isOn: isOn)
            let look = lastLook
            let hasSight = health.hasSight
            events.write("line") { line in
                line.write(",\"line\":")
                line.write(json: reference)
                line.write(isOn ? ",\"on\":true" : ",\"on\":false")
                if let rule {
                    line.write(",\"rule\":")
                    line.write(json: rule.name.bytes)
                }
                guard hasSight, let look else { return }
                line.write(",\"frame\":{\"sequence\":\(Int(look.sequence)),\"age_ms\":\(nanoseconds: max(time - look.time, 0))},\"boxes\":")
                line.write(json: look.detection.boxes, look.scale)
            }
        }
    }

    /// The rule that turned a line on, or the first of those that could and did not.
    private func ruleThatDecided(line: Int, isOn: Bool) -> RuleStatus? {
        var first: RuleStatus?
        for index in 0..<engine.ruleCount {
            let status = engine.status(ofRule: index)
            guard status.line == line else { continue }
            if status.isOn { return status }
            if first == nil { first = status }
        }
        return first
    }

    /// Requests lines anew that failed.
    mutating func repairLines(at time: Int64) {
        for index in 0..<lines.count where lines.isToBeRepaired(index, at: time) {
            let reference = engine.line(index).reference
            let place = try? LinePlaces.find(reference)
            lines.repair(index, at: options.linesAreAnywhere ? lines.state(index).place : place, time: time)
            let error = lines.state(index).error
            if error == 0 { journal.note(at: time, "GPIO line \(reference) can be driven again") }
        }
    }

    /// Reads the board file again. One that is not right changes nothing.
    mutating func reload(at time: Int64) {
        notify("RELOADING=1")
        do throws(Failure) {
            try adoptBoardFile()
            health.boardProblem = nil
            journal.note(at: time, "the board file was read again: rules \(engine.ruleCount), lines \(engine.lineCount)")
            events.write("reload")
        } catch {
            health.boardProblem = "\(error)"
            journal.note(.warning, at: time, "the board file was not taken, the old rules go on: \(error)")
        }
        notify("READY=1")
    }

    private mutating func adoptBoardFile() throws(Failure) {
        guard let path = options.board else { return }
        let fresh = try BoardText(path: path)
        var rules = RuleEngine(fresh.board)
        rules.adopt(engine)
        let wanted = try WantedLines(rules, anywhere: options.linesAreAnywhere)
        do throws(Failure) {
            try triggers.replace(by: rules, anywhere: options.linesAreAnywhere)
            if let (index, error) = lines.replace(by: wanted) {
                throw LinePlaces.refusal(rules.line(index).reference, wanted.lines[index].place, error)
            }
        } catch {
            try? triggers.replace(by: engine, anywhere: options.linesAreAnywhere)
            throw error
        }
        engine = rules
        pace = Pace(fresh.board.watch, rate: options.rate)
        boardText = fresh
    }
}
