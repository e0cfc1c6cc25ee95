import CDevices
import Messages

/// The cameras of this machine, and the pixel formats that each of them gives itself.
enum CameraList {
    /// Nodes have numbers below this.
    private static let limit: Int32 = 64

    static func write(to output: inout Output) {
        var isFirst = true
        for number in 0..<limit {
            var path = PathText()
            var card = PathText()
            guard path.fill({ path, _ in card.fill { card, _ in textpin_camera_at(number, path, card) } }) else { continue }
            output.write("\(isFirst ? "camera    " : "          " as StaticString)\(path): \(card)")
            path.read { writeFormats(of: $0, to: &output) }
            output.write("\n")
            isFirst = false
        }
        if isFirst { output.write("camera    none that this user may open; those in the group video may\n") }
    }

    private static func writeFormats(of path: UnsafePointer<CChar>, to output: inout Output) {
        var camera = textpin_camera()
        guard textpin_camera_open(&camera, textpin_camera_system_calls(), path) == 0 else { return }
        defer { textpin_camera_close(&camera) }
        var index: Int32 = 0
        var format = textpin_camera_format()
        while textpin_camera_format(&camera, index, &format) {
            if !format.is_converted { output.write(", \(fourcc: format.fourcc)") }
            index += 1
        }
    }
}
