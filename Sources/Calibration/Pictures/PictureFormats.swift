import PictureFiles

extension Picture {
    /// The picture as it stands upright, where it is stored with this orientation.
    package func turned(by orientation: ExifOrientation) -> Picture {
        guard orientation != .upright else { return self }
        let turned = pixels.withUnsafeBufferPointer { stored in
            [UInt8](unsafeUninitializedCapacity: stored.count) { upright, count in
                guard let source = stored.baseAddress, let target = upright.baseAddress else { return }
                orientation.turn(source, width: width, height: height, into: target)
                count = stored.count
            }
        }
        let (newWidth, newHeight) = orientation.swapsSides ? (height, width) : (width, height)
        return Picture(width: newWidth, height: newHeight, pixels: turned)
    }

    /// A PPM or PGM, which begins with P6 or P5.
    init(portableMap data: [UInt8], path: String) throws(PictureError) {
        let format = data[1] == UInt8(ascii: "6") ? "PPM" : "PGM"
        let result: Result<Picture, PictureError> = data.withUnsafeBytes { file in
            Result { () throws(PictureError) -> Picture in
                guard let map = PortableMap(file) else {
                    throw .damaged(path: path, format: format, reason: "its header does not hold a width, a height and a largest value")
                }
                try Self.check(width: map.width, height: map.height, path: path)
                guard PortableMap.maximumRange.contains(map.maximum) else {
                    throw .damaged(path: path, format: format, reason: "its largest value is \(map.maximum), where 1 to 65535 is allowed")
                }
                guard map.foundBytes >= map.neededBytes else {
                    throw .damaged(
                        path: path, format: format, reason: "it holds \(map.foundBytes) bytes of pixels where \(map.neededBytes) belong")
                }
                let pixels = [UInt8](unsafeUninitializedCapacity: map.width * map.height * 3) { rgb, count in
                    guard let target = rgb.baseAddress else { return }
                    map.decode(into: target)
                    count = rgb.count
                }
                return Picture(width: map.width, height: map.height, pixels: pixels)
            }
        }
        self = try result.get()
    }
}
