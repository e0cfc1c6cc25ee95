/// The way around a painted region, clockwise, along the sides between its pixels and their 4-neighbours outside.
///
/// Every side of the outer border comes once; the borders of holes do not come at all. Regions are 8-connected, so at a corner where two
/// pixels touch diagonally the way crosses to the other pixel.
struct OuterBorder {
    enum Side: Int {
        case top, right, bottom, left

        var stepX: Int { self == .right ? 1 : self == .left ? -1 : 0 }
        var stepY: Int { self == .bottom ? 1 : self == .top ? -1 : 0 }
        @inline(__always)
        func turned(by quarters: Int) -> Side { Side(rawValue: (rawValue + quarters) & 3) ?? .top }
    }

    let mask: TextMask
    private let startX: Int
    private let startY: Int
    /// A pixel of the region, and which of its sides is the border.
    private(set) var x: Int
    private(set) var y: Int
    private(set) var side = Side.top

    /// Starts at the region's first pixel in reading order.
    init(of mask: TextMask, firstX: Int, firstY: Int) {
        self.mask = mask
        (startX, startY) = (firstX, firstY)
        (x, y) = (firstX, firstY)
    }

    /// Goes on to the next side; false when that is the first again.
    @inline(__always)
    mutating func advance() -> Bool {
        let forward = side.turned(by: 1)
        let (aheadX, aheadY) = (x + forward.stepX, y + forward.stepY)
        if mask.contains(aheadX + side.stepX, aheadY + side.stepY) {
            (x, y) = (aheadX + side.stepX, aheadY + side.stepY)
            side = side.turned(by: 3)
        } else if mask.contains(aheadX, aheadY) {
            (x, y) = (aheadX, aheadY)
        } else {
            side = forward
        }
        return !(side == .top && x == startX && y == startY)
    }
}
