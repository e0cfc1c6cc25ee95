import CDevices
import CPictures
import Messages
import TextDetection

/// Saves a picture now and then, so that networks can be calibrated with what the camera sees.
struct SampleSaver: ~Copyable {
    private let folder: UnsafePointer<CChar>?
    private let interval: Int64
    private let most: Int
    private var writer: OpaquePointer?
    private var writerSize = (width: 0, height: 0)
    private var nextAt: Int64 = 0
    private var foundCount = 0
    private var writtenBefore = 0
    private var reportedError: Int32 = 0
    private var hasReportedFull = false

    init(_ options: WatchOptions) throws(Failure) {
        folder = options.samples
        interval = options.sampleInterval
        most = options.mostSamples
        guard let folder else { return }
        let error = textpin_folder_make(folder)
        guard error == 0 else { throw Failure("this folder cannot be made: \(textpin_error_text(error))", status: 64, path: folder) }
        var listing = textpin_folder()
        let unreadable = textpin_folder_open(&listing, folder)
        guard unreadable == 0 else { throw .unreadable(folder, errno: unreadable) }
        foundCount = Int(listing.count)
        textpin_folder_close(&listing)
    }

    deinit {
        if let writer { textpin_sample_writer_stop(writer) }
    }

    /// How many pictures the folder holds.
    var count: Int { foundCount + writtenBefore + (writer.map { Int(textpin_sample_writer_count($0)) } ?? 0) }

    /// Saves the frame if it is time to. Returns a sentence where there is something to tell.
    mutating func consider(_ frame: FrameView, at time: Int64) -> Text? {
        guard let folder, time >= nextAt else { return nil }
        guard count < most else {
            defer { hasReportedFull = true }
            return hasReportedFull ? nil : "\(folder) holds \(count) samples, which is all that --max allows"
        }
        if let told = report(folder) { return told }
        if writerSize.width < frame.width || writerSize.height < frame.height {
            start(width: frame.width, height: frame.height)
        }
        guard let writer, let pixels = textpin_sample_writer_pixels(writer) else { return nil }
        nextAt = time + interval
        frame.writeRGB(into: pixels)
        // The clock may be set back, and two may be of one millisecond.
        let number = count
        var name = PathText.now()
        name.fill { text, size in
            // Colons are no characters for names on every file system.
            for index in 0..<size where text[index] == CChar(bitPattern: UInt8(ascii: ":")) {
                text[index] = CChar(bitPattern: UInt8(ascii: "-"))
            }
        }
        name.read { name in
            PathText("\(folder)/\(name)-\(number).jpg").read {
                textpin_sample_writer_write(writer, UInt32(frame.width), UInt32(frame.height), $0)
            }
        }
        return nil
    }

    private mutating func start(width: Int, height: Int) {
        if let writer {
            writtenBefore += Int(textpin_sample_writer_count(writer))
            textpin_sample_writer_stop(writer)
        }
        writer = textpin_sample_writer_start(UInt32(width), UInt32(height))
        writerSize = writer == nil ? (0, 0) : (width, height)
    }

    /// What became of the last one, if that is news.
    private mutating func report(_ folder: UnsafePointer<CChar>) -> Text? {
        guard let writer else { return nil }
        let error = textpin_sample_writer_error(writer)
        guard error != reportedError else { return nil }
        reportedError = error
        return error == 0
            ? "samples are saved to \(folder) again"
            : "a sample could not be saved to \(folder): \(textpin_error_text(error)); the next will be tried"
    }
}
