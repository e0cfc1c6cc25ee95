import CPreview
import Messages

/// A status in Prometheus' text format, version 0.0.4.
///
/// Every name and label value is there always, but for those of lines and rules, which the board file names, and of readings that this machine
/// does not have.
struct Metrics {
    static let mostBytes = 1 << 18

    let status: StatusReader
    let statusAgeMilliseconds: Int

    func write(to output: inout TextBuffer, _ server: OpaquePointer) {
        writeState(to: &output)
        writeFrames(to: &output)
        writeTimes(to: &output)
        writeMachine(to: &output)
        writePins(to: &output)
        writePreview(to: &output, server)
    }

    private func writeState(to output: inout TextBuffer) {
        let health = ReportedHealth(status, statusAgeMilliseconds: statusAgeMilliseconds)
        output.head("textpin_healthy", "gauge", "Whether frames are looked at in time.")
        output.write("textpin_healthy \(health.isGood ? 1 : 0)\n")
        output.head("textpin_state", "gauge", "1 for the state that the frame loop is in.")
        writeState("starting", to: &output)
        writeState("watching", to: &output)
        writeState("still", to: &output)
        writeState("waiting", to: &output)
        writeState("degraded", to: &output)
        writeState("frozen", to: &output)
        writeState("ended", to: &output)
        output.head("textpin_status_age_seconds", "gauge", "Time since the frame loop told its state.")
        output.write("textpin_status_age_seconds \(statusAgeMilliseconds, over: 1000, decimals: 3)\n")
    }

    private func writeState(_ name: StaticString, to output: inout TextBuffer) {
        output.write("textpin_state{state=\"\(name)\"} \(status["state"].isText(name) ? 1 : 0)\n")
    }

    private func writeFrames(to output: inout TextBuffer) {
        let frames = status["frames"]
        output.sample("textpin_frames_taken_total", "counter", "Frames that the camera gave.", frames["taken"])
        output.sample("textpin_frames_looked_total", "counter", "Frames that text was looked for in.", frames["looked"])
        output.sample(
            "textpin_frames_skipped_still_total", "counter", "Frames that were not looked at because the picture did not change.",
            frames["skipped_still"])
        output.sample(
            "textpin_frames_dropped_total", "counter", "Frames that were not looked at because a newer one was there.", frames["dropped"])
        let damaged = frames["damaged"]
        output.head("textpin_frames_damaged_total", "counter", "Frames that were not looked at because they were damaged.")
        output.labelled("textpin_frames_damaged_total{reason=\"flagged\"}", damaged["flagged"])
        output.labelled("textpin_frames_damaged_total{reason=\"length\"}", damaged["length"])
        output.labelled("textpin_frames_damaged_total{reason=\"markers\"}", damaged["markers"])
        output.labelled("textpin_frames_damaged_total{reason=\"jpeg\"}", damaged["jpeg"])
        output.sample("textpin_camera_reopened_total", "counter", "How often the camera was opened again.", status["camera"]["reopened"])
        output.sample("textpin_frames_per_second", "gauge", "Frames that the camera gives in a second.", status["rates"]["frames"])
        output.sample("textpin_looks_per_second", "gauge", "Frames that are looked at in a second.", status["rates"]["looks"])
        output.sample("textpin_boxes", "gauge", "Boxes of text in the newest frame that was looked at.", status["frame"]["boxes"])
        output.sample(
            "textpin_frame_age_seconds", "gauge", "The newest frame's age when the state was told.", status["frame"]["age_ms"],
            unit: "e-3")
    }

    private func writeTimes(to output: inout TextBuffer) {
        output.head("textpin_stage_seconds", "gauge", "Time that a stage takes per frame.")
        writeTime("prepare", to: &output)
        writeTime("network", to: &output)
        writeTime("boxes", to: &output)
        writeTime("total", to: &output)
    }

    private func writeTime(_ stage: StaticString, to output: inout TextBuffer) {
        let times = status["milliseconds"][stage]
        output.labelled("textpin_stage_seconds{stage=\"\(stage)\",percentile=\"50\"}", times["p50"], unit: "e-3")
        output.labelled("textpin_stage_seconds{stage=\"\(stage)\",percentile=\"95\"}", times["p95"], unit: "e-3")
    }

    private func writeMachine(to output: inout TextBuffer) {
        output.sample("textpin_temperature_celsius", "gauge", "The hottest sensor of the processor.", status["temperature_c"])
        output.sample("textpin_clock_hertz", "gauge", "The processor's clock.", status["clock_mhz"], unit: "e6")
    }

    private func writePins(to output: inout TextBuffer) {
        output.head("textpin_line_on", "gauge", "Whether a line is on.")
        output.flags("textpin_line_on", of: status["lines"], "on", label: "line")
        output.head("textpin_line_safe_level", "gauge", "The level of a line while nobody knows what is to be seen.")
        output.flags("textpin_line_safe_level", of: status["lines"], "safe", label: "line")
        output.head("textpin_rule_on", "gauge", "Whether a rule is fulfilled.")
        output.flags("textpin_rule_on", of: status["rules"], "on", label: "rule")
    }

    private func writePreview(to output: inout TextBuffer, _ server: OpaquePointer) {
        @inline(never)
        func write(_ name: StaticString, _ help: StaticString, _ count: textpin_preview_count) {
            output.head(name, "counter", help)
            output.write("\(name) \(Int(clamping: textpin_preview_counted(server, Int32(count.rawValue))))\n")
        }
        write("textpin_preview_copies_total", "Frames that were copied for viewers.", TEXTPIN_PREVIEW_COPIES)
        write("textpin_preview_encodes_total", "Pictures that were encoded for viewers.", TEXTPIN_PREVIEW_ENCODES)
        write("textpin_preview_answers_total", "Requests that were answered.", TEXTPIN_PREVIEW_ANSWERS)
        write("textpin_preview_refusals_total", "Requests that were refused.", TEXTPIN_PREVIEW_REFUSALS)
        write("textpin_preview_connections_total", "Connections that were opened.", TEXTPIN_PREVIEW_CONNECTIONS)
        write("textpin_preview_late_total", "Connections that were closed because they took too long.", TEXTPIN_PREVIEW_LATE)
    }
}

extension TextBuffer {
    fileprivate mutating func head(_ name: StaticString, _ type: StaticString, _ help: StaticString) {
        write("# HELP \(name) \(help)\n# TYPE \(name) \(type)\n")
    }

    /// A metric without labels; left out where the status has no number.
    @inline(never)
    fileprivate mutating func sample(
        _ name: StaticString, _ type: StaticString, _ help: StaticString, _ value: StatusReader, unit: StaticString = ""
    ) {
        guard value.isNumber else { return }
        head(name, type, help)
        labelled("\(name)", value, unit: unit)
    }

    /// - Parameter unit: the power of ten behind the number, as an exponent.
    @inline(never)
    fileprivate mutating func labelled(_ name: Text, _ value: StatusReader, unit: StaticString = "") {
        guard value.isNumber else { return }
        write(name)
        write(" ")
        write(bytes: value.bytes)
        write(unit)
        write("\n")
    }

    fileprivate mutating func flags(_ name: StaticString, of list: StatusReader, _ flag: StaticString, label: StaticString) {
        var elements = list.elements
        while let element = elements.next() {
            write("\(name){\(label)=\"")
            write(label: element["name"].characters)
            write("\"} \(element[flag].isTrue ? 1 : 0)\n")
        }
    }

    /// A JSON string's characters as a label's value: it has the same escapes for quote, backslash and line feed, and no others.
    private mutating func write(label characters: UnsafeBufferPointer<UInt8>) {
        var index = 0
        while index < characters.count {
            let byte = characters[index]
            index += 1
            guard byte == UInt8(ascii: "\\"), index < characters.count else {
                if byte != UInt8(ascii: "\\"), byte >= 0x20 { write(byte: byte) }
                continue
            }
            switch characters[index] {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "n"):
                write(byte: byte)
                write(byte: characters[index])
            case UInt8(ascii: "u"):
                write("?")
                index += min(4, characters.count - index - 1)
            case UInt8(ascii: "/"): write("/")
            default: write("?")
            }
            index += 1
        }
    }
}
