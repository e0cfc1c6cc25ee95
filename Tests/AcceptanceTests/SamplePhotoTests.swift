import Calibration
import Foundation
import TestNetworks
import Testing

/// The whole path on photos: calibrate a trained network from the command line, then find texts with it.
@Suite(
    .serialized,
    .enabled("the command line is not built beside the tests, or PP-OCRv3.onnx is not in ~/.cache/textpin/models") {
        CommandLineTool.isBuilt && TrainedModel.v3.isThere
    })
struct SamplePhotoTests {
    private static let samples = CommandLineTool.root.appending(path: "Calibration/samples").path
    /// Kept outside the project, where they are there at all.
    private static let photographs = CommandLineTool.root.deletingLastPathComponent().appending(path: "shared/data").path

    /// PP-OCRv3 at 640x640 in int8, calibrated on 16 of the sample photos; made once.
    private static let calibrated = Result { () throws -> Calibrated in
        let folder = NSTemporaryDirectory() + "textpin-acceptance-\(ProcessInfo.processInfo.processIdentifier)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let model = folder + "/v3.dbq"
        let result = try CommandLineTool.run([
            "calibrate", TrainedModel.v3.path, "--images", samples + "/images", "--size", "640x640", "-o", model, "--limit", "16",
            "--report",
            folder + "/report",
        ])
        return Calibrated(folder: folder, model: model, result: result)
    }

    private struct Calibrated {
        var folder: String
        var model: String
        var result: CommandLineTool.Result
    }

    private func calibrated() throws -> Calibrated { try Self.calibrated.get() }

    private func json(_ line: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
    }

    private func number(_ object: [String: Any], _ key: String) throws -> Double { try #require(object[key] as? Double, "\(key)") }

    @Test func calibrationKeepsTheFloatNetworksMaps() throws {
        let calibrated = try calibrated()
        #expect(calibrated.result.status == 0, "\(calibrated.result.errors)")
        let report = try json(String(decoding: Data(contentsOf: URL(filePath: calibrated.folder + "/report/report.json")), as: UTF8.self))
        let intersection = try number(report, "mapIoU")
        print("PP-OCRv3 at 640x640, 16 sample photos: map IoU \(intersection)")
        #expect(intersection >= 0.93)
        let layers = try #require(report["layers"] as? [Any])
        #expect(layers.count > 60)
        #expect(try String(contentsOfFile: calibrated.folder + "/report/layers.txt", encoding: .utf8).split(separator: "\n").count > 60)
        #expect(try FileManager.default.contentsOfDirectory(atPath: calibrated.folder).sorted() == ["report", "v3.dbq"])
    }

    @Test func evaluateFindsTheSamplesTexts() throws {
        let result = try CommandLineTool.run(["evaluate", "--model", calibrated().model, "--data", Self.samples, "--json"])
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        let score = try json(result.output)
        #expect(Set(score.keys) == ["images", "precision", "recall", "hmean"])
        print("PP-OCRv3 at 640x640 in int8 on the samples: \(result.output)")
        #expect(try number(score, "images") == 30)
        // Measured: 0.976 and 0.965.
        #expect(try number(score, "recall") > 0.94)
        #expect(try number(score, "precision") > 0.92)
        let (precision, recall) = (try number(score, "precision"), try number(score, "recall"))
        #expect(try abs(number(score, "hmean") - 2 * precision * recall / (precision + recall)) < 2e-4)
    }

    /// DESIGN.md, "The command line".
    @Test(arguments: [[], ["--polygons"]])
    func detectPrintsWhatTheContractSays(_ options: [String]) throws {
        let photos = ["bakery", "platform", "park"].map { Self.samples + "/images/\($0).jpg" }
        let result = try CommandLineTool.run(["detect", "--json", "--model", calibrated().model] + photos + options)
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        let lines = result.output.split(separator: "\n")
        #expect(lines.count == photos.count)
        var boxCount = 0
        for (line, photo) in zip(lines, photos) {
            let object = try json(String(line))
            #expect(Set(object.keys) == ["file", "width", "height", "network", "boxes", "milliseconds"])
            #expect(object["file"] as? String == photo)
            #expect(object["network"] as? [Int] == [640, 640])
            let picture = try Picture(contentsOf: photo)
            let (width, height) = (try number(object, "width"), try number(object, "height"))
            #expect(width == Double(picture.width) && height == Double(picture.height))
            let times = try #require(object["milliseconds"] as? [String: Double])
            #expect(Set(times.keys) == ["prepare", "network", "boxes"] && times.values.allSatisfy { $0 >= 0 })
            for box in try #require(object["boxes"] as? [[String: Any]]) {
                #expect(Set(box.keys) == ["polygon", "score"])
                #expect(try (0...1).contains(number(box, "score")))
                let polygon = try #require(box["polygon"] as? [[Double]])
                #expect(options.isEmpty ? polygon.count == 4 : (3...64).contains(polygon.count))
                #expect(polygon.allSatisfy { $0.count == 2 && (0...width).contains($0[0]) && (0...height).contains($0[1]) })
                // The y axis points down: an outline that goes round clockwise has a positive area.
                let next = polygon.dropFirst() + polygon.prefix(1)
                let area = zip(polygon, next).reduce(0) { $0 + $1.0[0] * $1.1[1] - $1.1[0] * $1.0[1] }
                #expect(area > 0)
                boxCount += 1
            }
        }
        #expect(boxCount > 5)
    }

    /// For an upright text the first corner is its top left one.
    @Test func rectanglesBeginAtTheTopLeft() throws {
        try TestFolder.with { folder in
            let photo = Self.samples + "/images/bakery.jpg"
            let result = try CommandLineTool.run(["detect", "--json", "--model", calibrated().model, photo])
            for box in try #require(try json(result.output)["boxes"] as? [[String: Any]]) {
                let polygon = try #require(box["polygon"] as? [[Double]])
                let sums = polygon.map { $0[0] + $0[1] }
                #expect(sums[0] == sums.min(), "\(polygon)")
            }
        }
    }

    @Test func annotateWritesEachPhotoWithItsBoxes() throws {
        try TestFolder.with { folder in
            let photo = Self.samples + "/images/bakery.jpg"
            let result = try CommandLineTool.run(["detect", photo, "--model", calibrated().model, "--annotate", folder.file("found")])
            #expect(result.status == 0, "\(result.errors)")
            let (before, after) = (try Picture(contentsOf: photo), try Picture(contentsOf: folder.file("found/bakery.jpg")))
            #expect(before.width == after.width && before.height == after.height)
            #expect(before.pixels != after.pixels)
        }
    }

    @Test func planDrawsTheArena() throws {
        try TestFolder.with { folder in
            let svg = folder.file("plan.svg")
            let result = try CommandLineTool.run(["plan", calibrated().model, "--svg", svg])
            #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
            #expect(result.output.contains("arena: offset, bytes, steps alive"))
            let parser = XMLCounter(data: try Data(contentsOf: URL(filePath: svg)))
            #expect(parser.isWellFormed)
            #expect(parser.rectangles > 50)
        }
    }

    @Test func benchPrintsWhatTheContractSays() throws {
        let result = try CommandLineTool.run(["bench", "--json", "--model", calibrated().model, "--repeat", "3", "--threads", "2"])
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        let object = try json(result.output)
        #expect(
            Set(object.keys) == [
                "model", "size", "threads", "kernels", "network_ms", "prepare_ms", "boxes_ms", "gmac", "arena_bytes",
            ])
        #expect(object["size"] as? [Int] == [640, 640] && object["threads"] as? Int == 2)
        for key in ["network_ms", "prepare_ms", "boxes_ms"] { #expect((object[key] as? [Double])?.count == 3) }
        #expect(try number(object, "gmac") > 0.5 && number(object, "arena_bytes") > 1_000_000)
    }

    /// Photographs of streets, with the int8 model and with the float network: int8 loses next to nothing.
    @Test(.enabled("../shared/data/icdar2015-dev is not there") { FileManager.default.fileExists(atPath: photographs + "/icdar2015-dev") })
    func photographsLoseLittle() throws {
        let data = Self.photographs + "/icdar2015-dev"
        func hmean(_ arguments: [String]) throws -> Double {
            let result = try CommandLineTool.run(["evaluate", "--data", data, "--json", "--first", "24"] + arguments)
            #expect(result.status == 0, "\(result.errors)")
            return try number(try json(result.output), "hmean")
        }
        let integer = try hmean(["--model", calibrated().model])
        let float = try hmean(["--float", "--model", TrainedModel.v3.path, "--size", "640x640"])
        print("PP-OCRv3 at 640x640 on 24 photographs of ICDAR 2015: H-mean \(integer) in int8, \(float) in float")
        // Most texts of these photographs are small at 640 pixels: measured 0.26 for both.
        #expect(float > 0.2)
        #expect(integer > float - 0.05)
    }
}
