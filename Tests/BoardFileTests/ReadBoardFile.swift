import BoardFile

func readBoardFile(_ text: String, _ body: (BoardFile) throws -> Void) throws { try readBoardFile(Array(text.utf8), body) }

/// In memory of exactly its size, so that a sanitizer sees a read beyond it.
func readBoardFile(_ bytes: [UInt8], _ body: (BoardFile) throws -> Void) throws {
    let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
    defer { copy.deallocate() }
    _ = copy.initialize(from: bytes)
    try body(try BoardFile(UnsafeBufferPointer(copy)))
}

/// What is wrong with a file, as `textpin-board` prints it behind the file's name, and the name that comes closest; nil if nothing is.
func mistake(in file: String) -> (text: String, nearest: String?)? {
    Array(file.utf8).withUnsafeBufferPointer { bytes in
        do throws(BoardFileError) {
            _ = try BoardFile(bytes)
            return nil
        } catch {
            // The name is a piece of the file, so it is read before that goes.
            return ("\(error.line):\(error.column): \(error.sentence)", error.nearest.map { text($0) })
        }
    }
}

func values<let capacity: Int, Element>(_ list: List<capacity, Element>) -> [Element] { list.indices.map { list[$0] } }

func text(_ piece: Piece) -> String { String(decoding: piece.bytes, as: UTF8.self) }

func text(_ line: LineReference) -> String {
    switch line {
    case .named(let name): text(name)
    case .offset(let chip, let offset): "\(text(chip)):\(offset)"
    }
}
