import Calibration
import Foundation
import Testing

struct PictureRoundTripTests {
    @Test func aPNGComesBackUnchanged() throws {
        try TemporaryFolder.with { folder in
            let picture = Picture.noise(width: 37, height: 23, seed: 1)
            try picture.write(to: folder.path("a.png"))
            #expect(try Picture(contentsOf: folder.path("a.png")) == picture)
        }
    }

    @Test func aSmoothJPEGComesBackNearly() throws {
        try TemporaryFolder.with { folder in
            var picture = Picture(width: 64, height: 48, red: 0, green: 0, blue: 0)
            for y in 0..<48 { for x in 0..<64 { picture[x, y] = (UInt8(x * 4), UInt8(y * 5), UInt8(x + y)) } }
            try picture.write(to: folder.path("a.JPEG"))
            let read = try Picture(contentsOf: folder.path("a.JPEG"))
            #expect(read.width == 64 && read.height == 48)
            let worst = zip(read.pixels, picture.pixels).map { abs(Int($0) - Int($1)) }.max()
            #expect(try #require(worst) <= 12)
        }
    }

    @Test func extensionsOtherThanJPEGAndPNGAreRefused() throws {
        try TemporaryFolder.with { folder in
            let path = folder.path("a.gif")
            #expect(throws: PictureError.unknownExtension(path: path)) { try Picture.noise(width: 2, height: 2, seed: 1).write(to: path) }
            #expect(folder.names == [])
        }
    }

    @Test func aWriteThatFailsLeavesNothingBehind() throws {
        try TemporaryFolder.with { folder in
            let target = folder.path("a.png")
            try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: false)
            let picture = Picture.noise(width: 8, height: 8, seed: 2)
            let error = #expect(throws: PictureError.self) { try picture.write(to: target) }
            #expect(error?.exitStatus == 64)
            #expect(folder.names == ["a.png"])

            let nowhere = folder.path("no/such/folder/a.png")
            #expect(throws: PictureError.file(.cannotWrite(path: nowhere, reason: "no such file or directory"))) {
                try picture.write(to: nowhere)
            }
            #expect(folder.names == ["a.png"])
        }
    }

    @Test func writingReplacesTheOldPictureWhole() throws {
        try TemporaryFolder.with { folder in
            let path = folder.path("a.png")
            try Picture.noise(width: 200, height: 200, seed: 3).write(to: path)
            let small = Picture.noise(width: 3, height: 3, seed: 4)
            try small.write(to: path)
            #expect(try Picture(contentsOf: path) == small)
            #expect(folder.names == ["a.png"])
        }
    }

    @Test func aDeviceIsNeverReplaced() {
        #expect(throws: FileError.cannotWrite(path: "/dev/null", reason: "it exists and is not an ordinary file")) {
            try WholeFile.write([1], to: "/dev/null")
        }
    }

    @Test func oneSidedPicturesFitPNGButNotEveryJPEG() throws {
        try TemporaryFolder.with { folder in
            let wide = Picture(width: 65_520, height: 1, red: 1, green: 2, blue: 3)
            try wide.write(to: folder.path("a.png"))
            #expect(try Picture(contentsOf: folder.path("a.png")) == wide)
            let path = folder.path("a.jpg")
            #expect(throws: PictureError.doesNotFitFormat(path: path, format: "JPEG", width: 65_520, height: 1)) {
                try wide.write(to: path)
            }
            #expect(folder.names == ["a.png"])
        }
    }
}
