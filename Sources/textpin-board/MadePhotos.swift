import CSelfCheck
import Messages
import Watch

extension Photo {
    /// Grey noise, the same every time and on every machine: a picture to measure times with.
    static func noise(width: Int, height: Int, path: UnsafePointer<CChar>) throws(Failure) -> Photo {
        let photo = try Photo(width: width, height: height, path: path)
        var state: UInt32 = 1
        for index in 0..<(width * height) {
            state = state &* 1_664_525 &+ 1_013_904_223
            for channel in 0..<3 { photo.start[3 * index + channel] = UInt8(truncatingIfNeeded: state >> 24) }
        }
        return photo
    }

    /// The picture that `selfcheck` gives to networks.
    static func selfCheck(width: Int, height: Int, path: UnsafePointer<CChar>) throws(Failure) -> Photo {
        let photo = try Photo(width: width, height: height, path: path)
        textpin_self_check_picture(photo.start, Int32(width), Int32(height))
        return photo
    }
}
