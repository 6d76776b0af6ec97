import ArgumentParser
import Seq2Seq

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

@main
struct Seq2SeqCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seq2seq",
        abstract: "Learns to map sequences to sequences, and runs what it learned.",
        discussion: """
            Results go to standard output, everything else to standard error. Exit codes: 0 done, \
            64 wrong usage, 65 bad data, 66 missing input, 70 internal error, 71 out of memory, \
            73 or 74 cannot write, \
            78 bad configuration, 130 interrupted.
            """,
        version: "seq2seq \(Seq2SeqVersion.current)",
        subcommands: [
            TrainCommand.self, PredictCommand.self, EvaluateCommand.self, ScoreCommand.self,
            CheckDataCommand.self, AverageCommand.self, InfoCommand.self,
        ])

    /// Refuses the name of a command that there is not, with the nearest one.
    private static func checkName(_ name: String?) throws {
        guard let name, !name.hasPrefix("-") else { return }
        let names =
            ["help"]
            + configuration.subcommands.flatMap {
                [$0._commandName] + $0.configuration.aliases
            }
        guard !names.contains(name) else { return }
        let nearest = names.min { editDistance($0, name) < editDistance($1, name) } ?? ""
        let isClose = editDistance(nearest, name) <= max(2, name.count / 3)
        throw ValidationError(
            "there is no command \(name): "
                + (isClose
                    ? "did you mean \(nearest)?"
                    : "the commands are \(names.dropFirst().joined(separator: ", "))"))
    }

    /// An argument that is a path, or `--option=PATH`, with a leading `~` replaced: shells do that only
    /// where it stands unquoted at the start of a word.
    private static func withHome(_ argument: String) -> String {
        guard argument.hasPrefix("-"), let equals = argument.firstIndex(of: "=") else {
            return expandingHome(argument)
        }
        return argument[...equals]
            + expandingHome(String(argument[argument.index(after: equals)...]))
    }

    static func main() {
        // A closed output pipe and a file of the largest size allowed are reported by write(), not by
        // a signal that kills the process.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        Interruption.watch()
        MemoryPool.endsProcessWhenExhausted()
        do {
            let arguments = CommandLine.arguments.dropFirst().map(withHome)
            try checkName(arguments.first)
            var command = try parseAsRoot(arguments)
            try command.run()
        } catch {
            Interruption.standBackIfEnding()
            if let failure = Failure(error) { failure.end() }
            // Of the argument parser, or of nobody.
            guard exitCode(for: error) != .failure else {
                Failure(.software, "internal error: \(error) (please report it)").end()
            }
            exit(withError: error)
        }
    }
}
