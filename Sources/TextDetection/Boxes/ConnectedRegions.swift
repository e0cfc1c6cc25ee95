/// The connected regions (8 neighbours) of a binary map, as runs of pixels joined by union-find.
///
/// He, Chao, Suzuki, "A Run-Based Two-Scan Labeling Algorithm", 2008, without its label image: runs are few where text is, 8 bytes each,
/// and hull and outline need no more. The worst map has a run for every second pixel, so the storage is 4 bytes per pixel of the map.
struct ConnectedRegions {
    struct Region {
        /// The run of its first pixel in reading order.
        var firstRun: Int
        var firstRow: Int
    }

    let runs: UnsafeMutablePointer<PixelRun>
    /// While rows are read, the parent of each run in its union-find tree: itself for a root, else an earlier run. Once `nextRegion` has
    /// returned a region, for its runs the next run of the region, and for the last one the first.
    let links: UnsafeMutablePointer<UInt32>
    /// The first run of each row, and behind the last row the number of runs.
    let firstRunOfRow: UnsafeMutablePointer<UInt32>
    private var unreadRuns = 0
    private var row = 0

    init(
        runs: UnsafeMutablePointer<PixelRun>, links: UnsafeMutablePointer<UInt32>, firstRunOfRow: UnsafeMutablePointer<UInt32>
    ) {
        self.runs = runs
        self.links = links
        self.firstRunOfRow = firstRunOfRow
    }

    static func maximumRuns(width: Int, height: Int) -> Int { (width + 1) / 2 * height }

    /// Finds the regions of a map with rows of `binarizer.width` logits; `nextRegion` then returns them.
    mutating func read(logits: UnsafePointer<Int16>, height: Int, binarizer: RowBinarizer) {
        var count = 0
        var previous = 0..<0
        for y in 0..<height {
            firstRunOfRow[y] = UInt32(truncatingIfNeeded: count)
            let found = binarizer.findRuns(in: logits + y * binarizer.width, into: runs + count)
            let current = count..<(count + found)
            join(current, to: previous)
            previous = current
            count += found
        }
        firstRunOfRow[height] = UInt32(truncatingIfNeeded: count)
        // Parents come before their children, so one pass points every run at its root.
        for run in 0..<count {
            links[run] = links[Int(links[run])]
        }
        unreadRuns = count
        row = height
    }

    /// The next region, the last in reading order first; nil when there is no more.
    mutating func nextRegion() -> Region? {
        while unreadRuns > 0 {
            unreadRuns -= 1
            let run = unreadRuns
            while run < Int(firstRunOfRow[row]) { row -= 1 }
            let link = Int(links[run])
            // A root that has members yet points at one of them, behind it.
            if link >= run { return Region(firstRun: run, firstRow: row) }
            // Runs are taken from the last to the first, so the ring behind the root stays in reading order.
            links[run] = links[link]
            links[link] = UInt32(truncatingIfNeeded: run)
        }
        return nil
    }

    /// Joins each run of a row to the runs of the row above that it touches, also by a corner.
    private func join(_ current: Range<Int>, to previous: Range<Int>) {
        var above = previous.lowerBound
        for run in current {
            links[run] = UInt32(truncatingIfNeeded: run)
            let (start, end) = (runs[run].start, runs[run].end)
            while above < previous.upperBound, runs[above].end < start { above += 1 }
            var touching = above
            while touching < previous.upperBound, runs[touching].start <= end {
                unite(run, touching)
                touching += 1
            }
        }
    }

    private func unite(_ first: Int, _ second: Int) {
        let (a, b) = (root(of: first), root(of: second))
        if a != b { links[max(a, b)] = UInt32(truncatingIfNeeded: min(a, b)) }
    }

    private func root(of run: Int) -> Int {
        var run = run
        while true {
            let parent = Int(links[run])
            if parent == run { return run }
            // Halves the path for the next search.
            links[run] = links[parent]
            run = Int(links[run])
        }
    }
}

extension ConnectedRegions {
    /// Adds the first and the last pixel of each row of a region that `nextRegion` returned.
    func addRows(of region: Region, to hull: inout ConvexHull) {
        var row = region.firstRow
        var run = region.firstRun
        var first = runs[run].start
        while true {
            let last = runs[run].end - 1
            run = Int(links[run])
            let isDone = run == region.firstRun
            // A region has a run in each of its rows, so the next row is where its next run is.
            if isDone || run >= Int(firstRunOfRow[row + 1]) {
                hull.addRow(Int32(truncatingIfNeeded: row), first: Int32(first), last: Int32(last))
                if isDone { return }
                row += 1
                first = runs[run].start
            }
        }
    }
}

extension ConnectedRegions {
    /// Paints a region that `nextRegion` returned, and returns its rows.
    func paint(_ region: Region, on mask: TextMask) -> ClosedRange<Int> {
        var row = region.firstRow
        var run = region.firstRun
        repeat {
            if run >= Int(firstRunOfRow[row + 1]) { row += 1 }
            mask.paint(row: row, first: Int(runs[run].start), last: Int(runs[run].end) - 1)
            run = Int(links[run])
        } while run != region.firstRun
        return region.firstRow...row
    }
}
