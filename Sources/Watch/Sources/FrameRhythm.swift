/// The time between a source's frames, and how long to wait for one before it counts as stalled; nanoseconds.
struct FrameRhythm {
    /// A source is stalled when it gave nothing for this long, or for three of its frames' time if that is longer.
    private static let leastPatience: Int64 = 1_000_000_000
    /// Sensors take their time for the first one.
    private static let firstPatience: Int64 = 5_000_000_000

    /// Smoothed; 0 while it is not known.
    private(set) var period: Int64
    private var lastStamp: Int64?

    /// - Parameter rateThousandths: frames in 1000 seconds, as the source states them; 0 if it does not.
    init(rateThousandths: Int = 0) { period = rateThousandths > 0 ? 1_000_000_000_000 / Int64(rateThousandths) : 0 }

    var patience: Int64 { max(lastStamp == nil ? Self.firstPatience : Self.leastPatience, 3 * period) }

    /// Notes a frame by its own stamp.
    mutating func note(_ stamp: Int64) {
        defer { lastStamp = stamp }
        // Stamps that jump say nothing of the rate.
        guard let lastStamp, case let passed = stamp - lastStamp, passed > 0, passed < 60_000_000_000 else { return }
        period = period == 0 ? passed : period + (passed - period) / 4
    }
}
