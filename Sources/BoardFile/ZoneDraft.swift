/// A zone as it stands in the file.
struct ZoneDraft {
    /// Nil only where there is no draft.
    let name: Scanner.Text?
    private var points: Scanner.Text?

    init(name: Scanner.Text? = nil) { self.name = name }

    mutating func note(_ key: Scanner.Text, _ value: Scanner.Text) throws(BoardFileError) {
        guard key.piece.equals("points") else {
            throw key.error("there is no such key in [zone]: points was expected", nearestOf: "points")
        }
        guard points == nil else { throw key.error("this key stands here a second time") }
        points = value
    }

    func zone(in frame: PixelSize) throws(BoardFileError) -> Zone {
        var zone = Zone()
        guard let name else { return zone }
        guard var rest = points else { throw name.error("this zone has no points") }
        zone.name = name.piece
        // The corners' words, for errors.
        var words = InlineArray<16, Scanner.Text>(repeating: rest)
        while let word = rest.nextWord() {
            guard let (x, y) = word.split(at: UInt8(ascii: ",")), let x = x.number, let y = y.number else {
                throw word.error("a corner was expected: its x and y in pixels of the camera's size, such as 320,240")
            }
            guard x <= frame.width, y <= frame.height else {
                throw word.error("this corner lies outside the frame, whose size [camera] gives")
            }
            let index = zone.corners.count
            guard zone.corners.append(Corner(x: Int32(x), y: Int32(y))) else { throw word.error("there are too many corners: 16 are read") }
            words[index] = word
        }
        guard zone.corners.count >= 3 else { throw words[0].error("a zone has 3 to 16 corners, such as 0,0 640,0 640,480") }
        if let corner = zone.firstBadSide {
            throw words[corner].error(
                "the side from this corner to the next one crosses or touches another: sides may meet at corners only")
        }
        return zone
    }
}

extension Zone {
    /// The corner from which the first side begins that meets one ahead of it elsewhere than at the corner they share.
    fileprivate var firstBadSide: Int? {
        for side in corners.indices {
            let (start, end) = (corners[side], corners[next(side)])
            if start == end { return side }
            for other in 0..<side {
                let (otherStart, otherEnd) = (corners[other], corners[next(other)])
                let isBad =
                    if next(other) == side {
                        Self.turnsBack(otherStart, start, end)
                    } else if next(side) == other {
                        Self.turnsBack(start, end, otherEnd)
                    } else {
                        Self.meet(start, end, otherStart, otherEnd)
                    }
                if isBad { return side }
            }
        }
        return nil
    }

    private func next(_ corner: Int) -> Int { corner + 1 == corners.count ? 0 : corner + 1 }

    private static func turnsBack(_ a: Corner, _ b: Corner, _ c: Corner) -> Bool {
        cross(a, b, c) == 0 && Int64(b.x - a.x) * Int64(c.x - b.x) + Int64(b.y - a.y) * Int64(c.y - b.y) < 0
    }

    /// Whether the stretches ab and cd have a point in common.
    private static func meet(_ a: Corner, _ b: Corner, _ c: Corner, _ d: Corner) -> Bool {
        let (cSide, dSide) = (cross(a, b, c).signum(), cross(a, b, d).signum())
        let (aSide, bSide) = (cross(c, d, a).signum(), cross(c, d, b).signum())
        if cSide != dSide, aSide != bSide { return true }
        return cSide == 0 && isBetween(c, a, b) || dSide == 0 && isBetween(d, a, b)
            || aSide == 0 && isBetween(a, c, d) || bSide == 0 && isBetween(b, c, d)
    }

    /// Whether a point of the line through a and b lies between them.
    private static func isBetween(_ point: Corner, _ a: Corner, _ b: Corner) -> Bool {
        min(a.x, b.x) <= point.x && point.x <= max(a.x, b.x) && min(a.y, b.y) <= point.y && point.y <= max(a.y, b.y)
    }

    private static func cross(_ a: Corner, _ b: Corner, _ c: Corner) -> Int64 {
        Int64(b.x - a.x) * Int64(c.y - a.y) - Int64(b.y - a.y) * Int64(c.x - a.x)
    }
}
