/// The times that a stage took of late, and their percentiles; microseconds of the last 256.
struct StageTimes {
    private static let capacity = 256

    private var recent = InlineArray<256, UInt32>(repeating: 0)
    private var count = 0
    private var next = 0

    mutating func append(nanoseconds: Int64) {
        recent[next] = UInt32(clamping: nanoseconds / 1000)
        next = (next + 1) % Self.capacity
        count = min(count + 1, Self.capacity)
    }

    /// Microseconds that so many percent of the recent times do not exceed; 0 while there are none.
    func percentiles(_ first: Int, _ second: Int) -> (Int, Int) {
        guard count > 0 else { return (0, 0) }
        var sorted = recent
        // Few enough for the plainest way, once for a line of statistics.
        for index in 1..<max(count, 1) {
            let value = sorted[index]
            var place = index
            while place > 0, sorted[place - 1] > value {
                sorted[place] = sorted[place - 1]
                place -= 1
            }
            sorted[place] = value
        }
        return (Int(sorted[(count - 1) * first / 100]), Int(sorted[(count - 1) * second / 100]))
    }
}

/// How often something happened, over a second or so.
struct Rate {
    private var count = 0
    private var since: Int64
    private(set) var thousandths = 0

    init(at time: Int64) { since = time }

    mutating func note() { count += 1 }

    /// Takes stock once a second has passed.
    mutating func advance(to time: Int64) {
        let passed = time - since
        guard passed >= 1_000_000_000 else { return }
        thousandths = Int(Int64(count) * 1_000_000 / (passed / 1_000_000))
        count = 0
        since = time
    }
}
