import Calibration
import Foundation
import TestNetworks
import Testing

/// Whatever is wrong is told in one sentence, with the exit status of its kind, and nothing half-written stays behind.
@Suite(.enabled("the command line is not built beside the tests") { CommandLineTool.isBuilt })
struct BadInputTests {
    private static let samples = CommandLineTool.root.appending(path: "Calibration/samples/images").path

    private func expect(
        _ status: Int32, _ arguments: [String], environment: [String: String] = [:], says: String = "",
        at location: SourceLocation = #_sourceLocation
    ) throws {
        let result = try CommandLineTool.run(arguments, environment: environment)
        #expect(result.status == status, "\(arguments): \(result.errors)", sourceLocation: location)
        #expect(result.isOneSentence, "\(arguments): \(result.errors)", sourceLocation: location)
        #expect(result.errors.contains(says), "\(result.errors)", sourceLocation: location)
    }

    /// Runs with a folder that holds a small model.
    private func withModel(_ body: (TestFolder, String) throws -> Void) throws {
        try TestFolder.with { folder in
            let model = try folder.write(try TestNetwork.all[0].calibrated(pictures: 2).bytes, as: "small.dbq")
            try body(folder, model)
        }
    }

    private func photo() throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: Self.samples + "/park.jpg"))) }

    // MARK: Photos

    @Test func damagedPhotos() throws {
        try withModel { folder, model in
            let jpeg = try photo()
            let cut = try folder.write(Array(jpeg[..<(jpeg.count / 2)]), as: "cut.jpg")
            try expect(65, ["detect", cut, "--model", model], says: cut)
            let empty = try folder.write([], as: "empty.png")
            try expect(65, ["detect", empty, "--model", model], says: empty)
            let text = try folder.write(Array("no picture".utf8), as: "text.jpg")
            try expect(65, ["detect", text, "--model", model], says: text)
            try expect(66, ["detect", folder.file("missing.jpg"), "--model", model], says: "missing.jpg")
        }
    }

    @Test func theContentDecidesWhatAPhotoIs() throws {
        try withModel { folder, model in
            let renamed = try folder.write(try photo(), as: "jpeg.png")
            let result = try CommandLineTool.run(["detect", renamed, "--model", model])
            #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        }
    }

    @Test func photosOfUnusualSizes() throws {
        try withModel { folder, model in
            for (width, height) in [(1, 1), (30_000, 8), (8, 30_000)] {
                let path = folder.file("\(width)x\(height).png")
                try Picture(width: width, height: height, red: 9, green: 99, blue: 199).write(to: path)
                let result = try CommandLineTool.run(["detect", path, "--model", model, "--json"])
                #expect(result.status == 0 && result.errors.isEmpty, "\(width)x\(height): \(result.errors)")
                #expect(result.output.contains("\"width\":\(width),\"height\":\(height)"))
            }
            // A PNG's header that states no pixels: signature, then IHDR's length, name, width and height.
            var header: [UInt8] = [137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13] + Array("IHDR".utf8)
            header += [0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0, 0, 0, 0, 0]
            try expect(65, ["detect", try folder.write(header, as: "none.png"), "--model", model], says: "none.png")
        }
    }

    @Test func foldersOfPhotos() throws {
        try withModel { folder, model in
            let empty = folder.file("empty")
            try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: false)
            try expect(66, ["detect", empty, "--model", model], says: empty)
            try expect(66, ["detect", folder.file("nowhere"), "--model", model], says: "nowhere")
            try expect(66, ["evaluate", "--data", empty, "--model", model], says: empty)
        }
    }

    // MARK: Models

    @Test func damagedModels() throws {
        try withModel { folder, model in
            let photo = Self.samples + "/park.jpg"
            let bytes = Array(try Data(contentsOf: URL(filePath: model)))
            for part in 0..<10 {
                let cut = try folder.write(Array(bytes[..<(bytes.count * part / 10)]), as: "cut.dbq")
                try expect(65, ["detect", photo, "--model", cut], says: cut)
                try expect(65, ["plan", cut], says: cut)
                var flipped = bytes
                flipped[bytes.count * part / 10 + part] ^= 0x10
                try expect(65, ["bench", "--model", try folder.write(flipped, as: "flipped.dbq")], says: "flipped.dbq")
            }
            try expect(66, ["detect", photo, "--model", folder.file("missing.dbq")], says: "missing.dbq")
            try expect(65, ["plan", photo], says: photo)
        }
    }

    @Test func whatAModelCannotDo() throws {
        try withModel { folder, model in
            let photo = Self.samples + "/park.jpg"
            try expect(64, ["detect", photo, "--model", model, "--map", "binary"], says: "threshold head")
            try expect(64, ["detect", photo, "--model", model], environment: ["TEXTPIN_KERNELS": "nonsense"], says: "nonsense")
        }
    }

    // MARK: Outputs

    @Test func placesThatCannotBeWrittenTo() throws {
        try withModel { folder, model in
            let photo = Self.samples + "/park.jpg"
            let file = try folder.write([1], as: "file")
            try expect(64, ["detect", photo, "--model", model, "--annotate", file], says: file)
            try expect(64, ["plan", model, "--svg", folder.file("missing/plan.svg")], says: "missing/plan.svg")
            try expect(64, ["plan", model, "--svg", folder.path], says: folder.path)
        }
    }

    @Test(.enabled("PP-OCRv3.onnx is not in ~/.cache/textpin/models") { TrainedModel.v3.isThere })
    func calibrationOutputsAreCheckedBeforeTheWork() throws {
        try TestFolder.with { folder in
            let start = ["calibrate", TrainedModel.v3.path, "--images", Self.samples, "--size", "320x320", "-o"]
            try expect(64, start + [folder.file("missing/model.dbq")], says: "missing/model.dbq")
            try expect(64, start + [folder.path], says: "is a folder")
            try expect(64, start + ["/proc/model.dbq"], says: "/proc/model.dbq")
            let file = try folder.write([1], as: "file")
            try expect(64, start + [folder.file("model.dbq"), "--report", file], says: file)
            #expect(folder.names == ["file"])
        }
    }

    // MARK: Networks

    @Test(.enabled("PP-OCRv3.onnx is not in ~/.cache/textpin/models") { TrainedModel.v3.isThere })
    func damagedNetworks() throws {
        try TestFolder.with { folder in
            let bytes = Array(try Data(contentsOf: URL(filePath: TrainedModel.v3.path)))
            let output = folder.file("model.dbq")
            for part in 0..<10 {
                let cut = try folder.write(Array(bytes[..<(bytes.count * part / 10)]), as: "cut.onnx")
                try expect(65, ["calibrate", cut, "--images", Self.samples, "--size", "320x320", "-o", output], says: cut)
            }
            // The first node's operator under a name of the same length that nobody knows.
            let unknown = try #require(
                Self.renamed(bytes, from: "HardSwish", to: "HurdSwish") ?? Self.renamed(bytes, from: "Conv", to: "Kanv"))
            let path = try folder.write(unknown, as: "unknown.onnx")
            try expect(65, ["calibrate", path, "--images", Self.samples, "--size", "320x320", "-o", output], says: path)
            #expect(!folder.names.contains { $0.hasPrefix("model.dbq") })
            try expect(
                66, ["calibrate", folder.file("no.onnx"), "--images", Self.samples, "--size", "320x320", "-o", output], says: "no.onnx")
            let images = folder.file("none")
            try expect(66, ["calibrate", TrainedModel.v3.path, "--images", images, "--size", "320x320", "-o", output], says: images)
        }
    }

    /// The bytes with an operator's name changed: ONNX writes it as field 4 of a node, a length and the letters.
    private static func renamed(_ bytes: [UInt8], from: String, to: String) -> [UInt8]? {
        let data = Data(bytes)
        let field = Data([0x22, UInt8(from.utf8.count)] + Array(from.utf8))
        guard let range = data.range(of: field) else { return nil }
        var result = bytes
        result.replaceSubrange((range.lowerBound + 2)..<range.upperBound, with: to.utf8)
        return result
    }

    // MARK: Command lines

    /// The argument parser's own messages have more lines: an error, a usage, a hint.
    @Test(arguments: [
        ["calibrate", "a.onnx", "--images", ".", "--size", "650x640", "-o", "x.dbq"],
        ["calibrate", "a.onnx", "--images", ".", "--size", "640", "-o", "x.dbq"],
        ["calibrate", "a.onnx", "--images", ".", "--size", "0x0", "-o", "x.dbq"],
        ["calibrate", "a.onnx", "--images", ".", "--size", "640x640", "-o", "x.dbq", "--limit", "0"],
        ["detect"], ["detect", "a.jpg", "--threads", "9"], ["detect", "a.jpg", "--threshold", "2"], ["detect", "a.jpg", "--unclip", "-1"],
        ["bench", "--repeat", "0"], ["nonsense"], ["evaluate"],
    ])
    func wrongCommandLines(_ arguments: [String]) throws {
        let result = try CommandLineTool.run(arguments)
        #expect(result.status == 64, "\(result.errors)")
        #expect(result.errors.hasPrefix("Error: ") && result.output.isEmpty)
    }
}
