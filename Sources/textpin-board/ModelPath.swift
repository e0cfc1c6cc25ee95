import CDevices
import Messages
import Watch

/// Which model a verb takes when `--model` is not given.
enum ModelPath {
    /// Where the Debian package has its model.
    private static let installed: StaticString = "/usr/share/textpin/model.dbq"

    /// The model that `TEXTPIN_MODEL` names, or the Debian package's; the same variable means the same to `textpin`.
    static var standard: UnsafePointer<CChar> {
        let variable: StaticString = "TEXTPIN_MODEL"
        if let named = textpin_environment(variable.cString), named[0] != 0 { return named }
        return installed.cString
    }
}

extension LoadedModel {
    /// The model that `--model` named, or the standard one.
    init(option: UnsafePointer<CChar>?) throws(Failure) {
        let path = option ?? ModelPath.standard
        do throws(Failure) {
            try self.init(path: path)
        } catch {
            guard option == nil, error.status == 66 else { throw error }
            throw Failure(
                "there is no model: name one with --model; textpin calibrate, on a workstation, makes one", status: 66, path: path)
        }
    }
}
