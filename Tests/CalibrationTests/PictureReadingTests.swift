import Calibration
import Foundation
import Testing

struct PictureReadingTests {
    private func portableMap(_ header: String, _ samples: [UInt8]) throws -> Picture {
        try Picture(data: Array(header.utf8) + samples, path: "a.ppm")
    }

    @Test func portableMapsAreRead() throws {
        #expect(try portableMap("P6 2 1 255\n", [1, 2, 3, 4, 5, 6]).pixels == [1, 2, 3, 4, 5, 6])
        #expect(try portableMap("P5\n# made by hand\n2\t1 # wide and high\n255\n", [7, 9]).pixels == [7, 7, 7, 9, 9, 9])
        // 16 bits, high byte first: 0x8000 of 65535 is 127.5, rounded up; 0x0101 is exactly 1.
        #expect(try portableMap("P5 2 1 65535\n", [0x80, 0x00, 0x01, 0x01]).pixels == [128, 128, 128, 1, 1, 1])
        // A largest value of 100 is white, and so is what lies above it.
        #expect(try portableMap("P5 3 1 100\n", [100, 50, 200]).pixels == [255, 255, 255, 128, 128, 128, 255, 255, 255])
    }

    @Test(arguments: [
        "P6", "P6 2", "P6 2 1", "P6 2 1 255", "P6 -2 1 255\n", "P6 2 1 0\n", "P6 2 1 65536\n", "P6 2 1 255\n",
        "P6 99999999999999999999 1 255\n",
        "P6 x 1 255\n", "P6 2 1 255 ",
    ]) func brokenPortableMapsAreRefused(header: String) throws {
        let error = #expect(throws: PictureError.self) { try portableMap(header, [1, 2, 3, 4, 5]) }
        #expect(error?.description.hasPrefix("a.ppm is a damaged PPM file: ") == true)
    }

    @Test func sizesOfPortableMapsAreBounded() throws {
        #expect(throws: PictureError.emptySize(path: "a.ppm", width: 0, height: 1)) { try portableMap("P6 0 1 255\n", []) }
        #expect(throws: PictureError.tooLarge(path: "a.ppm", width: 999_999_999, height: 999_999_999)) {
            try portableMap("P6 999999999 999999999 255\n", [])
        }
    }

    @Test func theContentDecidesAndNotTheName() throws {
        try TemporaryFolder.with { folder in
            let picture = Picture.noise(width: 5, height: 4, seed: 8)
            try picture.write(to: folder.path("a.png"))
            try FileManager.default.moveItem(atPath: folder.path("a.png"), toPath: folder.path("a.jpg"))
            let read = try Picture(contentsOf: folder.path("a.jpg"))
            #expect(read == picture)
        }
    }

    @Test func whatIsNoPictureIsRefusedByName() throws {
        try TemporaryFolder.with { folder in
            for content in [[], Array("Dear Sir".utf8), [0xFF], [0xFF, 0xD8], Array("GIF89a".utf8), Array("P3 1 1 255 0 0 0".utf8)]
                as [[UInt8]]
            {
                try folder.write(content, as: "a.jpg")
                let path = folder.path("a.jpg")
                #expect(throws: PictureError.unknownFormat(path: path)) { try Picture(contentsOf: path) }
            }
        }
    }

    @Test func missingFilesAndFoldersAreErrors() throws {
        try TemporaryFolder.with { folder in
            let missing = #expect(throws: PictureError.file(.missing(path: folder.path("a.jpg")))) {
                try Picture(contentsOf: folder.path("a.jpg"))
            }
            #expect(missing?.exitStatus == 66)
            #expect(missing?.description == folder.path("a.jpg") + " does not exist.")
            let isFolder = #expect(throws: PictureError.file(.isFolder(path: folder.path))) { try Picture(contentsOf: folder.path) }
            #expect(isFolder?.exitStatus == 65)
        }
    }

    @Test func readingStopsAtTheLimit() throws {
        try TemporaryFolder.with { folder in
            try folder.write([1, 2, 3], as: "a")
            let bytes = try WholeFile.read(folder.path("a"), limit: 3)
            #expect(bytes == [1, 2, 3])
            #expect(throws: FileError.tooLarge(path: folder.path("a"), limit: 2)) { try WholeFile.read(folder.path("a"), limit: 2) }
            #expect(throws: FileError.tooLarge(path: "/dev/zero", limit: 100_000)) { try WholeFile.read("/dev/zero", limit: 100_000) }
        }
    }

    @Test func aFoldersPicturesAreListedByName() throws {
        try TemporaryFolder.with { folder in
            for name in ["b.JPG", "a.png", "c.jpeg", "d.PpM", "e.pgm", "B.jpg", "notes.txt", "jpg", ".hidden.jpg", "f.jpg.bak"] {
                try folder.write([0], as: name)
            }
            try FileManager.default.createDirectory(atPath: folder.path("folder.jpg"), withIntermediateDirectories: false)
            #expect(mkfifo(folder.path("pipe.jpg"), 0o600) == 0)
            let listed = try Picture.pictures(in: folder.path)
            #expect(listed == ["B.jpg", "a.png", "b.JPG", "c.jpeg", "d.PpM", "e.pgm"].map(folder.path))
            let withSlash = try Picture.pictures(in: folder.path + "/")
            #expect(withSlash == listed)
        }
    }

    @Test func foldersWithoutPicturesAreErrors() throws {
        try TemporaryFolder.with { folder in
            let empty = #expect(throws: PictureError.noPictures(folder: folder.path)) { try Picture.pictures(in: folder.path) }
            #expect(empty?.exitStatus == 66)
            #expect(throws: PictureError.file(.missing(path: folder.path("no")))) { try Picture.pictures(in: folder.path("no")) }
            try folder.write([0], as: "a.jpg")
            #expect(throws: PictureError.file(.isNoFolder(path: folder.path("a.jpg")))) { try Picture.pictures(in: folder.path("a.jpg")) }
        }
    }

    /// Whatever is changed in a file, reading it ends in a picture within bounds or an error, and never in a crash.
    @Test func flippedBytesNeverCrash() throws {
        var files: [[UInt8]] = []
        try TemporaryFolder.with { folder in
            let picture = Picture.noise(width: 33, height: 17, seed: 6)
            for name in ["a.jpg", "a.png"] {
                try picture.write(to: folder.path(name))
                files.append(try WholeFile.read(folder.path(name), limit: 1 << 20))
            }
        }
        files.append(PNGBuilder(width: 21, height: 9, type: .colourAlpha, depth: 16, interlaced: true).file { x, y, _ in x * y })
        files.append(Array("P6 21 9 65535\n".utf8) + [UInt8](repeating: 77, count: 21 * 9 * 6))
        var numbers = SeededNumbers(7)
        var refused = 0
        for round in 0..<2000 {
            var file = files[round % files.count]
            // Headers are short and matter most: half of the changes go to the first 64 bytes.
            for _ in 0..<Int.random(in: 1...4, using: &numbers) {
                let end = Bool.random(using: &numbers) ? min(64, file.count) : file.count
                file[Int.random(in: 2..<end, using: &numbers)] = UInt8.random(in: 0...255, using: &numbers)
            }
            do {
                let picture = try Picture(data: file, path: "a")
                #expect(picture.pixels.count == picture.width * picture.height * 3)
                #expect(picture.width * picture.height <= Picture.mostPixels)
            } catch {
                #expect((65...66).contains(error.exitStatus), "\(error)")
                refused += 1
            }
        }
        // PNG has checksums, so most changes must be noticed.
        #expect(refused > 600)
    }
}
