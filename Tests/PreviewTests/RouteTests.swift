import Foundation
import Testing
import Watch

/// What can be asked for, and what cannot.
struct RouteTests {
    private static let routes = [
        "/", "/preview.js", "/preview.css", "/icon.svg", "/frame", "/still.jpg", "/status", "/healthz", "/metrics",
    ]

    @Test(arguments: [
        ("/", "text/html; charset=utf-8", "<!doctype html>"), ("/preview.js", "text/javascript; charset=utf-8", "'use strict'"),
        ("/preview.css", "text/css; charset=utf-8", ":root"), ("/icon.svg", "image/svg+xml", "<svg"),
        ("/status", "application/json", "{\"status_age_ms\":"), ("/metrics", "text/plain; version=0.0.4; charset=utf-8", "# HELP "),
    ])
    func isThere(_ path: String, type: String, beginning: String) throws {
        let scene = try Scene()
        let answer = try scene.viewer().ask(path)
        #expect(answer.status == 200)
        #expect(answer.fields["content-type"] == type)
        #expect(answer.text.contains(beginning))
        let head = try scene.viewer().ask(path, method: "HEAD")
        #expect(head.status == 200)
        #expect(head.body.isEmpty)
        #expect(head.fields["content-length"].flatMap { Int($0) } ?? 0 > 0)
    }

    @Test(arguments: routes + ["/nothing", "/../etc/passwd"])
    func everyAnswerGuardsThePage(_ path: String) throws {
        let fields = try Scene().viewer().ask(path).fields
        let policy = try #require(fields["content-security-policy"])
        #expect(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"))
        #expect(!policy.contains("unsafe") && !policy.contains("*"))
        #expect(fields["x-content-type-options"] == "nosniff")
        #expect(fields["referrer-policy"] == "no-referrer")
        #expect(fields["cache-control"] == "no-store")
        #expect(fields["cross-origin-resource-policy"] == "same-origin")
    }

    @Test func thePageHasNothingInlineAndNothingFromElsewhere() throws {
        let scene = try Scene()
        let page = try scene.viewer().ask("/").text
        #expect(page.ranges(of: "<script").count == 1 && page.contains("<script src=\"/preview.js\" defer></script>"))
        #expect(!page.contains("style=") && !page.contains("<style") && !page.contains(#/\son[a-z]+=/#))
        var bytes = 0
        for path in ["/", "/preview.js", "/preview.css", "/icon.svg"] {
            let answer = try scene.viewer().ask(path)
            bytes += answer.body.count
            // The namespace of SVG is a name, not an address.
            #expect(!answer.text.replacingOccurrences(of: "http://www.w3.org/2000/svg", with: "").contains("://"))
        }
        #expect(bytes <= 100 * 1024)
    }

    @Test(arguments: ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "get", "GETX"])
    func noOtherMethodIsAnswered(_ method: String) throws {
        let scene = try Scene()
        for path in Self.routes {
            let answer = try scene.viewer().ask(path, method: method)
            #expect(answer.status == 405, "\(method) \(path)")
            #expect(answer.fields["allow"] == "GET, HEAD")
        }
    }

    @Test(arguments: [
        "/index.html", "/frame/", "//", "/.", "/..", "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc%2fpasswd",
        "/preview.js/..", "/etc/passwd", "/proc/self/environ", "/status.json", "/config", "/gpio", "/lines", "/admin", "/metrics/x",
        "/FRAME",
        "/%", "/%zz", "/\\..\\", "/ü", "/favicon.ico", "*",
    ])
    func nothingElseIsThere(_ path: String) throws {
        let answer = try Scene().viewer().ask(path)
        #expect(answer.status == 404 || answer.status == 400)
        #expect(!answer.text.contains("root:"))
    }

    @Test func aConnectionServesManyRequests() throws {
        let scene = try Scene()
        let viewer = try scene.viewer()
        for _ in 0..<50 { #expect(try viewer.ask("/status").status == 200) }
        #expect(scene.counted(.connections) == 1)
    }
}
