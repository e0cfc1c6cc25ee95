import CSelfCheck
import Messages
import Watch

extension Photo {
    /// The picture that `selfcheck` gives to networks.
    static func selfCheck(width: Int, height: Int, path: UnsafePointer<CChar>) throws(Failure) -> Photo {
        let photo = try Photo(width: width, height: height, path: path)
        textpin_self_check_picture(photo.start, Int32(width), Int32(height))
        return photo
    }
}
