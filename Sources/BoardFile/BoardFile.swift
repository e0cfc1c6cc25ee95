/// What a board file says of a board: `Boards/NAME/board.ini`, described in Boards/README.md.
///
/// A checked view of the file's bytes, which must outlive it: names are pieces of the file, nothing is copied, nothing allocated.
public struct BoardFile: @unchecked Sendable {
    /// `[board]`: the board's name, which is part of the device tree's.
    public internal(set) var name = Piece()
    /// Cores that Linux shows.
    public internal(set) var cpus = 0
    /// The designs of these cores, such as "cortex-a76".
    public internal(set) var cores = List<40, Piece>(repeating: Piece())
    /// The best kernel set of its CPU, such as "neon-dotprod".
    public internal(set) var kernels = Piece()
    /// Threads that suit it.
    public internal(set) var threads = 0
    /// What the detector may take of its memory.
    public internal(set) var memoryMegabytes = 0

    /// `[model]`: the trained network, a name of Calibration/models, and the input that suits the board; multiples of 32.
    public internal(set) var network = Piece()
    public internal(set) var modelSize = PixelSize()

    /// `[camera]`: pixel formats by their V4L2 names, best first, and the frame that is asked for.
    public internal(set) var formats = List<40, Piece>(repeating: Piece())
    public internal(set) var frameSize = PixelSize()

    /// `[gpio]`: the label of the header's chip, if all its lines are of one.
    public internal(set) var chip: Piece?
    /// `[header]`: lines by the header's pins, in the file's order.
    public internal(set) var header = List<40, HeaderPin>(repeating: HeaderPin(number: 0, line: .named(Piece())))
    /// `[lines]`: what lines are for unless a rule says otherwise.
    public internal(set) var purposes = List<40, PurposeLine>(repeating: PurposeLine(purpose: Piece(), line: .named(Piece())))

    /// `[watch]`: how often to look.
    public internal(set) var watch = WatchSection()
    /// `[zone NAME]`: parts of the frame, in the file's order.
    public internal(set) var zones = List<16, Zone>(repeating: Zone())
    /// `[rule NAME]`: when lines are on, in the file's order. A file without any has one with all defaults, if it has a line for `text`.
    public internal(set) var rules = List<16, Rule>(repeating: Rule())
    /// The lines that rules drive, each once.
    public internal(set) var outputs = List<16, OutputLine>(repeating: OutputLine())
    /// The lines that rules wait for, each once.
    public internal(set) var triggers = List<16, LineReference>(repeating: .named(Piece()))
}

/// A piece of the file's text.
public struct Piece: @unchecked Sendable {
    public let bytes: UnsafeBufferPointer<UInt8>

    public init() { bytes = UnsafeBufferPointer(start: nil, count: 0) }
    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }
    init(_ literal: StaticString) { bytes = UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount) }

    /// Whether it is this text, which is zero-terminated.
    public func equals(cString text: UnsafePointer<CChar>) -> Bool { isStart(of: text) && text[bytes.count] == 0 }

    /// Whether it is part of this text, which is zero-terminated.
    public func isPart(of text: UnsafePointer<CChar>) -> Bool {
        var start = text
        while start.pointee != 0 {
            if isStart(of: start) { return true }
            start += 1
        }
        return false
    }

    private func isStart(of text: UnsafePointer<CChar>) -> Bool {
        // No byte of the file's text is 0, so this ends where the text does.
        for index in bytes.indices where UInt8(bitPattern: text[index]) != bytes[index] { return false }
        return true
    }

    /// Whether both have the same bytes.
    public func equals(_ other: Piece) -> Bool {
        guard bytes.count == other.bytes.count else { return false }
        for index in bytes.indices where bytes[index] != other.bytes[index] { return false }
        return true
    }

    func equals(_ literal: StaticString) -> Bool {
        guard bytes.count == literal.utf8CodeUnitCount else { return false }
        for index in bytes.indices where bytes[index] != literal.utf8Start[index] { return false }
        return true
    }
}

/// A picture's size in pixels.
public struct PixelSize: Sendable {
    public var width = 0
    public var height = 0

    public init(width: Int = 0, height: Int = 0) {
        self.width = width
        self.height = height
    }
}

/// How a GPIO line is found, whatever number its chip has today.
public enum LineReference: Sendable {
    /// By its name, unique on the machine.
    case named(Piece)
    /// By its chip's label and its place in that chip.
    case offset(chip: Piece, Int)

    /// Whether both are written the same way; a line that is named here and counted there is not recognised.
    public func equals(_ other: LineReference) -> Bool {
        switch (self, other) {
        case (.named(let name), .named(let otherName)): name.equals(otherName)
        case (.offset(let chip, let offset), .offset(let otherChip, let otherOffset)): offset == otherOffset && chip.equals(otherChip)
        default: false
        }
    }
}

public struct HeaderPin: Sendable {
    public var number: Int
    public var line: LineReference
}

public struct PurposeLine: Sendable {
    public var purpose: Piece
    public var line: LineReference
}

/// Up to `capacity` values, in place. Not a Collection: that protocol has requirements that return an Array, which Embedded Swift would have to
/// allocate.
public struct List<let capacity: Int, Element> {
    @usableFromInline var elements: InlineArray<capacity, Element>
    public private(set) var count = 0
    @inlinable public var indices: Range<Int> { 0..<count }

    init(repeating element: Element) { elements = InlineArray(repeating: element) }

    public internal(set) subscript(index: Int) -> Element {
        @inlinable get { elements[index] }
        set { elements[index] = newValue }
    }

    /// False if there is no room.
    mutating func append(_ element: Element) -> Bool {
        guard count < capacity else { return false }
        elements[count] = element
        count += 1
        return true
    }
}

extension List: Sendable where Element: Sendable {}

/// Why a board file was refused, and where.
public struct BoardFileError: Error {
    /// From 1; the line past the last one for what is missing altogether.
    public let line: Int
    /// In bytes, from 1.
    public let column: Int
    /// What is wrong and what would be right.
    public let sentence: StaticString
    /// Of the names that could stand there, the one that comes closest, if one comes close.
    public var nearest: Piece?
}
