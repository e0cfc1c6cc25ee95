import CDevices
import Messages

/// What follows the verb on the command line: options first, then operands.
struct Arguments {
    private var index: Int32

    /// - Parameter index: where the first argument stands; 0 is the program's name.
    init(from index: Int32) { self.index = index }

    /// The next option with its dashes, or nil where the operands begin. `--` ends the options and is passed over.
    @inline(never)
    mutating func nextOption() -> UnsafePointer<CChar>? {
        guard let argument = textpin_argument(index), argument[0] == Self.dash, argument[1] != 0 else { return nil }
        index += 1
        return isEqual(argument, "--") ? nil : argument
    }

    /// The next operand, such as a file's name; nil past the last.
    @inline(never)
    mutating func nextOperand() -> UnsafePointer<CChar>? {
        guard let argument = textpin_argument(index) else { return nil }
        index += 1
        return argument
    }

    /// The value that belongs to the option just taken: a whole number within `range`.
    mutating func number(of option: UnsafePointer<CChar>, in range: ClosedRange<Int>) throws(Failure) -> Int {
        let failure = Failure("\(option) takes a number from \(range.lowerBound) to \(range.upperBound)", status: 64)
        guard let argument = nextOperand() else { throw failure }
        var value = 0
        var digit = argument
        repeat {
            guard (Self.zero...Self.zero + 9).contains(digit.pointee), value <= range.upperBound else { throw failure }
            value = 10 * value + Int(digit.pointee - Self.zero)
            digit += 1
        } while digit.pointee != 0
        guard range.contains(value) else { throw failure }
        return value
    }

    /// The value that belongs to the option just taken: a file's name.
    mutating func file(of option: UnsafePointer<CChar>) throws(Failure) -> UnsafePointer<CChar> {
        try text(of: option, "a file's name")
    }

    /// The value that belongs to the option just taken, whatever it is.
    @inline(never)
    mutating func text(of option: UnsafePointer<CChar>, _ what: StaticString) throws(Failure) -> UnsafePointer<CChar> {
        guard let argument = nextOperand() else { throw Failure("\(option) takes \(what)", status: 64) }
        return argument
    }

    func requireEnd() throws(Failure) {
        guard let argument = textpin_argument(index) else { return }
        throw Failure("\(argument) is one argument too many; options stand before the files", status: 64)
    }

    private static var dash: CChar { CChar(bitPattern: UInt8(ascii: "-")) }
    private static var zero: CChar { CChar(bitPattern: UInt8(ascii: "0")) }
}

extension Failure {
    static func unknownOption(_ option: UnsafePointer<CChar>) -> Failure {
        Failure("there is no option \(option); textpin-board --help lists what there is", status: 64)
    }
}
