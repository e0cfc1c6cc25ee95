import CDevices
import CPictures
import FakeLines
import Foundation
import Testing
import TextDetection
import Watch

/// Frames on a pipe, however its writer cuts them.
@Suite(.serialized) struct StreamTests {
    /// A pipe whose writing end a test has.
    private final class Pipe {
        let reading: Int32
        private let writing: Int32

        init() throws {
            var ends: [Int32] = [0, 0]
            try #require(pipe(&ends) == 0)
            (reading, writing) = (ends[0], ends[1])
        }

        deinit {
            textpin_close(reading)
            close(writing)
        }

        func write(_ bytes: ArraySlice<UInt8>) { _ = bytes.withUnsafeBufferPointer { textpin_write(writing, $0.baseAddress, $0.count) } }
    }

    private func jpeg(_ side: Int = WatchRig.side, seed: UInt8 = 1) throws -> [UInt8] {
        let pixels = (0..<3 * side * side).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ Int(seed) &* ($0 / 50)) }
        var data = [UInt8](repeating: 0, count: textpin_jpeg_bound(UInt32(side), UInt32(side)))
        var (length, message) = (0, [CChar](repeating: 0, count: 200))
        let status = textpin_jpeg_encode(pixels, UInt32(side), UInt32(side), 90, &data, data.count, &length, &message)
        try #require(status == TEXTPIN_PICTURE_OK)
        return Array(data[0..<length])
    }

    private func frames(_ rig: WatchRig) -> [String: Any] { ((try? rig.status())?["frames"] as? [String: Any]) ?? [:] }

    private func damaged(_ rig: WatchRig) -> Int { (frames(rig)["damaged"] as? [String: Int])?["jpeg"] ?? -1 }

    @Test func rawFramesInPiecesOfAnySizeAreThoseThatWereWritten() throws {
        let (rig, pipe) = (try WatchRig(), try Pipe())
        var options = try rig.options()
        options.source = .stream(descriptor: pipe.reading, .raw(.rgb, width: WatchRig.side, height: WatchRig.side))
        var loop = try rig.loop(options)
        var expected = [false]
        var random = SystemRandomNumberGenerator()
        for _ in 0..<60 {
            let hasText = Bool.random(using: &random)
            var rest = (hasText ? WatchRig.pictures.text : WatchRig.pictures.blank)[...]
            while !rest.isEmpty {
                let piece = rest.prefix(Int.random(in: 1...2000, using: &random))
                pipe.write(piece)
                rest = rest.dropFirst(piece.count)
                _ = loop.step()
            }
            #expect(try loop.step { rig.level == hasText })
            if expected.last != hasText { expected.append(hasText) }
        }
        #expect(rig.levels == expected)
    }

    @Test func jpegsAreFoundBetweenWhatIsNone() throws {
        let (rig, pipe) = (try WatchRig(), try Pipe())
        var options = try rig.options()
        options.source = .stream(descriptor: pipe.reading, .jpeg)
        var loop = try rig.loop(options)
        let whole = try jpeg()
        // A thumbnail's end marker within a segment of the JPEG's head, as cameras write it.
        let segment: [UInt8] = [0xFF, 0xE1, 0, 8, 0xFF, 0xD8, 0xFF, 0xD9, 1, 2]
        let withThumbnail = whole[0..<2] + segment + whole[2...]
        let garbage: [UInt8] = [0, 0xFF, 0xD8, 0, 0xFF, 0xFF, 7]
        var taken = 0
        for piece in [1, 7, 100, 5000] {
            for frame: [UInt8] in [whole, Array(withThumbnail), garbage + whole] {
                var rest = frame[...]
                while !rest.isEmpty {
                    pipe.write(rest.prefix(piece))
                    rest = rest.dropFirst(piece)
                    _ = loop.step()
                }
                taken += 1
                #expect(try loop.step { (frames(rig)["taken"] as? Int) == taken }, "in pieces of \(piece)")
            }
        }
        #expect(damaged(rig) == 0)
    }

    @Test func aTornJpegIsDamageAndTheNextIsTaken() throws {
        let (rig, pipe) = (try WatchRig(), try Pipe())
        var options = try rig.options()
        options.source = .stream(descriptor: pipe.reading, .jpeg)
        var loop = try rig.loop(options)
        let whole = try jpeg()
        // An end too early; and one that the next begins in.
        pipe.write((Array(whole[0..<(whole.count / 2)]) + [0xFF, 0xD9])[...])
        #expect(try loop.step { damaged(rig) == 1 })
        pipe.write((Array(whole[0..<(whole.count / 2)]) + whole)[...])
        #expect(try loop.step { (frames(rig)["taken"] as? Int ?? 0) >= 1 })
        pipe.write(whole[...])
        #expect(try loop.step { (frames(rig)["taken"] as? Int ?? 0) >= 2 })
        #expect(damaged(rig) <= 2)
    }

    @Test func ofManyFramesTheNewestIsLookedAt() throws {
        let (rig, pipe) = (try WatchRig(), try Pipe())
        var options = try rig.options()
        options.source = .stream(descriptor: pipe.reading, .raw(.rgb, width: WatchRig.side, height: WatchRig.side))
        var loop = try rig.loop(options)
        for picture in [WatchRig.pictures.text, WatchRig.pictures.text, WatchRig.pictures.blank] { pipe.write(picture[...]) }
        #expect(try loop.step { (frames(rig)["taken"] as? Int) == 1 })
        #expect(frames(rig)["dropped"] as? Int == 2)
        #expect(rig.levels == [false])
    }

    @Test func theEndOfTheStreamEndsTheLoopWithTheLineSafe() throws {
        let rig = try WatchRig()
        var options = try rig.options()
        var pipe: Pipe? = try Pipe()
        let reading = dup(try #require(pipe).reading)
        options.source = .stream(descriptor: reading, .raw(.rgb, width: WatchRig.side, height: WatchRig.side))
        var loop = try rig.loop(options)
        pipe?.write(WatchRig.pictures.text[...])
        #expect(try loop.step { rig.level })
        pipe = nil
        loop.run()
        #expect(!rig.level)
        close(reading)
    }
}
