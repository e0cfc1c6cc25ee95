/// What the loop counts and times.
struct Statistics {
    var prepare = StageTimes()
    var network = StageTimes()
    var boxes = StageTimes()
    /// From the frame's time stamp to the lines' new levels.
    var total = StageTimes()
    /// Of that, what is not the network's.
    var besidesNetwork = StageTimes()
    var frameRate: Rate
    var lookRate: Rate
    var takenCount = 0
    var lookCount = 0
    var stillCount = 0

    init(at time: Int64) {
        frameRate = Rate(at: time)
        lookRate = Rate(at: time)
    }

    mutating func advance(to time: Int64) {
        frameRate.advance(to: time)
        lookRate.advance(to: time)
    }
}
