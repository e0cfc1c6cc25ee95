import Foundation

/// What travels beside an ONNX file in a JSON file of the same name, or inside it: where its weights are from, and how they want their input and output.
///
/// `Calibration/models/fetch` and `Calibration/training` write it; `textpin calibrate` copies it into the model file. Other fields are passed over.
public struct ModelSidecar: Sendable, Equatable, Decodable {
    public var name: String
    /// Who trained the weights, and where they are kept.
    public var source: String
    /// An SPDX identifier.
    public var licence: String
    /// The order in which the network takes a pixel's channels.
    public var order: Preprocessing.ChannelOrder
    /// Three numbers in the network's channel order: what is taken off value / 255.
    public var mean: [Double]
    /// Three numbers in the network's channel order: what the difference is divided by.
    public var std: [Double]
    /// The probability above which a pixel is text, between 0 and 1.
    public var threshold: Double
    /// The least mean probability that a box may have, 0 to below 1.
    public var score: Double
    /// r' in D' = A' * r' / L', the distance by which a shrunk region grows (Liao et al. 2020, equation 10), above 0 and up to 8.
    public var unclip: Double

    private static let mostFileBytes = 1 << 20

    /// Where the sidecar of an ONNX file is looked for: the same name with .json in place of .onnx.
    public static func path(besideModel path: String) -> String {
        (path.hasSuffix(".onnx") ? String(path.dropLast(".onnx".count)) : path) + ".json"
    }

    /// The entry of an ONNX file's metadata that holds the same JSON.
    public static let metadataKey = "textpin"

    /// Reads and checks a sidecar.
    public init(contentsOf path: String) throws(JSONFileError) {
        self = try JSONFile.read(ModelSidecar.self, from: path, limit: Self.mostFileBytes)
        try check(path)
    }

    /// The same from an ONNX file's metadata, nil where it says nothing; `path` is the file's, for errors.
    public init?(metadata: [String: String], of path: String) throws(JSONFileError) {
        guard let json = metadata[Self.metadataKey] else { return nil }
        self = try JSONFile.decode(ModelSidecar.self, from: Data(json.utf8), of: path)
        try check(path)
    }

    private func check(_ path: String) throws(JSONFileError) {
        func require(_ condition: Bool, _ place: String, _ reason: String) throws(JSONFileError) {
            guard condition else { throw .invalid(path: path, place: place, reason: reason) }
        }
        try require(!name.isEmpty, "name", "it is empty")
        try require(mean.count == 3 && mean.allSatisfy { (-10...10).contains($0) }, "mean", "three numbers from -10 to 10 were expected")
        // A divisor near nothing would blow every pixel up to infinity.
        try require(
            std.count == 3 && std.allSatisfy { (0.001...1000).contains($0) }, "std", "three numbers from 0.001 to 1000 were expected")
        try require(threshold > 0 && threshold < 1, "threshold", "a number between 0 and 1 was expected")
        try require(score >= 0 && score < 1, "score", "a number from 0 to below 1 was expected")
        try require(unclip > 0 && unclip <= 8, "unclip", "a number above 0 and up to 8 was expected")
    }
}
