/// What counts as text, and what its boxes look like. The defaults of PaddleOCR and of the authors' code are in docs/models.md.
public struct BoxSettings: Sendable, Equatable {
    public enum Shape: Sendable, Equatable {
        /// The minimum-area rectangle of the region, expanded: four points.
        case rectangle
        /// The outline of the region, expanded with round corners: up to `maximumPolygonPoints` points.
        case polygon
    }

    /// The most points that a polygon gets; an outline that needs more is simplified further.
    public static let maximumPolygonPoints = 64
    /// 8 in Q8. The bound keeps the products of the fixed-point expansion inside 64 bits.
    public static let maximumUnclipRatio: UInt16 = 8 << 8
    /// More candidates than any frame needs; the bound keeps the size of the storage inside 32 bits.
    public static let boxLimit = 16384

    /// A pixel is text where its logit, in units of 1/2048, is greater. For p > 0.3 this is floor(2048 ln(0.3 / 0.7)) = -1736, for p > 0.2
    /// -2840: round down, so that every logit above the real threshold is above the integer one.
    public var threshold: Int16
    /// A region whose mean probability is lower is no text; 65535 is probability 1.
    public var minimumScore: UInt16
    /// r' of the paper's D' = A' r' / L' in units of 1/256, 384 for 1.5; at most `maximumUnclipRatio`.
    public var unclipRatio: UInt16
    /// The least shorter side of the minimum-area rectangle before the expansion, in network pixels.
    public var minimumSide: UInt8
    /// The same after the expansion.
    public var minimumExpandedSide: UInt8
    /// How many boxes a frame can have, 1 ... `boxLimit`. Where there are more, those with the best scores stay.
    public var maximumBoxes: Int
    public var shape: Shape

    public init(
        threshold: Int16, minimumScore: UInt16, unclipRatio: UInt16, minimumSide: UInt8 = 3, minimumExpandedSide: UInt8 = 5,
        maximumBoxes: Int = 1000, shape: Shape = .rectangle
    ) {
        self.threshold = threshold
        self.minimumScore = minimumScore
        self.unclipRatio = unclipRatio
        self.minimumSide = minimumSide
        self.minimumExpandedSide = minimumExpandedSide
        self.maximumBoxes = maximumBoxes
        self.shape = shape
    }
}

/// Why a `BoxFormation` cannot be made.
public enum BoxFormationError: Error, Equatable {
    /// A logit map has 1 ... `limit` columns and rows.
    case mapSize(width: Int, height: Int, limit: Int)
    /// `BoxSettings.unclipRatio` is beyond `limit`; both in units of 1/256.
    case unclipRatio(UInt16, limit: UInt16)
    /// `BoxSettings.maximumBoxes` is not in 1 ... `limit`.
    case maximumBoxes(Int, limit: Int)
    case storageTooSmall(needed: Int, given: Int)
    /// The storage does not start at a multiple of `alignment` bytes.
    case storageMisaligned(alignment: Int)
}
