import BoardFile
import Foundation
import Testing

@Suite struct BoardFileTests {
    static let complete = """
        # A comment.
        [board]
        name = Some Board 7
        cpus = 4
        cores = cortex-a55 cortex-a76
        kernels = neon-dotprod
        threads = 3
        memory-megabytes = 128

        [model]
        network = PP-OCRv3
        size = 640x480

        [camera]
        formats = YUYV  MJPG
        size = 1280x720

        ; Another comment.
        [gpio]
        chip = some-chip

        [lines]
        text = GPIO17
        trigger = gpio4:10

        [header]
        11 = GPIO17
        40 = gpio4:31

        """

    @Test(arguments: ["\n", "\r\n"])
    func everyKeyArrives(lineBreak: String) throws {
        try readBoardFile(Self.complete.replacingOccurrences(of: "\n", with: lineBreak)) { board in
            #expect(text(board.name) == "Some Board 7")
            #expect(board.cpus == 4)
            #expect(values(board.cores).map(text) == ["cortex-a55", "cortex-a76"])
            #expect(text(board.kernels) == "neon-dotprod")
            #expect(board.threads == 3)
            #expect(board.memoryMegabytes == 128)
            #expect(text(board.network) == "PP-OCRv3")
            #expect((board.modelSize.width, board.modelSize.height) == (640, 480))
            #expect(values(board.formats).map(text) == ["YUYV", "MJPG"])
            #expect((board.frameSize.width, board.frameSize.height) == (1280, 720))
            #expect(board.chip.map(text) == "some-chip")
            #expect(values(board.purposes).map { "\(text($0.purpose)) \(text($0.line))" } == ["text GPIO17", "trigger gpio4:10"])
            #expect(values(board.header).map { "\($0.number) \(text($0.line))" } == ["11 GPIO17", "40 gpio4:31"])
        }
    }

    /// One line of a good file replaced, and where the error must be.
    struct Mistake: CustomTestStringConvertible {
        var line: Int
        var text: String
        var column: Int
        var sentence: String
        var testDescription: String { text }
    }

    @Test(arguments: [
        Mistake(line: 2, text: "[bord]", column: 1, sentence: "there is no such section"),
        Mistake(line: 2, text: "[board", column: 1, sentence: "a section's name in brackets"),
        Mistake(line: 2, text: "", column: 1, sentence: "a [section] must stand ahead"),
        Mistake(line: 3, text: "  nmae = Some Board", column: 3, sentence: "no such key in [board]"),
        Mistake(line: 3, text: "name", column: 1, sentence: "'key = value' or '[section]'"),
        Mistake(line: 3, text: "name =", column: 7, sentence: "a value was expected"),
        Mistake(line: 3, text: "= Some Board", column: 1, sentence: "a key was expected"),
        Mistake(line: 3, text: "name = a\u{1}b", column: 9, sentence: "this byte is no text"),
        Mistake(line: 4, text: "cpus = four", column: 8, sentence: "cpus is a number"),
        Mistake(line: 4, text: "cpus = 0", column: 8, sentence: "cpus is a number"),
        Mistake(line: 4, text: "cpus = 99999999999999999999", column: 8, sentence: "cpus is a number"),
        Mistake(line: 6, text: "kernels = avx2", column: 11, sentence: "kernels is one of"),
        Mistake(line: 7, text: "threads = 9", column: 11, sentence: "threads is a number from 1 to 8"),
        Mistake(line: 7, text: "cpus = 4", column: 1, sentence: "a second time"),
        Mistake(line: 8, text: "memory-megabytes = 4", column: 20, sentence: "memory-megabytes is a number"),
        Mistake(line: 11, text: "net = PP-OCRv3", column: 1, sentence: "no such key in [model]"),
        Mistake(line: 12, text: "size = 640", column: 8, sentence: "a size from 32x32"),
        Mistake(line: 12, text: "size = 640x", column: 8, sentence: "a size from 32x32"),
        Mistake(line: 12, text: "size = 640x470", column: 8, sentence: "multiples of 32"),
        Mistake(line: 15, text: "formats = YUYV H264", column: 16, sentence: "no pixel format"),
        Mistake(line: 16, text: "rate = 30", column: 1, sentence: "no such key in [camera]"),
        Mistake(line: 16, text: "size = 1280x72000", column: 8, sentence: "a size from 32x32"),
        Mistake(line: 20, text: "label = some-chip", column: 1, sentence: "no such key in [gpio]"),
        Mistake(line: 23, text: "text = 17", column: 8, sentence: "a line's number changes"),
        Mistake(line: 24, text: "trigger = gpio4:", column: 11, sentence: "a chip's label, a colon"),
        Mistake(line: 24, text: "trigger = :10", column: 11, sentence: "a chip's label, a colon"),
        Mistake(line: 24, text: "trigger = gpio4:1024", column: 11, sentence: "a chip's label, a colon"),
        Mistake(line: 24, text: "text = GPIO18", column: 1, sentence: "this purpose has a line already"),
        Mistake(line: 27, text: "41 = GPIO17", column: 1, sentence: "a pin of the header"),
        Mistake(line: 28, text: "11 = GPIO18", column: 1, sentence: "this pin has a line already"),
    ])
    func mistakesAreToldByTheirPlace(_ mistake: Mistake) throws {
        var lines = Self.complete.components(separatedBy: "\n")
        lines[mistake.line - 1] = mistake.text
        let error = #expect(throws: BoardFileError.self) { try readBoardFile(lines.joined(separator: "\n")) { _ in } }
        // Without its heading, the next line is where it goes wrong.
        #expect(error?.line == (mistake.text.isEmpty ? mistake.line + 1 : mistake.line))
        #expect(error?.column == mistake.column)
        #expect(error.map { "\($0.sentence)".contains(mistake.sentence) } == true, "\(error.map { "\($0.sentence)" } ?? "")")
    }

    @Test(arguments: [
        (3, "[board] has no name"), (4, "[board] has no cpus"), (5, "[board] has no cores"), (6, "[board] has no kernels"),
        (7, "[board] has no threads"), (8, "[board] has no memory-megabytes"), (11, "[model] has no network"),
        (12, "[model] has no size"), (15, "[camera] has no formats"), (16, "[camera] has no size"),
    ])
    func whatIsMissingIsNamed(line: Int, sentence: String) throws {
        var lines = Self.complete.components(separatedBy: "\n")
        lines[line - 1] = ""
        let error = #expect(throws: BoardFileError.self) { try readBoardFile(lines.joined(separator: "\n")) { _ in } }
        #expect(error.map { "\($0.sentence)" } == sentence)
        #expect(error?.line == 29)
    }

    @Test func tooManyLinesAreRefused() throws {
        let lines = (0..<41).map { "purpose\($0) = GPIO\($0)" }.joined(separator: "\n")
        let file = Self.complete.replacingOccurrences(of: "text = GPIO17\ntrigger = gpio4:10", with: lines)
        let error = #expect(throws: BoardFileError.self) { try readBoardFile(file) { _ in } }
        #expect(error?.line == 63)
    }

    @Test func aLongFileIsRefused() {
        let file = Self.complete + String(repeating: "#\n", count: 40_000)
        #expect(throws: BoardFileError.self) { try readBoardFile(file) { _ in } }
    }

    /// Cut off anywhere, and with any byte of it changed, a file is read or refused, and nothing beyond its last byte is touched.
    @Test func damagedFilesAreReadOrRefused() throws {
        let bytes = Array(Self.complete.utf8)
        var accepted = 0
        for count in 0...bytes.count {
            if (try? readBoardFile(Array(bytes[..<count])) { _ in }) != nil { accepted += 1 }
        }
        // From the whole [camera] section on, all but what ends within a line.
        #expect((1...bytes.count / 2).contains(accepted))
        for index in bytes.indices {
            for byte in [0, 10, 13, 32, 48, 58, 61, 91, 93, 120, 255] as [UInt8] {
                var changed = bytes
                changed[index] = byte
                try? readBoardFile(changed) { _ in }
            }
        }
    }

    @Test func everyBoardHasAFile() throws {
        var names: [String] = []
        for folder in try FileManager.default.contentsOfDirectory(at: ReadmeTests.boards, includingPropertiesForKeys: nil) {
            let file = folder.appendingPathComponent("board.ini")
            guard let data = try? Data(contentsOf: file) else { continue }
            names.append(folder.lastPathComponent)
            try readBoardFile(Array(data)) { board in
                #expect(board.header.count > 0)
                // What a line is for by default is a line of the header, so that a wire can reach it.
                let lines = values(board.header).map { text($0.line) }
                for purpose in values(board.purposes) { #expect(lines.contains(text(purpose.line)), "\(folder.lastPathComponent)") }
                // It has a rule of its own, for the line that is for text.
                #expect(values(board.rules).map { text($0.name) } == ["text"])
                #expect(board.rules[0].hold > 0)
                #expect(values(board.outputs).map { text($0.reference) } == values(board.purposes).prefix(1).map { text($0.line) })
                #expect(FileManager.default.fileExists(atPath: folder.appendingPathComponent("README.md").path))
            }
        }
        #expect(
            names.sorted() == ["orange-pi-5", "raspberry-pi-3b", "raspberry-pi-4b", "raspberry-pi-5", "raspberry-pi-zero-2w", "rock-5b"])
    }
}
