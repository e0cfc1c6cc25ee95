/// The labels of a folder of pictures: `ground_truth.json`, with the pictures in `images/` beside it.
///
///     {"images": [{"file": "a.jpg", "width": 1280, "height": 720,
///                  "polygons": [{"points": [[x, y], …], "ignore": false}]}]}
///
/// Other fields, such as a polygon's "text", are passed over.
public struct GroundTruth: Sendable, Equatable {
    /// One labelled picture.
    public struct Image: Sendable, Equatable {
        /// A name in `images/`, without folders.
        public var file: String
        /// In pixels, of the picture as it stands upright.
        public var width: Int
        public var height: Int
        public var polygons: [Region]
    }

    /// One labelled text, or a region that is not to be judged.
    public struct Region: Sendable, Equatable {
        public var polygon: TextPolygon
        /// Unreadable or "difficult": finding it is neither right nor wrong. False where the file does not say.
        public var ignore: Bool

        public init(polygon: TextPolygon, ignore: Bool = false) {
            self.polygon = polygon
            self.ignore = ignore
        }
    }

    /// The folder that was read.
    public let folder: String
    /// At least one, in the order of the file.
    public let images: [Image]

    /// The path of an image's file.
    public func path(of image: Image) -> String { folder + "/images/" + image.file }

    private static let mostFileBytes = 1 << 28
    private static let mostPoints = 1000
    /// Labels may lie a little outside of their picture; beyond this they are nonsense and would cost precision.
    private static let farthest = 1_000_000.0

    /// Reads and checks `folder/ground_truth.json`; whether the pictures exist shows when they are read.
    public init(folder: String) throws(JSONFileError) {
        let path = folder + "/ground_truth.json"
        let listing = try JSONFile.read(Listing.self, from: path, limit: Self.mostFileBytes)
        self.folder = folder
        images = listing.images
        try check(path: path)
    }

    private func check(path: String) throws(JSONFileError) {
        guard !images.isEmpty else { throw .invalid(path: path, place: "images", reason: "it is empty") }
        var names: Set<String> = []
        for (index, image) in images.enumerated() {
            let place = "images[\(index)]"
            // A name with folders in it could reach any file of the machine.
            guard !image.file.isEmpty, !image.file.contains("/"), !image.file.contains("\0"), image.file != ".", image.file != ".." else {
                throw .invalid(path: path, place: place + ".file", reason: "\"\(image.file)\" is not a plain file name")
            }
            guard names.insert(image.file).inserted else {
                throw .invalid(path: path, place: place + ".file", reason: "\"\(image.file)\" is listed twice")
            }
            guard (1...Picture.longestSide).contains(image.width), (1...Picture.longestSide).contains(image.height) else {
                let size = "\(image.width) x \(image.height)"
                throw .invalid(path: path, place: place, reason: "\(size) is not a size from 1 x 1 to \(Picture.longestSide) pixels a side")
            }
            for (number, region) in image.polygons.enumerated() {
                try check(region.polygon.points, path: path, place: "\(place).polygons[\(number)].points")
            }
        }
    }

    private func check(_ points: [SIMD2<Double>], path: String, place: String) throws(JSONFileError) {
        guard (3...Self.mostPoints).contains(points.count) else {
            throw .invalid(path: path, place: place, reason: "it has \(points.count) points, where 3 to \(Self.mostPoints) are allowed")
        }
        for (index, point) in points.enumerated() where !(abs(point.x) <= Self.farthest && abs(point.y) <= Self.farthest) {
            throw .invalid(path: path, place: "\(place)[\(index)]", reason: "it lies more than \(Int(Self.farthest)) pixels away")
        }
    }
}

/// The file's outermost object.
private struct Listing: Decodable {
    var images: [GroundTruth.Image]
}

extension GroundTruth.Image: Decodable {}

extension GroundTruth.Region: Decodable {
    private enum CodingKeys: CodingKey {
        case points, ignore
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        // A point is an array of exactly two numbers, which is how SIMD2 decodes.
        polygon = TextPolygon(points: try fields.decode([SIMD2<Double>].self, forKey: .points))
        ignore = try fields.decodeIfPresent(Bool.self, forKey: .ignore) ?? false
    }
}
