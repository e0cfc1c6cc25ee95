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
        var drafts = Drafts()
        while let line = scanner.nextLine() {
            for index in 0..<line.count where line[index] < 0x20 && line[index] != 0x09 && !(line[index] == 0x0D && index == line.count - 1)
            {
                throw line.dropping(first: index, last: 0).error("this byte is no text, so this is no board file")
            }
            let text = line.trimmed
            if text.isEmpty || text[0] == UInt8(ascii: "#") || text[0] == UInt8(ascii: ";") { continue }
            if text[0] == UInt8(ascii: "[") {
                section = try drafts.section(heading: text)
                continue
            }
            guard let (head, tail) = text.split(at: UInt8(ascii: "=")) else {
                throw text.error("'key = value' or '[section]' was expected")
            }
            guard let section else { throw text.error("a [section] must stand ahead of the first key, such as [board]") }
            let (key, value) = (head.trimmed, tail.trimmed)
            guard !key.isEmpty else { throw text.error("a key was expected ahead of '='") }
            guard !value.isEmpty else { throw value.error("a value was expected behind '='") }
            try read(section, key, value, &found, &drafts)
        }
        try found.requireAll(scanner)
        try take(drafts)
    }

    /// What zones and rules say is understood last: it refers to other sections, which may stand anywhere.
    private mutating func take(_ drafts: Drafts) throws(BoardFileError) {
        for index in drafts.zones.indices {
            let zone = try drafts.zones[index].zone(in: frameSize)
            // There are no more drafts than places.
            _ = zones.append(zone)
        }
        guard drafts.rules.count > 0 else { return addDefaultRule() }
        var lines = RuleLines()
        for index in drafts.rules.indices {
            let rule = try drafts.rules[index].rule(of: self, &lines)
            _ = rules.append(rule)
        }
        outputs = lines.outputs
        triggers = lines.triggers
    }

    private mutating func addDefaultRule() {
        guard let line = purpose("text") else { return }
        var rule = Rule()
        rule.name = Piece("text")
        var output = OutputLine()
        output.reference = line
        _ = outputs.append(output)
        _ = rules.append(rule)
    }

    /// The line for a purpose of `[lines]`.
    func purpose(_ name: StaticString) -> LineReference? { purpose(Piece(name)) }

    func purpose(_ name: Piece) -> LineReference? {
        for index in purposes.indices where purposes[index].purpose.equals(name) { return purposes[index].line }
        return nil
    }

    @inline(never)
    private mutating func read(
        _ section: Section, _ key: Scanner.Text, _ value: Scanner.Text, _ found: inout Keys, _ drafts: inout Drafts
    ) throws(BoardFileError) {
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
        case .watch: try readWatch(key, value, &found)
        case .zone: try drafts.noteOfZone(key, value)
        case .rule: try drafts.noteOfRule(key, value)
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
            throw key.error(
                "there is no such key in [board]: name, cpus, cores, kernels, threads or memory-megabytes was expected",
                nearestOf: "name cpus cores kernels threads memory-megabytes")
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
            throw key.error("there is no such key in [model]: network or size was expected", nearestOf: "network size")
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
            throw key.error("there is no such key in [camera]: formats or size was expected", nearestOf: "formats size")
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

    private mutating func readWatch(_ key: Scanner.Text, _ value: Scanner.Text, _ found: inout Keys) throws(BoardFileError) {
        if key.piece.equals("rate") {
            try found.note(.rate, key)
            let sentence: StaticString = "rate is a number of frames per second from 0.01 to 1000, such as 10 or 0.5"
            let rate = try value.decimal(in: 100...10_000_000, sentence)
            watch.frameInterval = 10_000_000_000_000 / Int64(rate)
        } else if key.piece.equals("still") {
            try found.note(.still, key)
            watch.still = try value.number(in: 0...255, "still is a number of levels of brightness from 0 to 255, 0 to look at each frame")
        } else if key.piece.equals("look") {
            try found.note(.look, key)
            watch.lookInterval = try value.time(in: 10...3_600_000, "look is a time from 10ms to 1h, such as 2s")
        } else if key.piece.equals("hot") {
            try found.note(.hot, key)
            watch.hot = try value.number(in: 40...120, "hot is a number of degrees Celsius from 40 to 120")
        } else {
            throw key.error("there is no such key in [watch]: rate, still, look or hot was expected", nearestOf: "rate still look hot")
        }
    }

    private static func isKernelSet(_ piece: Piece) -> Bool {
        piece.equals("neon") || piece.equals("neon-dotprod") || piece.equals("neon-i8mm")
    }

    private static func isFormat(_ piece: Piece) -> Bool {
        piece.equals("YUYV") || piece.equals("NV12") || piece.equals("GREY") || piece.equals("RGB3") || piece.equals("BGR3")
            || piece.equals("MJPG")
    }
}
