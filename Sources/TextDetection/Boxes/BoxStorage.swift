/// Where the parts of a `BoxFormation`'s storage lie, as offsets in bytes.
///
/// Nearly all of it are the runs of the worst map, 4 bytes per pixel. Only `form` uses it, so it can overlap whatever lives at other times,
/// as the activations of the network do; nothing but the boxes and their points has to last until they are read.
struct BoxStorage {
    /// One array of the storage.
    struct Part<Element> {
        let offset: Int
        let count: Int

        /// Takes the bytes from `end` on and moves it behind them.
        init(count: Int, end: inout Int) {
            offset = end
            self.count = count
            end = (end + count * MemoryLayout<Element>.stride + alignment - 1) / alignment * alignment
        }

        func elements(in storage: UnsafeMutableRawPointer) -> UnsafeMutablePointer<Element> {
            (storage + offset).bindMemory(to: Element.self, capacity: count)
        }
    }

    static let alignment = 16
    /// A column or row number fits 12 bits: the range arguments of `MinimumAreaRectangle` and `BoxPoint` need that.
    static let mapLimit = 4096

    private(set) var byteCount = 0
    let runs: Part<PixelRun>
    let links: Part<UInt32>
    let firstRunOfRow: Part<UInt32>
    let hull: Part<PixelPoint>
    let boxes: Part<DetectedBox>
    let points: Part<BoxPoint>
    let pointsPerBox: Int
    /// Nil where boxes are rectangles.
    let polygons: PolygonParts?

    /// What only polygons need.
    struct PolygonParts {
        let wordsPerRow: Int
        let region: Part<UInt64>
        let filled: Part<UInt64>
        let outline: Part<BoxPoint>
        let stretches: Part<Outline.Stretch>
        let reach: Part<Int64>

        init(width: Int, height: Int, end: inout Int) {
            wordsPerRow = TextMask.wordsPerRow(width: width)
            region = Part(count: wordsPerRow * height, end: &end)
            filled = Part(count: wordsPerRow * height, end: &end)
            outline = Part(count: Outline.storagePoints(width: width, height: height), end: &end)
            stretches = Part(count: BoxSettings.maximumPolygonPoints, end: &end)
            reach = Part(count: max(width, height) + 1, end: &end)
        }
    }

    init(width: Int, height: Int, settings: BoxSettings) throws(BoxFormationError) {
        guard (1...Self.mapLimit).contains(width), (1...Self.mapLimit).contains(height) else {
            throw .mapSize(width: width, height: height, limit: Self.mapLimit)
        }
        guard settings.unclipRatio <= BoxSettings.maximumUnclipRatio else {
            throw .unclipRatio(settings.unclipRatio, limit: BoxSettings.maximumUnclipRatio)
        }
        guard (1...BoxSettings.boxLimit).contains(settings.maximumBoxes) else {
            throw .maximumBoxes(settings.maximumBoxes, limit: BoxSettings.boxLimit)
        }
        let runCount = ConnectedRegions.maximumRuns(width: width, height: height)
        pointsPerBox =
            switch settings.shape {
            case .rectangle: 4
            case .polygon: BoxSettings.maximumPolygonPoints
            }
        // At most 67 MB of runs and 13 MB of the rest, so no sum here can overflow, even in 32 bits.
        var end = 0
        runs = Part(count: runCount, end: &end)
        links = Part(count: runCount, end: &end)
        firstRunOfRow = Part(count: height + 1, end: &end)
        hull = Part(count: ConvexHull.storagePoints(rows: height), end: &end)
        boxes = Part(count: settings.maximumBoxes, end: &end)
        points = Part(count: settings.maximumBoxes * pointsPerBox, end: &end)
        polygons =
            switch settings.shape {
            case .rectangle: nil
            case .polygon: PolygonParts(width: width, height: height, end: &end)
            }
        byteCount = end
    }
}
