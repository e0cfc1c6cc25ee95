import Messages
import Watch

/// `doctor`: what this machine has, and whether it is what a board file says.
enum DoctorCommand {
    static let help: StaticString = """
        usage: textpin-board doctor [--board FILE]

        Prints the machine's name, its CPUs, the instruction sets and kernels that TextPin can use on it, best first, its memory, its cameras, and
        its GPIO chips. With a board file (board.ini), compares the machine with it too; exit status 69 if something is missing.

          --board FILE   Compare with this board file. The Debian package has one: /etc/textpin/board.ini.

        """

    static func run(_ arguments: consuming Arguments, to output: inout Output) throws(Failure) {
        var arguments = arguments
        var path: UnsafePointer<CChar>?
        while let option = arguments.nextOption() {
            guard isEqual(option, "--board") else { throw .unknownOption(option) }
            path = try arguments.file(of: option)
        }
        try arguments.requireEnd()
        try MachineReport.run(board: path, to: &output)
    }
}
