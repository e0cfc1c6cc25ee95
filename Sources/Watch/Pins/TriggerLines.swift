import BoardFile
import CDevices
import Messages

/// The input lines that ask for a look.
struct TriggerLines: ~Copyable {
    private let calls: UnsafePointer<textpin_line_calls>
    private var lines = InlineArray<16, textpin_line>(repeating: textpin_line())
    private(set) var count = 0

    init(calls: UnsafePointer<textpin_line_calls>) { self.calls = calls }

    deinit {
        for index in 0..<count {
            var line = lines[index]
            calls.pointee.release(&line)
        }
    }

    /// Requests the lines that an engine's rules wait for. Lines that it has already are released first, for their events count no more.
    mutating func replace(by engine: RuleEngine, anywhere: Bool) throws(Failure) {
        for index in 0..<count { calls.pointee.release(&lines[index]) }
        count = 0
        for index in 0..<engine.triggerCount {
            let reference = engine.trigger(index)
            var place = textpin_line_place()
            if anywhere { place.offset = UInt32(index) } else { place = try LinePlaces.find(reference) }
            let error = calls.pointee.request_input(&lines[index], &place, OutputLines.consumer.cString, false)
            guard error == 0 else { throw LinePlaces.refusal(reference, place, error) }
            count = index + 1
        }
    }

    /// To be waited on.
    func descriptor(_ index: Int) -> Int32 {
        var line = lines[index]
        return calls.pointee.descriptor(&line)
    }

    /// Whether the line has asked since the last time.
    mutating func takeEvents(_ index: Int) -> Bool {
        var hasAsked = false
        while calls.pointee.take_event(&lines[index]) == 0 { hasAsked = true }
        return hasAsked
    }
}
