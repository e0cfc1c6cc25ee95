import BoardFile
import Foundation
import Testing
import TextDetection
import Watch

/// Which boxes count. Every rule here decides by one look.
@Suite struct BoxTests {
    private static func isHit(
        _ keys: String, _ boxes: [TestBox], photo: (width: Int, height: Int) = (640, 480), scaled: (width: Int, height: Int) = (640, 480)
    ) throws -> Bool {
        let board = try Board("[rule a]\non = 1 of 1\n" + keys)
        var engine = RuleEngine(board.file)
        engine.observe(boxes, photo: photo, scaled: scaled, at: 0)
        return engine.isOn(line: 0)
    }

    @Test func thereMustBeEnoughBoxes() throws {
        let boxes = (0..<3).map { TestBox(x: 100 * $0 + 50, y: 50) }
        #expect(try Self.isHit("boxes = 3", boxes))
        #expect(try !Self.isHit("boxes = 3", Array(boxes.dropLast())))
    }

    @Test func theirScoresMustBeHighEnough() throws {
        #expect(try Self.isHit("score = 0.6", [TestBox(score: 0.6, x: 50, y: 50)]))
        #expect(try !Self.isHit("score = 0.6", [TestBox(score: 0.5999, x: 50, y: 50)]))
        #expect(try !Self.isHit("score = 0.6\nboxes = 2", [TestBox(score: 0.9, x: 50, y: 50), TestBox(score: 0.1, x: 90, y: 50)]))
    }

    @Test func theirSidesMustBeLongEnough() throws {
        // Upright, lying, and turned: sides of 50 and 25.
        let turned = TestBox(corners: [(100, 100), (130, 140), (110, 155), (80, 115)])
        for box in [TestBox(x: 100, y: 100, width: 50, height: 24), TestBox(x: 100, y: 100, width: 24, height: 50), turned] {
            #expect(try Self.isHit("height = 24\nwidth = 50", [box]))
            #expect(try !Self.isHit("height = 26", [box]))
            #expect(try !Self.isHit("width = 51", [box]))
        }
        #expect(try Self.isHit("height = 25", [turned]))
        // Of a polygon, those of the upright rectangle around it.
        let polygon = TestBox(corners: [(100, 100), (140, 90), (150, 100), (140, 110), (110, 110)])
        #expect(try Self.isHit("height = 20\nwidth = 50", [polygon]))
        #expect(try !Self.isHit("height = 21", [polygon]))
        #expect(try !Self.isHit("width = 51", [polygon]))
    }

    private static let zones = "[zone left]\npoints = 0,0 320,0 320,480 0,480\n[zone corner]\npoints = 600,440 640,440 640,480\n"

    @Test(arguments: [
        (100, 100, true, false), (320, 100, true, false), (321, 100, false, false), (630, 445, false, true), (610, 470, false, false),
        // On the slanted side and at a corner.
        (620, 460, false, true), (600, 440, false, true),
    ])
    func theirCentresMustLieInAZone(x: Int, y: Int, isLeft: Bool, isCorner: Bool) throws {
        let box = TestBox(x: x, y: y, width: 8, height: 8)
        #expect(try Self.isHit("zone = left\n" + Self.zones, [box]) == isLeft)
        #expect(try Self.isHit("zone = corner\n" + Self.zones, [box]) == isCorner)
        #expect(try Self.isHit("zone = corner left\n" + Self.zones, [box]) == (isLeft || isCorner))
        #expect(try Self.isHit(Self.zones, [box]))
    }

    /// A camera that gives frames of 1280x960 although 640x480 were asked for, and a network that gets them at 320x240.
    @Test func zonesAndSizesAreThoseOfTheFileWhateverTheFramesAre() throws {
        for photo in [(640, 480), (1280, 960), (320, 240)] {
            let inside = TestBox(x: 158, y: 50, width: 20, height: 10)
            #expect(try Self.isHit("zone = left\nwidth = 40\nheight = 20\n" + Self.zones, [inside], photo: photo, scaled: (320, 240)))
            #expect(try !Self.isHit("width = 41", [inside], photo: photo, scaled: (320, 240)))
            let outside = TestBox(x: 162, y: 50, width: 20, height: 10)
            #expect(try !Self.isHit("zone = left\n" + Self.zones, [outside], photo: photo, scaled: (320, 240)))
        }
    }

    @Test func whatLiesOutsideTheFrameIsCutOff() throws {
        let box = TestBox(corners: [(-40, -40), (100, -40), (100, 100), (-40, 100)])
        #expect(try Self.isHit("width = 100", [box]))
        #expect(try !Self.isHit("width = 101", [box]))
        // Its centre is (50, 50), no longer (30, 30).
        #expect(try Self.isHit("zone = z\n[zone z]\npoints = 40,40 60,40 60,60 40,60", [box]))
    }

    @Test func aBoxWithoutPointsIsNone() throws {
        #expect(try !Self.isHit("", [TestBox(corners: [])]))
    }

    /// Against the angles under which a point sees the sides: they sum to a full turn around what is inside.
    @Test func insideIsWhereTheSidesTurnAroundAPoint() throws {
        var random = SplitMix(state: 1)
        var insides = 0
        for _ in 0..<300 {
            let count = Int.random(in: 3...16, using: &random)
            // Around a point in the middle by their angles: polygons with notches, which do not cross themselves.
            let angles = (0..<count).map { _ in Double.random(in: 0..<(2 * .pi), using: &random) }.sorted()
            let corners = angles.map { angle in
                let radius = Double.random(in: 20..<230, using: &random)
                return (x: Int(320 + radius * cos(angle)), y: Int(240 + radius * sin(angle)))
            }
            let points = corners.map { "\($0.x),\($0.y)" }.joined(separator: " ")
            // Rounding may have made corners meet.
            guard let board = try? Board("[zone z]\npoints = \(points)") else { continue }
            for _ in 0..<100 {
                let point = BoxPoint(
                    x: .random(in: 90 * 256...550 * 256, using: &random), y: .random(in: 10 * 256...470 * 256, using: &random))
                var turn = 0.0
                for (start, end) in zip(corners, corners.dropFirst() + corners.prefix(1)) {
                    let (ax, ay) = (Double(start.x) - Double(point.x) / 256, Double(start.y) - Double(point.y) / 256)
                    let (bx, by) = (Double(end.x) - Double(point.x) / 256, Double(end.y) - Double(point.y) / 256)
                    turn += atan2(ax * by - ay * bx, ax * bx + ay * by)
                }
                let isInside = abs(turn) > .pi
                #expect(board.file.zones[0].contains(point) == isInside, "\(point) in \(points)")
                insides += isInside ? 1 : 0
            }
        }
        #expect((3000..<25_000).contains(insides))
    }
}
