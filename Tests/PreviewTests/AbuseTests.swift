import Foundation
import TestNetworks
import Testing
import Watch

/// Viewers that are slow, many or mad change nothing for the frame loop, and nothing for others.
struct AbuseTests {
    /// Every frame is published and reaches a polite viewer.
    private func expectFramesFlow(_ scene: Scene, _ numbers: ClosedRange<UInt32>) throws {
        let viewer = try scene.viewer()
        _ = try viewer.ask("/frame")
        for number in numbers {
            scene.show(number)
            let shown = try ShownFrame(try viewer.ask("/frame"))
            #expect(shown.header.sequence == number)
            #expect(shown.isPictureOf(number))
        }
    }

    @Test func connectionsThatNeverFinishARequestAreEnded() throws {
        let scene = try Scene()
        // A byte now and then keeps a connection alive for time-outs that count from the last byte.
        let slow = try (0..<100).map { _ in try scene.viewer(from: "127.0.0.2") }
        for viewer in slow { viewer.sendAtOnce("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ") }
        try expectFramesFlow(scene, 1...100)
        var rounds = 0
        while scene.counted(.lateConnections) == 0, rounds < 600 {
            for viewer in slow { viewer.sendAtOnce("x") }
            usleep(100_000)
            rounds += 1
        }
        for viewer in slow { #expect(viewer.isClosedByServer()) }
        #expect(scene.counted(.lateConnections) > 0)
        // The others were never let in.
        #expect(scene.counted(.lateConnections) <= 16)
        try expectFramesFlow(scene, 101...110)
    }

    @Test func viewersThatNeverReadDoNotDelayOthers() throws {
        let scene = try Scene()
        let first = try scene.watcher()
        scene.show(1, width: 1280, height: 720)
        #expect(try first.ask("/frame").status == 200)
        let deaf = try (0..<40).map { try scene.viewer(from: "127.0.0.\(3 + $0 % 3)", receiveBytes: 1024) }
        let question = "GET /frame HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        for viewer in deaf { viewer.sendAtOnce(String(repeating: question, count: 50)) }
        try expectFramesFlow(scene, 2...60)
        #expect(try first.ask("/status").status == 200)
    }

    @Test func manyConnectionsComeAndGo() throws {
        let scene = try Scene()
        for round in 0..<20 {
            let crowd = try (0..<50).map { _ in try scene.viewer(from: "127.0.0.2") }
            for (index, viewer) in crowd.enumerated() where index % 2 == 0 { viewer.sendAtOnce("GET /frame HTTP/1.1\r\n") }
            try expectFramesFlow(scene, UInt32(round * 3 + 1)...UInt32(round * 3 + 3))
        }
    }

    @Test func requestsOfAnyBytesEndInAnAnswerOrAClosedConnection() throws {
        let scene = try Scene(token: "a token for the fuzz test")
        var numbers = SeededNumbers(5)
        let seeds = [
            "GET /frame?threshold=0.3&score=0.5&unclip=1.5&after=12 HTTP/1.1\r\nHost: 127.0.0.1:80\r\nAuthorization: Basic YTpi\r\n\r\n",
            "HEAD /still.jpg HTTP/1.1\r\nHost: [::1]\r\nOrigin: http://[::1]\r\nContent-Length: 5\r\n\r\nabcde",
            "POST /status HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n",
        ].map { Array($0.utf8) }
        for round in 0..<1500 {
            var request = seeds[round % seeds.count]
            for _ in 0..<Int.random(in: 1...8, using: &numbers) {
                let place = Int.random(in: 0..<request.count, using: &numbers)
                switch Int.random(in: 0..<4, using: &numbers) {
                case 0: request[place] = UInt8.random(in: 0...255, using: &numbers)
                case 1: request.insert(UInt8.random(in: 0...255, using: &numbers), at: place)
                case 2: request.removeSubrange(place..<min(request.count, place + 1 + place % 7))
                default: request.insert(contentsOf: request[place...].prefix(40), at: place)
                }
                if request.isEmpty { request = [0] }
            }
            let viewer = try scene.viewer(from: "127.0.0.\(2 + round % 200)")
            viewer.send(request)
            // A request that is cut short would wait for the rest.
            viewer.finish()
            if let answer = try? viewer.readAnswer(hasBody: false) { #expect((200..<600).contains(answer.status)) }
        }
        #expect(try scene.viewer().ask("/status").status == 401, "it still answers")
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + String(repeating: "x", count: 100_000) + "\r\n\r\n",
        "GET /" + String(repeating: "x", count: 100_000) + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "GET /frame?" + String(repeating: "a=b&", count: 25_000) + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "GET / HTTP/1.1\r\n" + String(repeating: "X: y\r\n", count: 20_000) + "\r\n",
    ])
    func requestsThatAreTooLongAreRefused(_ request: String) throws {
        let scene = try Scene()
        let viewer = try scene.viewer()
        viewer.send(request)
        if let answer = try? viewer.readAnswer() { #expect((400..<500).contains(answer.status)) }
        #expect(try scene.viewer().ask("/status").status == 200)
    }

    @Test func aPreviewCanEndWhileItIsWatched() throws {
        for _ in 0..<10 {
            let scene = try Scene()
            let viewers = try (0..<6).map { _ in try scene.viewer() }
            for viewer in viewers { viewer.sendAtOnce("GET /frame HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nGET /st") }
            _ = scene.publish(1)
        }
    }
}
