import Testing
import TextDetection

@Suite("Network to photo") struct PhotoScaleTests {
    @Test("points scale by the ratio of the sizes, each way its own, rounded half up") func scaling() throws {
        let scale = try #require(PhotoScale(photoWidth: 1280, photoHeight: 721, scaledWidth: 640, scaledHeight: 360))
        #expect(scale.photoPoint(BoxPoint(x: 100 << 8, y: 0)) == BoxPoint(x: 200 << 8, y: 0))
        // 256 * 721 / 360 = 512.71; 90 * 721 / 360 = 180.25; 180 * 721 / 360 = 360.5.
        #expect(scale.photoPoint(BoxPoint(x: 1, y: 256)) == BoxPoint(x: 2, y: 513))
        #expect(scale.photoPoint(BoxPoint(x: 0, y: 90)) == BoxPoint(x: 0, y: 180))
        #expect(scale.photoPoint(BoxPoint(x: 0, y: 180)) == BoxPoint(x: 0, y: 361))
    }

    @Test("points beyond the photo move onto its border") func clamping() throws {
        let scale = try #require(PhotoScale(photoWidth: 300, photoHeight: 200, scaledWidth: 600, scaledHeight: 400))
        #expect(scale.photoPoint(BoxPoint(x: -1, y: 401 << 8)) == BoxPoint(x: 0, y: 200 << 8))
        #expect(scale.photoPoint(BoxPoint(x: .max, y: .min)) == BoxPoint(x: 300 << 8, y: 0))
    }

    @Test("sizes that cannot be are refused") func refusals() {
        for sizes in [(0, 1, 1, 1), (1, 0, 1, 1), (1, 1, 0, 1), (1, 1, 1, -1), (1 << 23, 1, 1, 1), (1, Int.max, 1, 1)] {
            #expect(PhotoScale(photoWidth: sizes.0, photoHeight: sizes.1, scaledWidth: sizes.2, scaledHeight: sizes.3) == nil)
        }
    }
}
