import Inference
import Messages
import TextDetection
import Watch

/// `detect`: the JSON lines of `textpin detect --json`, byte for byte but for the times.
enum DetectCommand {
    static let help: StaticString = """
        usage: textpin-board detect [--model MODEL] [--threads 1...8] IMAGE…

        Finds text in photos (JPEG, binary PPM or PGM) and prints one JSON object per photo: file, size, boxes in pixels of the photo, scores,
        milliseconds. Photos larger than the model's input are scaled down to fit; smaller ones are left as they are.

          --model MODEL   The int8 model (.dbq). Default: what TEXTPIN_MODEL names, or else the Debian package's.
          --threads N     Threads of the network. Default: 1.

        """

    static func run(_ arguments: consuming Arguments, to output: inout Output) throws(Failure) {
        var arguments = arguments
        var threads = 1
        var path: UnsafePointer<CChar>?
        while let option = arguments.nextOption() {
            if isEqual(option, "--threads") {
                threads = try arguments.number(of: option, in: 1...8)
            } else if isEqual(option, "--model") {
                path = try arguments.file(of: option)
            } else {
                throw .unknownOption(option)
            }
        }
        guard var photoPath = arguments.nextOperand() else {
            throw Failure("detect needs a photo: textpin-board detect [--model MODEL] IMAGE", status: 64)
        }
        let loaded = try LoadedModel(option: path)
        var detector = try loaded.detector(kernels: try .required(), threads: threads)
        while true {
            let photo = try Photo(path: photoPath)
            if let frame = photo.frame {
                let detection = detector.detect(frame)
                output.write(photoPath, photo, detection, network: loaded.model)
                output.flush()
                if detection.boxes.droppedCount > 0 {
                    var note = Output.error()
                    note.write("textpin-board: ")
                    note.write(string: photoPath)
                    note.write(
                        " has \(detection.boxes.droppedCount) boxes more than the 1000 that are kept; those with the lowest scores were dropped.\n"
                    )
                    note.flush()
                }
            }
            guard let next = arguments.nextOperand() else { return }
            photoPath = next
        }
    }
}

extension Output {
    fileprivate mutating func write(
        _ path: UnsafePointer<CChar>, _ photo: borrowing Photo, _ detection: Detection, network: Model
    ) {
        write("{\"file\":")
        write(json: path)
        write(",\"width\":\(photo.width),\"height\":\(photo.height),\"network\":[\(network.inputWidth),\(network.inputHeight)],\"boxes\":")
        if let scale = PhotoScale(
            photoWidth: photo.width, photoHeight: photo.height, scaledWidth: detection.pictureWidth, scaledHeight: detection.pictureHeight)
        {
            write(json: detection.boxes, scale)
        }
        let time = detection.nanoseconds
        write(",\"milliseconds\":{\"prepare\":\(nanoseconds: time.prepare)")
        write(",\"network\":\(nanoseconds: time.network),\"boxes\":\(nanoseconds: time.boxes)}}\n")
    }
}
