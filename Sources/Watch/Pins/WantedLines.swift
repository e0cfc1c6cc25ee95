import BoardFile
import CDevices
import Messages

/// A line that is to be driven.
struct WantedLine {
    var place = textpin_line_place()
    var isActiveLow = false
    var safeIsOn = false
}

/// All that an engine drives, at their places on this machine.
struct WantedLines {
    private(set) var lines = InlineArray<16, WantedLine>(repeating: WantedLine())
    private(set) var count = 0

    /// - Parameter anywhere: Whether lines need no place, for nothing is driven: then each gets a number of its own.
    init(_ engine: RuleEngine, anywhere: Bool) throws(Failure) {
        for index in 0..<engine.lineCount {
            let line = engine.line(index)
            var place = textpin_line_place()
            if anywhere { place.offset = UInt32(index) } else { place = try LinePlaces.find(line.reference) }
            lines[index] = WantedLine(place: place, isActiveLow: line.isActiveLow, safeIsOn: line.safeIsOn)
        }
        count = engine.lineCount
    }
}
