import CDevices
import Inference
import Messages

/// The GPIO lines that rules drive, each with the level that is safe when nobody knows what the camera sees.
///
/// A guard thread puts them at those levels when the loop that drives them stands still.
struct OutputLines: ~Copyable {
    /// How a line is doing.
    struct State {
        var line = textpin_line()
        var place = textpin_line_place()
        var isActiveLow = false
        var safeIsOn = false
        /// The level it was given last; nil if that failed, or another thread may have changed it.
        var isOn: Bool?
        /// The errno of the last attempt to request or set it.
        var error: Int32 = 0
        var retryAt: Int64 = 0
    }

    /// What the guard thread sees; it stays where it is.
    struct Shared {
        let calls: UnsafePointer<textpin_line_calls>
        var count = 0
        var states = InlineArray<16, State>(repeating: State())
    }

    /// Who holds the lines, for others who ask.
    static let consumer: StaticString = "textpin"
    private static let retryDelay: Int64 = 1_000_000_000
    /// Longer than a look at a picture on the slowest board, shorter than the 2 s after which a line must be safe.
    private static let standstill: Int64 = 1_500_000_000

    private let memory: Arena
    private var guardActions: UInt32 = 0

    /// Nothing is requested yet.
    init(calls: UnsafePointer<textpin_line_calls>) throws(Failure) {
        let memory = try Self.arena()
        let shared = Self.shared(memory)
        shared.initialize(to: Shared(calls: calls))
        let error = textpin_guard_start(
            memory.bytes.baseAddress, Self.standstill,
            { context in context.map { OutputLines.makeSafe($0.assumingMemoryBound(to: Shared.self)) } }, shared)
        guard error == 0 else { throw Failure("a thread could not be started: \(textpin_error_text(error))", status: 70) }
        self.memory = memory
    }

    private static func arena() throws(Failure) -> Arena {
        do throws(NetworkError) {
            return try Arena(byteCount: Int(TEXTPIN_GUARD_BYTES) + MemoryLayout<Shared>.stride)
        } catch { throw Failure("there is not enough memory for the GPIO lines", status: 70) }
    }

    /// Lines go to their safe levels first, and are then released.
    deinit {
        textpin_guard_stop(Self.guardian(memory))
        let shared = Self.shared(memory)
        Self.makeSafe(shared)
        for index in 0..<shared.pointee.count { shared.pointee.calls.pointee.release(&shared.pointee.states[index].line) }
    }

    private static func guardian(_ memory: borrowing Arena) -> OpaquePointer {
        // An arena has at least one byte.
        OpaquePointer(memory.bytes.baseAddress.unsafelyUnwrapped)
    }

    private static func shared(_ memory: borrowing Arena) -> UnsafeMutablePointer<Shared> {
        (memory.bytes.baseAddress.unsafelyUnwrapped + Int(TEXTPIN_GUARD_BYTES)).assumingMemoryBound(to: Shared.self)
    }

    private static func makeSafe(_ shared: UnsafeMutablePointer<Shared>) {
        for index in 0..<shared.pointee.count where shared.pointee.states[index].line.is_requested {
            let safe = shared.pointee.states[index].safeIsOn
            _ = shared.pointee.calls.pointee.set(&shared.pointee.states[index].line, safe)
            shared.pointee.states[index].isOn = nil
        }
    }

    var count: Int { Self.shared(memory).pointee.count }
    func state(_ index: Int) -> State { Self.shared(memory).pointee.states[index] }

    /// To be called more often than the guard is patient.
    mutating func noteProgress() -> Bool {
        let actions = textpin_guard_progress(Self.guardian(memory))
        defer { guardActions = actions }
        return actions != guardActions
    }

    /// Has the guard wait for looks that take so long: a machine this slow does not hang.
    func allow(look nanoseconds: Int64) { textpin_guard_extend(Self.guardian(memory), 3 * nanoseconds) }

    /// Makes these the lines that are driven: requests those that are new, at their safe levels from the first moment, leaves alone those that
    /// it has already, and then releases the others.
    ///
    /// Returns the line that could not be had and its errno; then all is as before.
    mutating func replace(by wanted: WantedLines) -> (index: Int, error: Int32)? {
        let shared = Self.shared(memory)
        let guardian = Self.guardian(memory)
        textpin_guard_lock(guardian)
        defer { textpin_guard_unlock(guardian) }
        var states = InlineArray<16, State>(repeating: State())
        var isKept = InlineArray<16, Bool>(repeating: false)
        var isNew = InlineArray<16, Bool>(repeating: false)
        for index in 0..<wanted.count {
            let wish = wanted.lines[index]
            states[index] = State(place: wish.place, isActiveLow: wish.isActiveLow, safeIsOn: wish.safeIsOn)
            if let old = Self.index(of: wish, in: shared) {
                states[index].line = shared.pointee.states[old].line
                states[index].isOn = shared.pointee.states[old].isOn
                isKept[old] = true
                continue
            }
            let error = Self.request(&states[index], shared)
            guard error == 0 else {
                for earlier in 0..<index where isNew[earlier] { shared.pointee.calls.pointee.release(&states[earlier].line) }
                return (index, error)
            }
            isNew[index] = true
        }
        for old in 0..<shared.pointee.count where !isKept[old] && shared.pointee.states[old].line.is_requested {
            _ = shared.pointee.calls.pointee.set(&shared.pointee.states[old].line, shared.pointee.states[old].safeIsOn)
            shared.pointee.calls.pointee.release(&shared.pointee.states[old].line)
        }
        shared.pointee.states = states
        shared.pointee.count = wanted.count
        return nil
    }

    private static func request(_ state: inout State, _ shared: UnsafeMutablePointer<Shared>) -> Int32 {
        var place = state.place
        state.error = shared.pointee.calls.pointee.request_output(
            &state.line, &place, OutputLines.consumer.cString, state.isActiveLow, state.safeIsOn)
        state.isOn = state.error == 0 ? state.safeIsOn : nil
        return state.error
    }

    private static func index(of wish: WantedLine, in shared: UnsafeMutablePointer<Shared>) -> Int? {
        for index in 0..<shared.pointee.count {
            let state = shared.pointee.states[index]
            if state.line.is_requested, state.isActiveLow == wish.isActiveLow, isSame(state.place, wish.place) { return index }
        }
        return nil
    }

    private static func isSame(_ first: textpin_line_place, _ second: textpin_line_place) -> Bool {
        guard first.offset == second.offset else { return false }
        return withUnsafeBytes(of: first.chip_label) { first in
            withUnsafeBytes(of: second.chip_label) { second in
                for index in first.indices {
                    if first[index] != second[index] { return false }
                    if first[index] == 0 { return true }
                }
                return true
            }
        }
    }

    /// Whether a line failed and it is time to try it again: its chip may have been unplugged.
    func isToBeRepaired(_ index: Int, at time: Int64) -> Bool {
        let state = state(index)
        return state.error != 0 && time >= state.retryAt
    }

    /// Requests a line anew at the place where it is now; nil if it is nowhere.
    mutating func repair(_ index: Int, at place: textpin_line_place?, time: Int64) {
        let shared = Self.shared(memory)
        let guardian = Self.guardian(memory)
        textpin_guard_lock(guardian)
        defer { textpin_guard_unlock(guardian) }
        shared.pointee.states[index].retryAt = time + Self.retryDelay
        guard let place else { return }
        shared.pointee.calls.pointee.release(&shared.pointee.states[index].line)
        shared.pointee.states[index].place = place
        _ = Self.request(&shared.pointee.states[index], shared)
    }

    /// Gives a line its level. Returns whether that changed it; false too if it cannot be had just now.
    mutating func set(_ index: Int, isOn: Bool) -> Bool {
        let shared = Self.shared(memory)
        let guardian = Self.guardian(memory)
        textpin_guard_lock(guardian)
        defer { textpin_guard_unlock(guardian) }
        guard shared.pointee.states[index].line.is_requested, shared.pointee.states[index].isOn != isOn else { return false }
        let error = shared.pointee.calls.pointee.set(&shared.pointee.states[index].line, isOn)
        shared.pointee.states[index].error = error
        shared.pointee.states[index].isOn = error == 0 ? isOn : nil
        return error == 0
    }
}
