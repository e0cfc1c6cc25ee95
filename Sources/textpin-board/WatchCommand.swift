import CDevices
import Inference
import Messages
import Watch

/// `watch`: camera to pin.
enum WatchCommand {
    static let help: StaticString = """
        usage: textpin-board watch [OPTION…]

        Looks at a camera's frames, and drives GPIO lines by the rules of a board file, until SIGTERM. Whatever happens to the camera, it goes on;
        the lines are at their safe levels meanwhile. SIGHUP has the board file read again.

          --camera C            A path (/dev/video0, /dev/v4l/by-id/…), a number, a part of a camera's name, a folder of pictures, one picture,
                                or - for frames on standard input. Default: the first camera.
          --board FILE          Rules, zones and lines. Without one, what a line would be is only told.
          --model MODEL         The int8 model (.dbq). Default: what TEXTPIN_MODEL names, or else the Debian package's.
          --threads N           Threads of the network, 1 to 8. Default: the board file's, or else 1.
          --rate N              Most looks a second. Default: the board file's, or else as many as there are frames.
          --events TARGET       Where events go as JSON lines: - (standard output, the default), a file, tcp:ADDRESS:PORT, or none.
          --status FILE         A file that says each second how it goes; textpin-board status prints it.
                                Default: status.json in the folder that RUNTIME_DIRECTORY names, or else none.
          --preview ADDRESS:PORT  A live picture for browsers, such as 127.0.0.1:8080. Addresses other than loopback need a token.
          --token-file FILE     What viewers must know, in its first line.
          --save-samples DIR    Save pictures there, to calibrate with; --every SECONDS (30), --max N (200).
          --dry-run             Drive no line; tell only.
          --check               Check board file, model, camera and lines, touch nothing, and end.

        For folders:         --folder-rate N (pictures a second, 5), --repeat
        For standard input:  --frame-format mjpeg|yuyv|nv12|yuv420|rgb|bgr|grey (mjpeg), --frame-size WIDTHxHEIGHT
                             rpicam-vid -n -t 0 --codec yuv420 --width 640 --height 480 -o - | \\
                                 textpin-board watch --camera - --frame-format yuv420 --frame-size 640x480

        """

    static func run(_ arguments: consuming Arguments, to output: inout Output) throws(Failure) {
        var arguments = arguments
        var request = WatchRequest()
        var model: UnsafePointer<CChar>?
        while let option = arguments.nextOption() {
            if isEqual(option, "--camera") {
                request.source.camera = try arguments.text(of: option, "a camera")
            } else if isEqual(option, "--board") {
                request.board = try arguments.file(of: option)
            } else if isEqual(option, "--model") {
                model = try arguments.file(of: option)
            } else if isEqual(option, "--threads") {
                request.threads = try arguments.number(of: option, in: 1...8)
            } else if isEqual(option, "--rate") {
                request.rate = try arguments.number(of: option, in: 1...1000)
            } else if isEqual(option, "--events") {
                request.events = try arguments.text(of: option, "-, a file, tcp:ADDRESS:PORT or none")
            } else if isEqual(option, "--status") {
                request.status = try arguments.file(of: option)
            } else if isEqual(option, "--preview") {
                request.preview = try arguments.text(of: option, "ADDRESS:PORT")
            } else if isEqual(option, "--token-file") {
                request.tokenFile = try arguments.file(of: option)
            } else if isEqual(option, "--save-samples") {
                request.samples = try arguments.file(of: option)
            } else if isEqual(option, "--every") {
                request.sampleSeconds = try arguments.number(of: option, in: 1...86_400)
            } else if isEqual(option, "--max") {
                request.mostSamples = try arguments.number(of: option, in: 1...1_000_000)
            } else if isEqual(option, "--folder-rate") {
                request.source.folderRateThousandths = 1000 * (try arguments.number(of: option, in: 1...1000))
            } else if isEqual(option, "--repeat") {
                request.source.repeats = true
            } else if isEqual(option, "--frame-format") {
                request.source.format = try arguments.text(of: option, "a format of frames")
            } else if isEqual(option, "--frame-size") {
                request.source.size = try arguments.text(of: option, "WIDTHxHEIGHT")
            } else if isEqual(option, "--dry-run") {
                request.isDry = true
            } else if isEqual(option, "--check") {
                request.onlyChecks = true
            } else {
                throw .unknownOption(option)
            }
        }
        try arguments.requireEnd()
        try request.run(try LoadedModel(option: model), to: &output)
    }
}
