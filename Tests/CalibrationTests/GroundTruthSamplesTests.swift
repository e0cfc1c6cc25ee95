import Calibration
import Foundation
import Testing

/// The sample photos that the repository ships.
struct GroundTruthSamplesTests {
    private static let folder =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
        + "/Calibration/samples"

    @Test func everySampleIsThereInTheSizeThatItsLabelSays() throws {
        let samples = try GroundTruth(folder: Self.folder)
        #expect(samples.images.count >= 24)
        #expect(samples.images.count { $0.polygons.isEmpty } >= 5)
        let files = try Picture.pictures(in: Self.folder + "/images")
        #expect(Set(samples.images.map(samples.path)) == Set(files))
        for image in samples.images {
            let picture = try Picture(contentsOf: samples.path(of: image))
            #expect(picture.width == image.width && picture.height == image.height, "\(image.file)")
        }
    }

    @Test func everyLabelIsAQuadrilateralClockwiseFromItsTopLeft() throws {
        for image in try GroundTruth(folder: Self.folder).images {
            for region in image.polygons {
                let points = region.polygon.points
                #expect(points.count == 4)
                // Twice the signed area: positive where the outline runs clockwise on a screen, whose y points down.
                let area = points.indices.reduce(0.0) { sum, index in
                    let (from, to) = (points[index], points[(index + 1) % points.count])
                    return sum + from.x * to.y - to.x * from.y
                }
                #expect(area > 100, "\(image.file)")
                #expect(points[0].x < points[1].x && points[0].y < points[3].y, "\(image.file)")
                for point in points {
                    #expect((0...Double(image.width)).contains(point.x) && (0...Double(image.height)).contains(point.y), "\(image.file)")
                }
            }
        }
    }
}
