import ArgumentParser
import Seq2Seq

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

    @Option(name: .shortAndLong, help: "The run folder; overrules `run` of the configuration.")
    var output: String?

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp(
            "Pauses after so much more: 5000 or 5000steps, 3epochs, 30s, 90m, 2h. It saves and prints how to continue.",
            valueName: "amount"))
    var more: String?

    @Option(
        help: ArgumentHelp(
            "Pauses when the run, from its start, has reached so much; as --for.",
            valueName: "amount"))
    var until: String?

    @Option(help: "The number of threads; overrules `threads` of the configuration.")
    var threads: Int?

    @Option(
        help: ArgumentHelp(
            "Starts from the parameters and tokenizers of a model folder; overrules `training.init_from`.",
            valueName: "model"))
    var initFrom: String?

    @Flag(
        help:
            "Lets the vocabularies of that model grow by the tokens of the training data; overrules `training.extend_vocabulary`."
    )
    var extendVocabulary = false

    func validate() throws {
        if let threads { try checkThreads(threads) }
        _ = try limits()
    }

    private func limits() throws -> [RunLimit] {
        try [("for", more, false), ("until", until, true)].compactMap { name, text, isTotal in
            try text.map {
                guard let limit = RunLimit($0, isTotal: isTotal) else {
                    throw ValidationError(
                        "--\(name) \($0): write a number with a unit: 5000 or 5000steps, 3epochs, 30s, 90m, 2h"
                    )
                }
                return limit
            }
        }
    }

    func run() throws {
        var configuration = try ConfigurationFile.read(
            config, settings: settings + flagSettings, output: output, resumes: resume)
        if let threads { configuration.threads = threads }
        try configuration.validate()
        let display = TrainingDisplay(
            isInteractive: Terminal.isInteractive, usesColor: Terminal.usesColor)
        Interruption.isStarting()
        let trainer: Trainer
        do {
            trainer = try Trainer(
                configuration, resumes: resume, limits: limits(),
                shouldStop: { Interruption.isRequested }, report: { display.show($0) })
        } catch {
            throw ConfigurationFile.locate(
                error, in: configuration, path: config, settings: settings + flagSettings)
        }
        Interruption.isTraining()
        try trainer.run()
        if trainer.wasInterrupted || trainer.wasPaused {
            Terminal.error("Saved. Continue with: \(resumeCommand(configuration))")
        }
        if trainer.wasInterrupted {
            throw ExitCode(Failure.Code.interrupted.rawValue)
        }
    }

    /// The flags that stand for options, as settings.
    private var flagSettings: [String] {
        let origin = initFrom.map {
            "training.init_from='\($0.replacing("'", with: "''"))'"
        }
        return [origin, extendVocabulary ? "training.extend_vocabulary=true" : nil].compactMap(
            \.self)
    }

    private func resumeCommand(_ configuration: RunConfiguration) -> String {
        var words = ["seq2seq", "train", config]
        for setting in settings { words += ["--set", setting] }
        if let threads { words += ["--threads", "\(threads)"] }
        words += ["--output", configuration.run, "--resume"]
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
