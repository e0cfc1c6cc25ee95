import Calibration
import Foundation
import Testing

/// Small files written by Pillow, for what our own encoder does not write.
private enum JPEGSample {
    /// 16 x 8, grey: 40 in the left half, 200 in the right.
    static let grey =
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYVpQYEpRUk//"
        + "wAALCAAIABABAREA/8QAFQABAQAAAAAAAAAAAAAAAAAABgf/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oACAEBAAA/ABKxP//Z"
    /// 32 x 16, 4:2:0, progressive: (200, 40, 30) in the left half, (30, 60, 210) in the right.
    static let progressive =
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAoHBwgHBgoICAgLCgoLDhgQDg0NDh0VFhEYIx8lJCIfIiEmKzcvJik0KSEiMEExNDk7Pj4+JS5ESUM8SDc9Pjv/"
        + "2wBDAQoLCw4NDhwQEBw7KCIoOzs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozv/wgARCAAQACADASIAAhEBAxEB/8QA"
        + "FgABAQEAAAAAAAAAAAAAAAAAAAMF/8QAFQEBAQAAAAAAAAAAAAAAAAAABgT/2gAMAwEAAhADEAAAAc4RIIBaU//EABQQAQAAAAAAAAAAAAAAAAAAADD/2gAI"
        + "AQEAAQUCD//EABQRAQAAAAAAAAAAAAAAAAAAABD/2gAIAQMBAT8BP//EABQRAQAAAAAAAAAAAAAAAAAAABD/2gAIAQIBAT8BP//EABQQAQAAAAAAAAAAAAAA"
        + "AAAAADD/2gAIAQEABj8CD//EABQQAQAAAAAAAAAAAAAAAAAAADD/2gAIAQEAAT8hD//aAAwDAQACAAMAAAAQ9A//xAAUEQEAAAAAAAAAAAAAAAAAAAAQ/9oA"
        + "CAEDAQE/ED//xAAUEQEAAAAAAAAAAAAAAAAAAAAQ/9oACAECAQE/ED//xAAUEAEAAAAAAAAAAAAAAAAAAAAw/9oACAEBAAE/EA//2Q=="
    /// The same picture, 4:2:2, baseline.
    static let halved =
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAoHBwgHBgoICAgLCgoLDhgQDg0NDh0VFhEYIx8lJCIfIiEmKzcvJik0KSEiMEExNDk7Pj4+JS5ESUM8SDc9Pjv/"
        + "2wBDAQoLCw4NDhwQEBw7KCIoOzs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozv/wAARCAAQACADASEAAhEBAxEB/8QA"
        + "FgABAQEAAAAAAAAAAAAAAAAAAAQG/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/EABUBAQEAAAAAAAAAAAAAAAAAAAcF/8QAFBEBAAAAAAAAAAAAAAAAAAAAAP/a"
        + "AAwDAQACEQMRAD8AzwikFAFoULwSldAFoUP/2Q=="
    /// 8 x 8, CMYK with Adobe's marker.
    static let cmyk =
        "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwANCQoLCggNCwoLDg4NDxMgFRMSEhMnHB4XIC4pMTAuKS0sMzpKPjM2RjcsLUBXQUZMTlJTUjI+WmFaUGBKUVJP/8AA"
        + "FAgACAAIBEMRAE0RAFkRAEsRAP/EABQAAQAAAAAAAAAAAAAAAAAAAAX/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oADgRDAE0AWQBLAAA/AESJEi//2Q=="

    static func bytes(_ text: String) throws -> [UInt8] { Array(try #require(Data(base64Encoded: text))) }
}

struct PictureJPEGTests {
    private func isNear(_ pixel: (red: UInt8, green: UInt8, blue: UInt8), _ red: Int, _ green: Int, _ blue: Int) -> Bool {
        // The blocks are flat: what is left is the rounding of colour conversion, forth and back.
        abs(Int(pixel.red) - red) <= 2 && abs(Int(pixel.green) - green) <= 2 && abs(Int(pixel.blue) - blue) <= 2
    }

    @Test func greyBecomesRGB() throws {
        let picture = try Picture(data: try JPEGSample.bytes(JPEGSample.grey), path: "a.jpg")
        #expect(picture.width == 16 && picture.height == 8)
        #expect(isNear(picture[2, 4], 40, 40, 40))
        #expect(isNear(picture[13, 4], 200, 200, 200))
    }

    @Test(arguments: [JPEGSample.progressive, JPEGSample.halved]) func subsampledAndProgressiveColoursAreRight(sample: String) throws {
        let picture = try Picture(data: try JPEGSample.bytes(sample), path: "a.jpg")
        #expect(picture.width == 32 && picture.height == 16)
        #expect(isNear(picture[4, 8], 200, 40, 30))
        #expect(isNear(picture[27, 8], 30, 60, 210))
    }

    @Test func printColoursAreRefused() throws {
        let file = try JPEGSample.bytes(JPEGSample.cmyk)
        #expect(throws: PictureError.printColours(path: "a.jpg")) { try Picture(data: file, path: "a.jpg") }
    }

    @Test(arguments: [JPEGSample.grey, JPEGSample.progressive, JPEGSample.halved]) func everyCutIsAnError(sample: String) throws {
        let file = try JPEGSample.bytes(sample)
        for length in 0..<file.count {
            let error = #expect(throws: PictureError.self, "cut to \(length) of \(file.count)") {
                try Picture(data: Array(file.prefix(length)), path: "a.jpg")
            }
            #expect(error?.exitStatus == 65)
        }
    }

    @Test func aLargerFileCutAtEveryTenthIsAnError() throws {
        try TemporaryFolder.with { folder in
            try Picture.noise(width: 160, height: 120, seed: 5).write(to: folder.path("a.jpg"))
            let file = try WholeFile.read(folder.path("a.jpg"), limit: 1 << 20)
            for tenth in 0..<10 {
                try folder.write(Array(file.prefix(file.count * tenth / 10)), as: "cut.jpg")
                let error = #expect(throws: PictureError.self) { try Picture(contentsOf: folder.path("cut.jpg")) }
                #expect(error?.description.hasPrefix(folder.path("cut.jpg") + " is ") == true)
            }
        }
    }

    @Test func hugeSizesAreRefusedByTheHeader() throws {
        var file = try JPEGSample.bytes(JPEGSample.grey)
        let frame = try #require(file.indices.dropLast(8).first { file[$0] == 0xFF && file[$0 + 1] == 0xC0 })
        file.replaceSubrange((frame + 5)..<(frame + 9), with: [0xFF, 0xDC, 0xFF, 0xDC])
        #expect(throws: PictureError.tooLarge(path: "a.jpg", width: 65_500, height: 65_500)) { try Picture(data: file, path: "a.jpg") }
        file.replaceSubrange((frame + 5)..<(frame + 9), with: [0, 0, 0, 0])
        let error = #expect(throws: PictureError.self) { try Picture(data: file, path: "a.jpg") }
        #expect(error?.exitStatus == 65)
    }
}
