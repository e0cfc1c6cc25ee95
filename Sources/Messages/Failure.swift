import CDevices

/// An error as the user sees it: one sentence, about a file if it is about one, and an exit status of sysexits.h.
///
/// The path is one of the program's arguments, which last as long as it runs.
public struct Failure: Error, @unchecked Sendable {
    /// What is wrong. It lies in its thread's memory, as what dlerror says does, until the eighth later failure there: each function that throws
    /// or passes on a failure has code to copy it, so that one with its text in place would make the program larger by a tenth.
    public let sentence: UnsafeBufferPointer<UInt8>
    /// 64 for a wrong command line, 65 for bad data, 66 for a missing file, 70 for a fault of our own, 74 for output that could not be written.
    public var status: Int32
    /// Of the file that the sentence is about.
    public var path: UnsafePointer<CChar>?
    /// Where in that file, both from 1.
    public var place: (line: Int, column: Int)?

    @inline(never)
    public init(_ sentence: Text, status: Int32, path: UnsafePointer<CChar>? = nil) {
        let count = sentence.count
        self.sentence = sentence.read { UnsafeBufferPointer(start: textpin_keep_sentence($0, $1), count: count) }
        self.status = status
        self.path = path
    }

    /// Says it on standard error, behind the program's name.
    public func report(program: StaticString) {
        var output = Output.error()
        output.write("\(program): ")
        if let path {
            output.write(string: path)
            if let place { output.write(":\(place.line):\(place.column)") }
            output.write(": ")
        }
        output.write(bytes: sentence)
        output.write(".\n")
        output.flush()
    }
}
