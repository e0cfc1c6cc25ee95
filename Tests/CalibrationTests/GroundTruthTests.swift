import Calibration
import Testing

struct GroundTruthTests {
    private func read(_ json: String) throws -> GroundTruth? {
        var result: GroundTruth?
        try TemporaryFolder.with { folder in
            try folder.write(Array(json.utf8), as: "ground_truth.json")
            result = try GroundTruth(folder: folder.path)
        }
        return result
    }

    private func image(_ fields: String = #""file": "a.jpg", "width": 10, "height": 20"#, polygons: String = "[]") -> String {
        #"{"images": [{\#(fields), "polygons": \#(polygons)}]}"#
    }

    /// The place and the reason of the error that reading throws.
    private func refusal(_ json: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
        let error = #expect(throws: JSONFileError.self, sourceLocation: sourceLocation) { _ = try read(json) }
        #expect(error?.exitStatus == 65, sourceLocation: sourceLocation)
        switch error {
        case .invalid(_, let place, let reason): return place + ": " + reason
        case .notJSON: return "not JSON"
        default: return String(describing: error)
        }
    }

    @Test func everyFieldIsRead() throws {
        let json = """
            {"name": "two", "images": [
              {"file": "b.jpg", "width": 1280, "height": 720, "polygons": [
                {"points": [[1, 2], [30.5, 2], [30, 12], [1, 12]], "ignore": true, "text": "###"},
                {"points": [[-1, 0], [5, 0], [5, 5]]}]},
              {"file": "a.jpg", "width": 1, "height": 65535, "polygons": []}]}
            """
        let groundTruth = try #require(try read(json))
        #expect(groundTruth.images.map(\.file) == ["b.jpg", "a.jpg"])
        #expect(groundTruth.images.map(\.width) == [1280, 1])
        #expect(groundTruth.images.map(\.height) == [720, 65_535])
        #expect(groundTruth.images[0].polygons.map(\.ignore) == [true, false])
        #expect(groundTruth.images[0].polygons[0].polygon.points == [[1, 2], [30.5, 2], [30, 12], [1, 12]])
        #expect(groundTruth.path(of: groundTruth.images[0]) == groundTruth.folder + "/images/b.jpg")
    }

    @Test func aMissingFileIsNamed() {
        let error = #expect(throws: JSONFileError.self) { try GroundTruth(folder: "/nonexistent") }
        #expect(error?.exitStatus == 66)
        #expect(error?.description == "/nonexistent/ground_truth.json does not exist.")
    }

    @Test func whatIsNotJSONIsRefused() throws {
        for text in ["", "{", "images", #"{"images": [}"#, "\u{0}", #"{"images": []"#] { #expect(try refusal(text) == "not JSON") }
    }

    @Test func everyCutIsRefused() throws {
        let json = image(polygons: #"[{"points": [[1, 2], [3, 4], [5, 6]], "ignore": false}]"#)
        for length in 0..<json.utf8.count {
            #expect(try refusal(String(decoding: json.utf8.prefix(length), as: UTF8.self)) == "not JSON")
        }
    }

    @Test func missingAndWrongFieldsAreNamed() throws {
        #expect(try refusal("[]") == "the outermost level: an object was expected")
        #expect(try refusal("{}") == #"the outermost level: "images" is missing"#)
        #expect(try refusal(#"{"images": {}}"#) == "images: a list was expected")
        #expect(try refusal(#"{"images": []}"#) == "images: it is empty")
        #expect(try refusal(image(#""width": 1, "height": 1"#)) == #"images[0]: "file" is missing"#)
        #expect(try refusal(image(#""file": 7, "width": 1, "height": 1"#)) == "images[0].file: a text was expected")
        #expect(try refusal(image(#""file": "a", "width": "1", "height": 1"#)) == "images[0].width: a whole number was expected")
        let region = "images[0].polygons[0]"
        #expect(try refusal(image(polygons: "[{}]")) == #"\#(region): "points" is missing"#)
        #expect(try refusal(image(polygons: #"[{"points": [[1, 2], [3], [5, 6]]}]"#)) == "\(region).points[1]: its value cannot be used")
        #expect(
            try refusal(image(polygons: #"[{"points": [[1, "2"], [3, 4], [5, 6]]}]"#)) == "\(region).points[0][1]: a number was expected")
        #expect(
            try refusal(image(polygons: #"[{"points": [[1, 2], [3, 4]]}]"#))
                == "\(region).points: it has 2 points, where 3 to 1000 are allowed")
        #expect(
            try refusal(image(polygons: #"[{"points": [[1, 2], [3, 4], [5, 6]], "ignore": 3}]"#))
                == "\(region).ignore: true or false was expected")
    }

    @Test func sizesThatNoPictureHasAreRefused() throws {
        for size in ["0 x 1", "1 x -1", "65536 x 1", "9223372036854775807 x 9223372036854775807"] {
            let sides = size.split(separator: " x ")
            let json = image(#""file": "a", "width": \#(sides[0]), "height": \#(sides[1])"#)
            #expect(try refusal(json) == "images[0]: \(size) is not a size from 1 x 1 to 65535 pixels a side")
        }
    }

    @Test func namesThatLeaveTheFolderAreRefused() throws {
        for name in ["", ".", "..", "../a.jpg", "/etc/passwd", "a/b.jpg", "a\\u0000.jpg"] {
            let reason = try refusal(image(#""file": "\#(name)", "width": 1, "height": 1"#))
            #expect(reason.hasPrefix("images[0].file: ") && reason.hasSuffix(" is not a plain file name"))
        }
    }

    @Test func aNameListedTwiceIsRefused() throws {
        let entry = #"{"file": "a.jpg", "width": 1, "height": 1, "polygons": []}"#
        #expect(try refusal(#"{"images": [\#(entry), \#(entry)]}"#) == #"images[1].file: "a.jpg" is listed twice"#)
    }

    @Test func pointsFarAwayAreRefused() throws {
        let json = image(polygons: #"[{"points": [[0, 0], [1, 0], [1e300, 1]]}]"#)
        #expect(try refusal(json) == "images[0].polygons[0].points[2]: it lies more than 1000000 pixels away")
    }

    @Test func deepNestingIsAnErrorAndNoCrash() throws {
        let deep = String(repeating: "[", count: 100_000)
        #expect(try refusal(#"{"images": "# + deep) == "not JSON")
    }
}
