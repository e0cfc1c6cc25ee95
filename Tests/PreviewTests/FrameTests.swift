import Calibration
import Foundation
import Testing
import Watch

/// Frames as viewers get them.
struct FrameTests {
    @Test func nothingIsCopiedOrEncodedUnlessSomebodyWatches() throws {
        let scene = try Scene()
        for number in 1...20 {
            #expect(!scene.publish(UInt32(number)))
        }
        let viewer = try scene.viewer()
        #expect(try viewer.ask("/status").status == 200)
        #expect(try viewer.ask("/").status == 200)
        #expect(!scene.isWatched)
        #expect(scene.counted(.copies) == 0)
        #expect(scene.counted(.encodes) == 0)
    }

    @Test func boxesAndPictureAreOfTheSameFrame() throws {
        let scene = try Scene()
        let viewer = try scene.watcher()
        for number in 1...300 as ClosedRange<UInt32> {
            scene.show(number)
            let shown = try ShownFrame(try viewer.ask("/frame"))
            #expect(shown.header.sequence == number)
            #expect(shown.header.size == [Scene.frameWidth, Scene.frameHeight])
            #expect(shown.isPictureOf(number))
            // The frame is twice the map, and the box is a rectangle with the text's left edge less what the expansion adds.
            let text = 2 * Double(Scene.left(number))
            let left = try shown.left()
            #expect(left < text && left > text - 16)
        }
        let lefts = Set((0..<7).map { Scene.left($0) })
        #expect(lefts.count == 7, "frames must be told apart by their boxes")
    }

    @Test func aFrameIsSentOnce() throws {
        let scene = try Scene()
        let viewer = try scene.watcher()
        scene.show(7)
        #expect(try ShownFrame(try viewer.ask("/frame?after=6")).header.sequence == 7)
        #expect(try viewer.ask("/frame?after=7").status == 204)
        // A camera that was opened again begins anew.
        scene.show(0)
        #expect(try ShownFrame(try viewer.ask("/frame?after=7")).header.sequence == 0)
    }

    @Test func aPictureIsEncodedOnceForAllViewers() throws {
        let scene = try Scene()
        let viewers = try (0..<5).map { _ in try scene.watcher() }
        for number in 1...10 as ClosedRange<UInt32> {
            scene.show(number)
            for viewer in viewers { #expect(try viewer.ask("/frame?after=\(number - 1)").status == 200) }
        }
        #expect(scene.counted(.encodes) == 10)
    }

    @Test func limitsChangeOnlyWhatTheirViewerSees() throws {
        let scene = try Scene()
        let first = try scene.watcher()
        let second = try scene.watcher()
        scene.show(3)
        let plain = try ShownFrame(try first.ask("/frame"))
        // Only the core of the text, whose logit is 4, passes 0.9; the rim's 1 is a probability of 0.731.
        let strict = try ShownFrame(try second.ask("/frame?threshold=0.9&unclip=0"))
        let core = 2 * Double(Scene.left(3) + 3)
        #expect(abs(try strict.left() - core) <= 1)
        #expect(strict.header.settings == .init(threshold: 0.9, score: plain.header.settings.score, unclip: 0))
        let scored = try ShownFrame(try second.ask("/frame?score=0.99"))
        #expect(scored.header.boxes.isEmpty)
        #expect(scored.header.settings.score == 0.99)
        let again = try ShownFrame(try first.ask("/frame"))
        #expect(again.header.boxes.map(\.polygon) == plain.header.boxes.map(\.polygon))
        #expect(again.header.settings == plain.header.settings)
        #expect(plain.header.settings == .init(threshold: 0.3, score: 0.5, unclip: 1.5), "the model's")
    }

    @Test(arguments: [
        "threshold=0", "threshold=1", "threshold=", "threshold=x", "threshold=0.1234", "threshold=-0.5", "threshold=1e-1", "threshold=.5",
        "threshold=0.5.", "score=1.001", "score=-1", "score=99999999999999999999", "unclip=8.001", "unclip=9", "unclip=%00", "unclip=nan",
    ])
    func limitsThatCannotBeAreRefused(_ query: String) throws {
        let scene = try Scene()
        let viewer = try scene.watcher()
        scene.show(1)
        #expect(try viewer.ask("/frame?\(query)").status == 400)
    }

    @Test(arguments: [
        "threshold=0.001", "threshold=0.999", "score=0", "score=1", "score=1.0", "unclip=8", "unclip=0.05", "after=x", "other=1",
    ])
    func limitsThatCanBeAreTaken(_ query: String) throws {
        let scene = try Scene()
        let viewer = try scene.watcher()
        scene.show(1)
        #expect(try viewer.ask("/frame?\(query)").status == 200)
    }

    @Test func framesMayChangeTheirSize() throws {
        let scene = try Scene()
        let viewer = try scene.watcher()
        for (number, size) in [(64, 32), (640, 360), (33, 17), (1280, 720), (64, 32)].enumerated() {
            let number = UInt32(number)
            scene.show(number, width: size.0, height: size.1)
            let shown = try ShownFrame(try viewer.ask("/frame"))
            #expect(shown.header.size == [size.0, size.1])
            #expect(shown.picture.width == size.0 && shown.picture.height == size.1)
            #expect(shown.isPictureOf(number))
        }
    }

    @Test func aStillIsTheFrameAtItsFullSize() throws {
        let scene = try Scene()
        let viewer = try scene.viewer()
        let early = try viewer.ask("/still.jpg")
        #expect(early.status == 503)
        #expect(early.fields["retry-after"] == "1")
        scene.show(5)
        let still = try viewer.ask("/still.jpg")
        #expect(still.status == 200)
        #expect(still.fields["content-type"] == "image/jpeg")
        #expect(still.fields["content-disposition"] == "attachment; filename=\"textpin-still.jpg\"")
        let picture = try Picture(data: still.body, path: "still")
        #expect(picture.width == Scene.frameWidth && picture.height == Scene.frameHeight)
        #expect(abs(Int(picture[5, 5].red) - Int(Scene.grey(5))) <= 1)
    }

    @Test func theStatusOfItsTimeComesWithAFrame() throws {
        let scene = try Scene()
        let viewer = try scene.watcher()
        scene.show(1, status: #"{"state":"watching","zones":[{"name":"gate","points":[[1,2],[3,4],[5,6]]}]}"#)
        scene.show(status: #"{"state":"waiting"}"#)
        let shown = try ShownFrame(try viewer.ask("/frame"))
        let status = try #require(shown.json["status"] as? [String: Any])
        let state = try #require(status["state"] as? String)
        let zones = try #require(status["zones"] as? [[String: Any]])
        #expect(state == "watching")
        #expect(zones.count == 1)
        #expect(try viewer.ask("/status").text.contains(#""state":"waiting""#))
    }

    @Test func aFrameFromBeforeAPauseOfTheViewersIsNotShown() throws {
        let scene = try Scene()
        let viewer = try scene.watcher()
        scene.show(1)
        #expect(try viewer.ask("/frame").status == 200)
        while scene.isWatched { usleep(50_000) }
        #expect(!scene.publish(2))
        #expect(try viewer.ask("/frame").status == 204, "frame 1 is of another time")
        #expect(scene.isWatched)
        scene.show(3)
        #expect(try ShownFrame(try viewer.ask("/frame")).header.sequence == 3)
    }

    @Test func anOverlongStatusIsLeftOut() throws {
        let scene = try Scene()
        let viewer = try scene.watcher()
        let long = "{\"state\":\"" + String(repeating: "x", count: 1 << 16) + "\"}"
        #expect(!scene.publish(status: long))
        scene.show(1, status: long)
        let shown = try ShownFrame(try viewer.ask("/frame"))
        let status = try #require(shown.json["status"] as? [String: Any])
        #expect(status.isEmpty)
    }
}
