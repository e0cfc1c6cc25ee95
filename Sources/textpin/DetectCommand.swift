import ArgumentParser
import Calibration
import Foundation

struct DetectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "detect", abstract: "Find text in photos.",
        discussion:
            "Prints a line per photo. Photos larger than the model's input are scaled down to fit; smaller ones are left as they are.")

    @Argument(help: "Photos (JPEG, PNG, PPM) or folders of photos.")
    var images: [String]

    @OptionGroup var model: ModelOption
    @OptionGroup var boxes: BoxOptions
    @OptionGroup var threading: ThreadOption

    @Flag(help: "One JSON object per photo: file, size, boxes in pixels of the photo, scores, milliseconds.")
    var json = false

    @Option(help: ArgumentHelp("Write each photo with its boxes and scores into this folder.", valueName: "folder"))
    var annotate: String?

    func run() throws {
        let path = try model.path()
        let detector: PhotoDetector
        do {
            detector = try PhotoDetector(
                modelPath: path, threads: threading.threads, map: boxes.map.map, enlarges: boxes.enlarge, adjust: boxes.adjust)
        } catch { throw Failure.about(path, error) }
        if let annotate { try OutputFolder.make(annotate) }
        let photos = try photos()
        let targets = try annotate.map { try AnnotatedNames.paths(for: photos, in: $0) }
        for (index, photo) in photos.enumerated() {
            let picture = try Picture(contentsOf: photo)
            let detection = detector.detect(picture)
            print(json ? self.json(photo, picture, detection, detector) : text(photo, picture, detection))
            if detection.droppedCount > 0 {
                note(
                    "textpin: \(photo) has \(detection.droppedCount) boxes more than the 1000 that are kept; those with the lowest scores were dropped."
                )
            }
            if let targets { try picture.annotated(with: detection.findings).write(to: targets[index]) }
        }
    }

    private func photos() throws -> [String] {
        try images.flatMap { path -> [String] in
            var isFolder: ObjCBool = false
            if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
                return try Picture.pictures(in: path)
            }
            return [path]
        }
    }

    private func text(_ photo: String, _ picture: Picture, _ detection: PhotoDetection) -> String {
        let time = detection.milliseconds
        let total = JSONText.number(time.prepare + time.network + time.boxes, decimals: 1)
        let count = detection.findings.count
        var lines = ["\(photo): \(count) \(count == 1 ? "text" : "texts") in \(total) ms"]
        for finding in detection.findings {
            let points = finding.polygon.points.map { "\(Int($0.x.rounded())),\(Int($0.y.rounded()))" }.joined(separator: " ")
            lines.append("  \(JSONText.number(finding.score, decimals: 2))  \(points)")
        }
        return lines.joined(separator: "\n")
    }

    private func json(_ photo: String, _ picture: Picture, _ detection: PhotoDetection, _ detector: PhotoDetector) -> String {
        let boxes = detection.findings.map { finding in
            let points = finding.polygon.points.map {
                "[\(JSONText.number($0.x, decimals: 2)),\(JSONText.number($0.y, decimals: 2))]"
            }
            return #"{"polygon":[\#(points.joined(separator: ","))],"score":\#(JSONText.number(finding.score, decimals: 4))}"#
        }
        let time = detection.milliseconds
        return #"{"file":\#(JSONText.string(photo)),"width":\#(picture.width),"height":\#(picture.height),"#
            + #""network":[\#(detector.model.inputWidth),\#(detector.model.inputHeight)],"boxes":[\#(boxes.joined(separator: ","))],"#
            + #""milliseconds":{"prepare":\#(JSONText.number(time.prepare, decimals: 3)),"#
            + #""network":\#(JSONText.number(time.network, decimals: 3)),"boxes":\#(JSONText.number(time.boxes, decimals: 3))}}"#
    }
}

enum AnnotatedNames {
    /// Where each annotated photo goes: its own name, made different where two photos share one; never the photo itself.
    static func paths(for photos: [String], in folder: String) throws -> [String] {
        var taken: Set<String> = []
        return try photos.map { photo in
            let name = (photo as NSString).lastPathComponent as NSString
            // Pictures are written as JPEG or PNG.
            let ending = ["jpg", "jpeg", "png"].contains(name.pathExtension.lowercased()) ? name.pathExtension : "png"
            var path = folder + "/" + name.deletingPathExtension + "." + ending
            var number = 2
            while !taken.insert(path).inserted {
                path = folder + "/" + name.deletingPathExtension + "-\(number)." + ending
                number += 1
            }
            guard URL(fileURLWithPath: path).resolvingSymlinksInPath() != URL(fileURLWithPath: photo).resolvingSymlinksInPath() else {
                throw Failure("\(photo) would be overwritten by its annotated copy: choose another folder for --annotate", status: 64)
            }
            return path
        }
    }
}

enum OutputFolder {
    /// Makes a folder that files can be written into, so that a mistake is told before the work is done.
    static func make(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw Failure("the folder \(path) cannot be made: choose another place to write to", status: 64)
        }
        guard FileManager.default.isWritableFile(atPath: path) else {
            throw Failure("the folder \(path) cannot be written to: choose another place", status: 64)
        }
    }
}
