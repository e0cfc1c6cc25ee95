import BoardFile
import Foundation
import Testing

/// Boards/README.md says of rules what the parser reads.
@Suite struct ReadmeTests {
    static let boards = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../Boards").standardized

    private static func readme() throws -> String {
        try String(contentsOf: boards.appendingPathComponent("README.md"), encoding: .utf8)
    }

    /// The indented lines from `[watch]` on.
    private static func example() throws -> String {
        let lines = try readme().components(separatedBy: "\n")
        let start = try #require(lines.firstIndex(of: "    [watch]"))
        return lines[start...].prefix { $0.isEmpty || $0.hasPrefix("    ") }.map { String($0.dropFirst(4)) }.joined(separator: "\n")
    }

    @Test func itsExampleIsReadAsItSays() throws {
        let board = try String(contentsOf: Self.boards.appendingPathComponent("raspberry-pi-5/board.ini"), encoding: .utf8)
        // In place of the rule that the board has.
        let own = try #require(board.range(of: "[rule text]")).lowerBound..<#require(board.range(of: "[gpio]")).lowerBound
        try readBoardFile(board.replacingCharacters(in: own, with: Self.example() + "\n")) { board in
            #expect(values(board.zones).map { text($0.name) } == ["door", "belt"])
            #expect(values(board.rules).map { text($0.name) } == ["label", "ejector", "alive"])
            #expect(values(board.outputs).map { text($0.reference) } == ["GPIO17", "GPIO22", "GPIO23"])
            #expect(values(board.outputs).map(\.isActiveLow) == [false, true, false])
            #expect(values(board.triggers).map { text($0) } == ["GPIO27"])
            #expect(values(board.rules).map(\.mode) == [.level, .pulse(80_000_000), .heartbeat(1_000_000_000)])
            #expect(values(board.rules).map(\.zones) == [0b01, 0b10, 0])
            #expect(values(board.rules).map(\.trigger) == [nil, 0, nil])
            let label = board.rules[0]
            #expect(label.boxes == 2 && label.height == 12 && label.width == 60 && label.hits == 3 && label.looks == 5)
            #expect(label.hold == 2_000_000_000 && label.off == 500_000_000)
            #expect(board.watch.frameInterval == 100_000_000 && board.watch.still == 6 && board.watch.hot == 75)
            #expect(board.watch.lookInterval == 5_000_000_000)
        }
    }

    /// The parser's own list of keys is in its errors.
    @Test(arguments: [("watch", "[watch]"), ("zone door", "[zone]"), ("rule label", "[rule]")])
    func everyKeyIsInItsTableAndItsExample(heading: String, section: String) throws {
        let sentence = try #require(mistake(in: RuleSectionTests.file(["[\(heading)]", "?? = 1"]))).text
        let list = try #require(sentence.range(of: "in \(section): ")).upperBound..<#require(sentence.range(of: " was expected")).lowerBound
        let keys = sentence[list].replacingOccurrences(of: " or ", with: ", ").components(separatedBy: ", ")
        let (readme, example) = (try Self.readme(), try Self.example())
        for key in keys {
            #expect(readme.contains("`\(key)`"), "\(key)")
            #expect(example.contains("\n\(key) = "), "\(key)")
        }
        #expect(keys.count == ["watch": 4, "zone door": 1, "rule label": 13][heading])
    }
}
