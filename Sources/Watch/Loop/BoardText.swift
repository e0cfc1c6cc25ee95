import BoardFile
import CDevices
import Inference
import Messages

/// A board file in memory of its own, so that nothing that happens to the file afterwards changes it.
struct BoardText: ~Copyable {
    let board: BoardFile
    private let memory: Arena

    /// Without a path: for a machine that no file describes.
    @inline(never)
    static func read(_ path: UnsafePointer<CChar>?) throws(Failure) -> BoardText {
        guard let path else { return BoardText(board: .anyMachine, memory: try arena()) }
        return try BoardText(path: path)
    }

    private init(board: BoardFile, memory: consuming Arena) {
        self.board = board
        self.memory = memory
    }

    init(path: UnsafePointer<CChar>) throws(Failure) {
        // One byte more than a board file may have, so that a longer one is told from the longest.
        let memory = try Self.arena()
        let found = textpin_read_file(path, memory.bytes.baseAddress, memory.bytes.count)
        guard found >= 0 else { throw .unreadable(path, errno: Int32(-found)) }
        board = try Self.read(UnsafeBufferPointer(rebasing: memory.bytes.bindMemory(to: UInt8.self)[0..<Int(found)]), path)
        self.memory = memory
    }

    private static func arena() throws(Failure) -> Arena {
        do throws(NetworkError) { return try Arena(byteCount: BoardFile.longest + 1) } catch {
            throw Failure("there is not enough memory for a board file", status: 70)
        }
    }

    private static func read(_ bytes: UnsafeBufferPointer<UInt8>, _ path: UnsafePointer<CChar>) throws(Failure) -> BoardFile {
        do throws(BoardFileError) { return try BoardFile(bytes) } catch { throw .boardFile(path, error) }
    }
}

extension Failure {
    /// What is wrong with a board file, where, and the name there that was probably meant.
    public static func boardFile(_ path: UnsafePointer<CChar>, _ error: BoardFileError) -> Failure {
        var sentence: Text = "\(error.sentence)"
        if let nearest = error.nearest { sentence = "\(error.sentence); \(nearest) comes closest" }
        var failure = Failure(sentence, status: 65, path: path)
        failure.place = (error.line, error.column)
        return failure
    }
}
