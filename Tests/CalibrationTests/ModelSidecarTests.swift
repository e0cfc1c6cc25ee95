import Calibration
import Testing

struct ModelSidecarTests {
    private static let fields: [(String, String)] = [
        ("name", #""PP-OCRv3""#), ("source", #""somewhere""#), ("licence", #""Apache-2.0""#), ("order", #""bgr""#),
        ("mean", "[0.485, 0.456, 0.406]"), ("std", "[0.229, 0.224, 0.225]"), ("threshold", "0.3"), ("score", "0.5"), ("unclip", "1.6"),
        ("sha256", #""passed over""#),
    ]

    /// Reads a sidecar in which one field is replaced, or left out where `value` is nil.
    private func read(_ name: String = "", _ value: String? = "") throws -> ModelSidecar? {
        let lines = Self.fields.compactMap { field, usual -> String? in
            guard field == name else { return #""\#(field)": \#(usual)"# }
            return value.map { #""\#(field)": \#($0)"# }
        }
        var result: ModelSidecar?
        try TemporaryFolder.with { folder in
            try folder.write(Array("{\(lines.joined(separator: ","))}".utf8), as: "a.json")
            result = try ModelSidecar(contentsOf: folder.path("a.json"))
        }
        return result
    }

    @Test func everyFieldIsRead() throws {
        let sidecar = try #require(try read())
        #expect(sidecar.name == "PP-OCRv3" && sidecar.source == "somewhere" && sidecar.licence == "Apache-2.0")
        #expect(sidecar.order == .bgr)
        #expect(sidecar.mean == [0.485, 0.456, 0.406] && sidecar.std == [0.229, 0.224, 0.225])
        #expect(sidecar.threshold == 0.3 && sidecar.score == 0.5 && sidecar.unclip == 1.6)
        #expect(try read("order", #""rgb""#)?.order == .rgb)
    }

    @Test(arguments: [
        ("name", #""""#), ("order", #""grb""#), ("mean", "[0, 0]"), ("mean", "[0, 0, 11]"), ("std", "[1, 1, 0]"), ("std", "[1, 1, 1e300]"),
        ("std", "[1, 1, -1]"), ("threshold", "0"), ("threshold", "1"), ("score", "-0.1"), ("score", "1"), ("unclip", "0"), ("unclip", "11"),
        ("unclip", #""1.6""#),
    ])
    func valuesThatCannotBeUsedAreRefused(field: String, value: String) throws {
        let error = #expect(throws: JSONFileError.self) { _ = try read(field, value) }
        guard case .invalid(_, let place, _) = error else {
            Issue.record("\(String(describing: error)) does not name a place")
            return
        }
        #expect(place == field)
        #expect(error?.exitStatus == 65)
    }

    @Test(arguments: Self.fields.dropLast().map(\.0)) func everyFieldIsNeeded(field: String) throws {
        let error = #expect(throws: JSONFileError.self) { _ = try read(field, nil) }
        #expect(error?.description.hasSuffix("a.json is wrong at the outermost level: \"\(field)\" is missing.") == true)
    }

    @Test func itsJSONCanStandInTheNetworksMetadata() throws {
        let json = "{\(Self.fields.map { "\"\($0)\": \($1)" }.joined(separator: ","))}"
        let sidecar = try #require(try ModelSidecar(metadata: ["textpin": json, "other": "{"], of: "a.onnx"))
        #expect(sidecar == (try read()))
        #expect(try ModelSidecar(metadata: ["other": json], of: "a.onnx") == nil)
        let error = #expect(throws: JSONFileError.self) {
            _ = try ModelSidecar(metadata: ["textpin": json.replacing("0.485", with: "-11")], of: "a.onnx")
        }
        #expect(error?.description == "a.onnx is wrong at mean: three numbers from -10 to 10 were expected.")
    }

    @Test func theSidecarStandsBesideTheModel() {
        #expect(ModelSidecar.path(besideModel: "a/b.onnx") == "a/b.json")
        #expect(ModelSidecar.path(besideModel: "a/b") == "a/b.json")
    }
}
