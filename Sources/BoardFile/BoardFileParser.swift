extension BoardFile {
    /// Longer files are no board files.
    public static let longest = 65_536

    /// Reads a board file: lines of `key = value` under `[section]`s, and comments, which begin with # or ; at a line's start.
    ///
    /// Nothing is passed over: an unknown section or key, a key given twice, a value that cannot be right, and a key that is missing are errors.
    public init(_ bytes: UnsafeBufferPointer<UInt8>) throws(BoardFileError) {
        self.init()
        guard bytes.count <= Self.longest else {
            throw BoardFileError(line: 1, column: 1, sentence: "this is no board file: it is longer than 65536 bytes")
        }
        var scanner = Scanner(bytes)
        var section: Section?
        var found = Keys()
        while let line = scanner.nextLine() {
            for index in 0..<line.count where line[index] < 0x20 && line[index] != 0x09 && !(line[index] == 0x0D && index == line.count - 1)
            {
                throw line.dropping(first: index, last: 0).error("this byte is no text, so this is no board file")
            }
            let text = line.trimmed
            if text.isEmpty || text[0] == UInt8(ascii: "#") || text[0] == UInt8(ascii: ";") { continue }
            if text[0] == UInt8(ascii: "[") {
                section = try Section(heading: text)
                continue
            }
            guard let (head, tail) = text.split(at: UInt8(ascii: "=")) else {
                throw text.error("'key = value' or '[section]' was expected")
            }
            guard let section else { throw text.error("a [section] must stand ahead of the first key, such as [board]") }
            let (key, value) = (head.trimmed, tail.trimmed)
            guard !key.isEmpty else { throw text.error("a key was expected ahead of '='") }
            guard !value.isEmpty else { throw value.error("a value was expected behind '='") }
            try read(section, key, value, &found)
        }
        try found.requireAll(scanner)
    }

    private mutating func read(_ section: Section, _ key: Scanner.Text, _ value: Scanner.Text, _ found: inout Keys) throws(BoardFileError) {
        switch section {
        case .board: try readBoard(key, value, &found)
        case .model: try readModel(key, value, &found)
        case .camera: try readCamera(key, value, &found)
        case .gpio:
            guard key.piece.equals("chip") else { throw key.error("there is no such key in [gpio]: chip was expected") }
            try found.note(.chip, key)
            chip = value.piece
        case .header: try readHeader(key, value)
        case .lines: try readLine(key, value)
        }
    }

    private mutating func readBoard(_ key: Scanner.Text, _ value: Scanner.Text, _ found: inout Keys) throws(BoardFileError) {
        if key.piece.equals("name") {
            try found.note(.name, key)
            name = value.piece
        } else if key.piece.equals("cpus") {
            try found.note(.cpus, key)
            cpus = try value.number(in: 1...256, "cpus is a number from 1 to 256")
        } else if key.piece.equals("cores") {
            try found.note(.cores, key)
            var rest = value
            while let word = rest.nextWord() {
                guard cores.append(word.piece) else { throw word.error("there are too many cores: 40 are read") }
            }
        } else if key.piece.equals("kernels") {
            try found.note(.kernels, key)
            guard Self.isKernelSet(value.piece) else {
                throw value.error("kernels is one of neon, neon-dotprod and neon-i8mm, the sets of 64-bit ARM")
            }
            kernels = value.piece
        } else if key.piece.equals("threads") {
            try found.note(.threads, key)
            threads = try value.number(in: 1...8, "threads is a number from 1 to 8")
        } else if key.piece.equals("memory-megabytes") {
            try found.note(.memory, key)
            memoryMegabytes = try value.number(in: 8...1_000_000, "memory-megabytes is a number from 8 to 1000000")
        } else {
            throw key.error("there is no such key in [board]: name, cpus, cores, kernels, threads or memory-megabytes was expected")
        }
    }

    private mutating func readModel(_ key: Scanner.Text, _ value: Scanner.Text, _ found: inout Keys) throws(BoardFileError) {
        if key.piece.equals("network") {
            try found.note(.network, key)
            network = value.piece
        } else if key.piece.equals("size") {
            try found.note(.modelSize, key)
            modelSize = try value.size()
            guard modelSize.width % 32 == 0, modelSize.height % 32 == 0 else {
                throw value.error("a model's size is in multiples of 32, such as 320x256")
            }
        } else {
            throw key.error("there is no such key in [model]: network or size was expected")
        }
    }

    private mutating func readCamera(_ key: Scanner.Text, _ value: Scanner.Text, _ found: inout Keys) throws(BoardFileError) {
        if key.piece.equals("formats") {
            try found.note(.formats, key)
            var rest = value
            while let word = rest.nextWord() {
                guard Self.isFormat(word.piece) else {
                    throw word.error("this is no pixel format that is read: YUYV, NV12, GREY, RGB3, BGR3 or MJPG was expected")
                }
                guard formats.append(word.piece) else { throw word.error("there are too many formats: 40 are read") }
            }
        } else if key.piece.equals("size") {
            try found.note(.frameSize, key)
            frameSize = try value.size()
        } else {
            throw key.error("there is no such key in [camera]: formats or size was expected")
        }
    }

    private mutating func readHeader(_ key: Scanner.Text, _ value: Scanner.Text) throws(BoardFileError) {
        guard let number = key.number, (1...40).contains(number) else { throw key.error("a pin of the header was expected: 1 to 40") }
        let line = try value.lineReference()
        for index in header.indices where header[index].number == number { throw key.error("this pin has a line already") }
        // There are no more numbers than places.
        _ = header.append(HeaderPin(number: number, line: line))
    }

    private mutating func readLine(_ key: Scanner.Text, _ value: Scanner.Text) throws(BoardFileError) {
        let line = try value.lineReference()
        for index in purposes.indices where purposes[index].purpose.equals(key.piece) { throw key.error("this purpose has a line already") }
        guard purposes.append(PurposeLine(purpose: key.piece, line: line)) else { throw key.error("there are too many lines: 40 are read") }
    }

    private static func isKernelSet(_ piece: Piece) -> Bool {
        piece.equals("neon") || piece.equals("neon-dotprod") || piece.equals("neon-i8mm")
    }

    private static func isFormat(_ piece: Piece) -> Bool {
        piece.equals("YUYV") || piece.equals("NV12") || piece.equals("GREY") || piece.equals("RGB3") || piece.equals("BGR3")
            || piece.equals("MJPG")
    }
}

private enum Section {
    case board, model, camera, gpio, header, lines

    init(heading: Scanner.Text) throws(BoardFileError) {
        guard heading.count > 2, heading[heading.count - 1] == UInt8(ascii: "]") else {
            throw heading.error("a section's name in brackets was expected, such as [board]")
        }
        let name = heading.dropping(first: 1, last: 1).piece
        if name.equals("board") {
            self = .board
        } else if name.equals("model") {
            self = .model
        } else if name.equals("camera") {
            self = .camera
        } else if name.equals("gpio") {
            self = .gpio
        } else if name.equals("header") {
            self = .header
        } else if name.equals("lines") {
            self = .lines
        } else {
            throw heading.error("there is no such section: [board], [model], [camera], [gpio], [header] or [lines] was expected")
        }
    }
}

/// The keys that stand once, and which of them have been found.
private struct Keys {
    enum Key: UInt32 {
        case name, cpus, cores, kernels, threads, memory, network, modelSize, formats, frameSize, chip
    }

    private var found: UInt32 = 0

    private func contains(_ key: Key) -> Bool { found >> key.rawValue & 1 == 1 }

    mutating func note(_ key: Key, _ text: Scanner.Text) throws(BoardFileError) {
        guard !contains(key) else { throw text.error("this key stands here a second time") }
        found |= 1 << key.rawValue
    }

    /// All but the chip, which a header with lines of several has not.
    func requireAll(_ scanner: Scanner) throws(BoardFileError) {
        if !contains(.name) { throw scanner.error("[board] has no name") }
        if !contains(.cpus) { throw scanner.error("[board] has no cpus") }
        if !contains(.cores) { throw scanner.error("[board] has no cores") }
        if !contains(.kernels) { throw scanner.error("[board] has no kernels") }
        if !contains(.threads) { throw scanner.error("[board] has no threads") }
        if !contains(.memory) { throw scanner.error("[board] has no memory-megabytes") }
        if !contains(.network) { throw scanner.error("[model] has no network") }
        if !contains(.modelSize) { throw scanner.error("[model] has no size") }
        if !contains(.formats) { throw scanner.error("[camera] has no formats") }
        if !contains(.frameSize) { throw scanner.error("[camera] has no size") }
    }
}

extension Scanner.Text {
    fileprivate func number(in range: ClosedRange<Int>, _ sentence: StaticString) throws(BoardFileError) -> Int {
        guard let number, range.contains(number) else { throw error(sentence) }
        return number
    }

    /// 640x480.
    fileprivate func size() throws(BoardFileError) -> PixelSize {
        guard let (width, height) = split(at: UInt8(ascii: "x")), let width = width.number, let height = height.number,
            (32...4096).contains(width), (32...4096).contains(height)
        else { throw error("a size from 32x32 to 4096x4096 was expected, such as 640x480") }
        return PixelSize(width: width, height: height)
    }

    /// A line's name, or its chip's label, a colon and its place there.
    fileprivate func lineReference() throws(BoardFileError) -> LineReference {
        guard number == nil else {
            throw error("a line's number changes with the kernel: give its name, or its chip's label and its place there, such as gpio1:22")
        }
        guard let (chip, offset) = split(at: UInt8(ascii: ":")) else { return .named(piece) }
        guard !chip.isEmpty, let offset = offset.number, offset < 1024 else {
            throw error("a chip's label, a colon and a place from 0 to 1023 were expected, such as gpio1:22")
        }
        return .offset(chip: chip.piece, offset)
    }
}
