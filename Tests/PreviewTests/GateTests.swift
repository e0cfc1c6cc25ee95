import Foundation
import Messages
import Testing
import Watch

/// Who may ask.
struct GateTests {
    private static let token = "c4n4ry-t0k3n:with+colon"

    private static func basic(_ password: String, name: String = "me") -> [String: String] {
        ["Authorization": "Basic " + Data("\(name):\(password)".utf8).base64EncodedString()]
    }

    // MARK: Host and Origin

    @Test(arguments: [
        "127.0.0.1", "127.0.0.1:", "127.0.0.1:8080", "localhost", "localhost:1", "LocalHost", "192.168.1.20:8080", "[::1]", "[::1]:8080",
        "[fe80::1]",
        ProcessInfo.processInfo.hostName, ProcessInfo.processInfo.hostName + ".local:80",
    ])
    func ownNamesAreServed(_ host: String) throws {
        #expect(try Scene().viewer().ask("/status", host: host).status == 200)
    }

    @Test(arguments: [
        "evil.example", "evil.example:8080", "127.0.0.1.evil.example", "localhost.evil.example", "evil.example#127.0.0.1", "127.0.0.1:x",
        "127.0.0.1:99999", "[::1", "::1", "[evil]", "0x7f.1", "127.1", "localhost:8080:8080", "local", " ", "a@127.0.0.1",
        String(repeating: "a", count: 1000),
    ])
    func otherNamesAreNot(_ host: String) throws {
        let answer = try Scene().viewer().ask("/status", host: host)
        #expect(answer.status == 403 || answer.status == 400)
    }

    @Test func aHostIsNeeded() throws {
        let answer = try Scene().viewer().ask("/status", host: nil)
        #expect(answer.status == 403 || answer.status == 400)
    }

    @Test func otherOriginsAreRefused() throws {
        let scene = try Scene()
        let host = "127.0.0.1:\(scene.port)"
        #expect(try scene.viewer().ask("/status", host: host, ["Origin": "http://\(host)"]).status == 200)
        for origin in ["http://evil.example", "null", "http://127.0.0.1", "http://\(host).evil.example", "https://\(host)", ""] {
            #expect(try scene.viewer().ask("/status", host: host, ["Origin": origin]).status == 403, "\(origin)")
        }
    }

    // MARK: Token

    @Test func withATokenNothingIsShownWithoutIt() throws {
        let scene = try Scene(token: Self.token)
        for path in ["/", "/preview.js", "/frame", "/still.jpg", "/status", "/healthz", "/metrics", "/nothing"] {
            let answer = try scene.viewer().ask(path)
            #expect(answer.status == 401)
            #expect(answer.fields["www-authenticate"]?.hasPrefix("Basic ") ?? false)
            #expect(try scene.viewer().ask(path, Self.basic(Self.token)).status != 401)
        }
        #expect(!scene.isWatched || scene.counted(.encodes) == 0)
    }

    @Test func anyNameGoesWithTheToken() throws {
        let scene = try Scene(token: Self.token)
        for name in ["", "me", "somebody else"] {
            #expect(try scene.viewer().ask("/status", Self.basic(Self.token, name: name)).status == 200)
        }
        let small = Self.basic(Self.token)["Authorization"]?.replacingOccurrences(of: "Basic", with: "basic")
        #expect(try scene.viewer().ask("/status", ["Authorization": small ?? ""]).status == 200)
    }

    @Test(arguments: [
        "", "c4n4ry-t0k3n:with+colo", "c4n4ry-t0k3n:with+colonn", "C4n4ry-t0k3n:with+colon", "c4n4ry-t0k3n", ":c4n4ry-t0k3n:with+colon",
        "c4n4ry-t0k3n:with+colonc4n4ry-t0k3n:with+colon", "c4n4ry-t0k3n:with+colon\0",
    ])
    func wrongTokensAreRefused(_ token: String) throws {
        let scene = try Scene(token: Self.token)
        #expect(try scene.viewer().ask("/status", Self.basic(token)).status == 401)
    }

    @Test(arguments: ["Basic", "Basic ", "Basic !!!!", "Basic ====", "Bearer c4n4ry-t0k3n:with+colon", "c4n4ry-t0k3n:with+colon", "B", ""])
    func otherCredentialsAreRefused(_ authorization: String) throws {
        let scene = try Scene(token: Self.token)
        #expect(try scene.viewer().ask("/status", ["Authorization": authorization]).status == 401)
    }

    @Test func aPeerThatGuessesHasToWait() throws {
        let scene = try Scene(token: Self.token)
        let guesser = try scene.viewer(from: "127.0.0.2")
        for _ in 0..<10 { #expect(try guesser.ask("/status").status == 401, "a question without a token is no guess") }
        for _ in 0..<5 { #expect(try guesser.ask("/status", Self.basic("a wrong token of length")).status == 401) }
        let refused = try guesser.ask("/status", Self.basic(Self.token))
        #expect(refused.status == 429)
        #expect(refused.fields["retry-after"] == "60")
        #expect(try scene.viewer(from: "127.0.0.2").ask("/status", Self.basic(Self.token)).status == 429)
        #expect(try scene.viewer(from: "127.0.0.3").ask("/status", Self.basic(Self.token)).status == 200)
        // Others that guess do not make it forgotten.
        for peer in 4..<24 { #expect(try scene.viewer(from: "127.0.0.\(peer)").ask("/status", Self.basic("wrong")).status == 401) }
        #expect(try scene.viewer(from: "127.0.0.2").ask("/status", Self.basic(Self.token)).status == 429)
    }

    @Test func theTokenIsInNoAnswer() throws {
        let scene = try Scene(token: Self.token)
        scene.show(status: #"{"state":"watching"}"#)
        for path in ["/", "/preview.js", "/status", "/healthz", "/metrics", "/still.jpg", "/nothing"] {
            for fields in [[:], Self.basic(Self.token)] {
                let answer = try scene.viewer().ask(path, fields)
                #expect(!answer.text.contains("c4n4ry"))
                #expect(!answer.fields.values.contains { $0.contains("c4n4ry") })
            }
        }
    }

    // MARK: Addresses

    @Test(arguments: ["0.0.0.0:0", "192.168.1.20:0", "[::]:0", "[fe80::1]:0"])
    func withoutATokenOthersCannotReachIt(_ address: String) {
        let failure = #expect(throws: Failure.self) { try Scene(address) }
        #expect(failure?.status == 64)
    }

    @Test(arguments: ["127.0.0.1:0", "127.0.0.5:0", "localhost:0", ":0", "[::1]:0"])
    func loopbackNeedsNone(_ address: String) throws {
        #expect(try Scene(address).port > 0)
    }

    @Test func withATokenItMayListenEverywhere() throws {
        let scene = try Scene("0.0.0.0:0", token: Self.token)
        #expect(try scene.viewer().ask("/status", Self.basic(Self.token)).status == 200)
    }

    @Test(arguments: [
        "", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:80a", "example.org:80", "::1:80", "[::1]",
        "[::1]80", "[:::1]:80", "256.0.0.1:80", "1.2.3:80",
    ])
    func otherAddressesAreRefused(_ address: String) {
        let failure = #expect(throws: Failure.self) { try Scene(address, token: Self.token) }
        #expect(failure?.status == 64)
    }

    @Test(arguments: ["", "short", String(repeating: "x", count: 15), String(repeating: "x", count: 129)])
    func tokensHaveASize(_ token: String) {
        let failure = #expect(throws: Failure.self) { try Scene(token: token) }
        #expect(failure?.status == 64)
    }

    @Test func aPortThatIsTakenIsTold() throws {
        let scene = try Scene()
        let failure = #expect(throws: Failure.self) { try Scene("127.0.0.1:\(scene.port)") }
        #expect(failure?.status == 69)
    }
}
