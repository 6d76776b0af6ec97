import ArgumentParser
import Seq2Seq
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train", abstract: "Trains a model from a configuration file.",
        discussion: """
            The run folder receives best/ and last/ model folders, the resolved config.yaml, train.jsonl \
            and validation.jsonl, event files for TensorBoard, and report.html. Ctrl-C saves and ends; --resume continues exactly where a run stopped.
            """)

    @Argument(
        help:
            "The configuration, a YAML file; Documentation/configuration.yaml explains every option."
    )
    var config: String

    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: ArgumentHelp("Overrules one option; may be repeated.", valueName: "section.key=value")
    )
    var settings: [String] = []

    @Flag(help: "Continues the run in the output folder.")
    var resume = false

    @Option(name: .shortAndLong, help: "The run folder; overrules `output` of the configuration.")
    var output: String?

    @Option(help: "The number of threads; overrules `threads` of the configuration.")
    var threads: Int?

    func validate() throws {
        if let threads { try checkThreads(threads) }
    }

    func run() throws {
        var configuration = try ConfigurationFile.read(config, settings: settings)
        if let output { configuration.output = output }
        if let threads { configuration.threads = threads }
        try configuration.validate()
        let display = TrainingDisplay(
            isInteractive: Terminal.isInteractive, usesColor: Terminal.usesColor)
        Interruption.install()
        let trainer = try Trainer(
            configuration, resumes: resume, shouldStop: { Interruption.isRequested },
            report: { display.show($0) })
        try trainer.run()
        if trainer.wasInterrupted {
            Terminal.error("Saved. Continue with: \(resumeCommand(configuration))")
            throw ExitCode(Failure.Code.interrupted.rawValue)
        }
    }

    private func resumeCommand(_ configuration: RunConfiguration) -> String {
        var words = ["seq2seq", "train", config]
        for setting in settings { words += ["--set", setting] }
        if let threads { words += ["--threads", "\(threads)"] }
        words += ["--output", configuration.output, "--resume"]
        return words.map(shellWord).joined(separator: " ")
    }

    /// A word as a shell takes it, quoted if need be.
    private func shellWord(_ word: String) -> String {
        let isPlain = word.utf8.allSatisfy { byte in
            (0x61...0x7A).contains(byte | 0x20) || (0x2B...0x3A).contains(byte) || byte == 0x5F
                || byte == 0x3D || byte > 0x7F
        }
        return isPlain && !word.isEmpty ? word : "'\(word.replacing("'", with: "'\\''"))'"
    }
}

/// The wish of the user, by SIGINT or SIGTERM, to end a training run.
///
/// The second one kills at once: the files on disk are whole at any instant.
enum Interruption {
    private static let flag = Atomic<Bool>(false)

    static var isRequested: Bool { flag.load(ordering: .relaxed) }

    static func install() {
        // Whoever starts the command from a thread that blocks signals hands the block down.
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGINT, SIGTERM] { sigaddset(&signals, number) }
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        for number in [SIGINT, SIGTERM] {
            signal(number) { number in
                Interruption.flag.store(true, ordering: .relaxed)
                signal(number, SIG_DFL)
            }
        }
    }
}
