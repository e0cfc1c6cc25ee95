import BoardFile
import CDevices

/// When to look: not more often than asked for, less often while the SoC is hot, and not at what has been looked at.
struct Pace {
    /// Looks at a picture that does not change, before it is left alone: so many that no rule waits for another.
    private static let looksBeforeRest = 3
    /// Below the limit by this much, it is hot no more; 1/1000 degree.
    private static let cooling: Int32 = 5000
    private static let temperatureInterval: Int64 = 2_000_000_000

    private let interval: Int64
    private let lookInterval: Int64
    private let hot: Int32
    /// How much a picture may differ from the one last looked at, in levels of brightness; 0 if each is looked at.
    let stillThreshold: Int

    private(set) var isHot = false
    private(set) var temperature: Int32 = 0
    private var temperatureAt: Int64 = 0
    private var nextLookAt: Int64 = 0
    private var lookedAt: Int64 = 0
    private var stillLooks = 0

    /// - Parameter rate: most looks a second; 0 for what the board file says.
    init(_ section: WatchSection, rate: Int) {
        interval = rate > 0 ? 1_000_000_000 / Int64(rate) : section.frameInterval
        lookInterval = section.lookInterval
        hot = Int32(section.hot) * 1000
        stillThreshold = section.still
    }

    func allowsLook(at time: Int64) -> Bool { time >= nextLookAt }

    /// Whether the picture has been looked at often enough, and not too long ago.
    mutating func mayRest(change: Int, at time: Int64) -> Bool {
        if change > stillThreshold { stillLooks = 0 }
        return stillThreshold > 0 && stillLooks >= Self.looksBeforeRest && time - lookedAt < lookInterval
    }

    /// Notes a look that took from one time to another.
    mutating func noteLook(from start: Int64, to end: Int64) {
        lookedAt = start
        stillLooks += 1
        // A hot SoC rests for as long as it worked.
        nextLookAt = max(start + interval, isHot ? end + (end - start) : 0)
    }

    /// Takes the temperature now and then. Returns whether the SoC has become hot, or has cooled down.
    mutating func advance(to time: Int64) -> Bool {
        guard time >= temperatureAt else { return false }
        temperatureAt = time + Self.temperatureInterval
        temperature = textpin_temperature_thousandths()
        let wasHot = isHot
        isHot = temperature >= hot || (isHot && temperature >= hot - Self.cooling)
        return isHot != wasHot
    }
}
