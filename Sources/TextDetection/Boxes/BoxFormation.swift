/// Forms boxes from DBNet's probability map: binarization, connected regions, minimum-area rectangles or outlines, scores, expansion
/// (Liao et al., "Real-time Scene Text Detection with Differentiable Binarization", 2020, section 3.5).
///
/// It keeps to the rules of PaddleOCR's DBPostProcess and the authors' SegDetectorRepresenter, so that limits and results compare, and
/// departs from them where they are accidents of their libraries:
/// - all arithmetic is on integers and fixed point, so a map gives the same boxes on every CPU;
/// - nothing is cut to whole pixels: not the corners before the score, not the box before and after the expansion;
/// - a region with holes gives one box. There, the contour of each hole is a candidate as well;
/// - where there are too many candidates those with the best scores stay, not the first ones found.
///
/// No call allocates; one value forms the boxes of one frame after another in the storage it was given.
public struct BoxFormation: ~Copyable {
    private let width: Int
    private let height: Int
    private let settings: BoxSettings
    private let probabilities: UnsafePointer<UInt16>
    private let hullStorage: UnsafeMutablePointer<PixelPoint>
    private var regions: ConnectedRegions
    private var best: BestBoxes
    /// Nil where boxes are rectangles.
    private var polygons: PolygonFormation?

    /// The bytes that `init` needs for a map of `width` x `height`.
    public static func storageBytes(width: Int, height: Int, settings: BoxSettings) throws(BoxFormationError) -> Int {
        try BoxStorage(width: width, height: height, settings: settings).byteCount
    }

    /// - Parameters:
    ///   - width: The columns of the logit map, at most 4096.
    ///   - height: Its rows, at most 4096.
    ///   - probabilities: 1024 probabilities, 65535 for 1; entry i is that of the logit -8 + (i + 0.5) / 64. It must outlive the value.
    ///   - storage: At least `storageBytes` bytes at a multiple of 16, for this value alone from the start of `form` until the boxes are
    ///     read. In between, while the network runs, it can hold something else.
    public init(
        width: Int, height: Int, settings: BoxSettings, probabilities: UnsafePointer<UInt16>, storage: UnsafeMutableRawBufferPointer
    ) throws(BoxFormationError) {
        let layout = try BoxStorage(width: width, height: height, settings: settings)
        guard let base = storage.baseAddress, storage.count >= layout.byteCount else {
            throw .storageTooSmall(needed: layout.byteCount, given: storage.count)
        }
        guard UInt(bitPattern: base) % UInt(BoxStorage.alignment) == 0 else {
            throw .storageMisaligned(alignment: BoxStorage.alignment)
        }
        self.width = width
        self.height = height
        self.settings = settings
        self.probabilities = probabilities
        hullStorage = layout.hull.elements(in: base)
        regions = ConnectedRegions(
            runs: layout.runs.elements(in: base), links: layout.links.elements(in: base),
            firstRunOfRow: layout.firstRunOfRow.elements(in: base))
        best = BestBoxes(
            boxes: layout.boxes.elements(in: base), points: layout.points.elements(in: base),
            maximumBoxes: settings.maximumBoxes, pointsPerBox: layout.pointsPerBox)
        polygons = layout.polygons.map { parts in
            PolygonFormation(
                region: TextMask(words: parts.region.elements(in: base), wordsPerRow: parts.wordsPerRow, width: width, height: height),
                filled: TextMask(words: parts.filled.elements(in: base), wordsPerRow: parts.wordsPerRow, width: width, height: height),
                outline: Outline(
                    points: parts.outline.elements(in: base), capacity: parts.outline.count, stretches: parts.stretches.elements(in: base)),
                reach: parts.reach.elements(in: base))
        }
    }

    /// The boxes of one map, valid until the next call.
    ///
    /// - Parameters:
    ///   - logits: width x height logits in units of 1/2048, row by row.
    ///   - validWidth: The columns from the left that are picture, the rest is padding: no text is there. Cut to 0 ... width.
    ///   - validHeight: The same for rows.
    public mutating func form(logits: UnsafePointer<Int16>, validWidth: Int, validHeight: Int) -> DetectedBoxes {
        let map = ProbabilityMap(
            logits: logits, rowStride: width, validWidth: min(max(validWidth, 0), width), validHeight: min(max(validHeight, 0), height),
            table: probabilities)
        best.removeAll()
        polygons?.begin(validWidth: map.validWidth, validHeight: map.validHeight)
        regions.read(
            logits: logits, height: map.validHeight,
            binarizer: RowBinarizer(threshold: settings.threshold, validWidth: map.validWidth, width: width))
        while let region = regions.nextRegion() {
            offer(region, on: map)
        }
        best.sortInReadingOrder()
        return DetectedBoxes(
            boxes: UnsafeBufferPointer(start: best.boxes, count: best.count), droppedCount: best.droppedCount, points: best.points)
    }

    private mutating func offer(_ region: ConnectedRegions.Region, on map: ProbabilityMap) {
        var hull = ConvexHull(storage: hullStorage, rows: height)
        regions.addRows(of: region, to: &hull)
        guard let rectangle = MinimumAreaRectangle(around: hull.vertices()),
            rectangle.isShorterSide(plus: 0, atLeast: Int64(settings.minimumSide) << 8)
        else { return }
        let expanded = ExpandedRectangle(rectangle, unclipRatio: settings.unclipRatio)
        if settings.shape == .polygon {
            offerPolygon(region, rectangle: expanded, on: map)
            return
        }
        guard expanded.isShorterSide(atLeast: settings.minimumExpandedSide) else { return }
        let score = map.meanProbability(in: rectangle)
        guard let place = place(score: score, region: region) else { return }
        expanded.writeCorners(to: best.points + place)
        best.insert(score: score, firstRun: region.firstRun, place: place, pointCount: 4)
    }

    private mutating func offerPolygon(_ region: ConnectedRegions.Region, rectangle: ExpandedRectangle, on map: ProbabilityMap) {
        polygons?.takeRegion(region, of: regions, unclipRatio: settings.unclipRatio)
        defer { polygons?.removeRegion() }
        // The sides of the rectangle around the region move outwards by the polygon's offset, to the same limit as those of a rectangle.
        guard let offset = polygons?.offset, let score = polygons?.meanProbability(on: map),
            rectangle.rectangle.isShorterSide(plus: 0, atLeast: Int64(settings.minimumExpandedSide) << 8 - 2 * offset),
            let place = place(score: score, region: region)
        else { return }
        if let count = polygons?.writeExpansion(to: best.points + place), count >= 3 {
            best.insert(score: score, firstRun: region.firstRun, place: place, pointCount: count)
        } else {
            rectangle.writeCorners(to: best.points + place)
            best.insert(score: score, firstRun: region.firstRun, place: place, pointCount: 4)
        }
    }

    /// Where the points of a candidate go that has passed all else; nil where its score is too low.
    private mutating func place(score: UInt16, region: ConnectedRegions.Region) -> Int? {
        score < settings.minimumScore ? nil : best.place(score: score, firstRun: region.firstRun)
    }
}
