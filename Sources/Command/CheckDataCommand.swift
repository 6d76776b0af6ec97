import ArgumentParser
import Seq2Seq

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

struct CheckDataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-data", abstract: "Looks for flaws of corpora before training.",
        discussion: """
            seq2seq check-data CONFIG [--set section.key=value …] [--test-source FILE --test-target FILE]
            seq2seq check-data --source FILE --target FILE [--validation-source FILE …] [--model DIR]

            Reports what is wrong with characters, lengths, the pairing of lines, languages, duplicates, \
            leakage between corpora, and what the tokenizers make of it. The exit code is 0 when nothing \
            is an error and 65 otherwise; shares up to the limits below are not errors.
            """)

    @Argument(help: "The configuration of a run; its corpora are read, its tokenizers trained.")
    var config: String?

    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: ArgumentHelp("Overrules one option; may be repeated.", valueName: "section.key=value")
    )
    var settings: [String] = []

    @Option(name: .shortAndLong, help: "The file of training sources, plain or .gz.")
    var source: String?

    @Option(name: .shortAndLong, help: "The file of training targets.")
    var target: String?

    @Option(help: "A file of tab-separated training pairs instead of the two.")
    var table: String?

    @Option(help: "The column of the sources in tables, counted from 1.")
    var sourceColumn: Int = 1

    @Option(help: "The column of the targets in tables.")
    var targetColumn: Int = 2

    @Option(help: "The file of validation sources.")
    var validationSource: String?

    @Option(help: "The file of validation targets.")
    var validationTarget: String?

    @Option(help: "A file of tab-separated validation pairs instead of the two.")
    var validationTable: String?

    @Option(help: "The file of test sources.")
    var testSource: String?

    @Option(help: "The file of test targets.")
    var testTarget: String?

    @Option(help: "A file of tab-separated test pairs instead of the two.")
    var testTable: String?

    @Option(name: .shortAndLong, help: "A model folder whose tokenizers are tried.")
    var model: String?

    @Option(help: "The pairs of each corpus that tokenizers are trained and tried on.")
    var sample: Int = 20_000

    @Option(
        help:
            "The largest length of a side: in tokens with a tokenizer, else in words, and four times as much where characters are counted. By default data.maximum_length of the configuration, or 250."
    )
    var maximumLength: Int?

    @Option(help: "Tokens of a side that the vocabulary lacks.")
    var maximumUnknown: Percentage = .init(CorpusLimits().maximumUnknown)

    @Option(help: "Pairs that have occurred before.")
    var maximumDuplicates: Percentage = .init(CorpusLimits().maximumDuplicates)

    @Option(help: "Validation or test pairs that are in the training corpus.")
    var maximumLeakage: Percentage = .init(CorpusLimits().maximumLeakage)

    @Option(help: "Pairs with an empty side.")
    var maximumEmpty: Percentage = .init(CorpusLimits().maximumEmpty)

    @Option(help: "Pairs with a side above --maximum-length.")
    var maximumOverlong: Percentage = .init(CorpusLimits().maximumOverlong)

    @Option(help: "Pairs whose lengths do not fit each other.")
    var maximumOutliers: Percentage = .init(CorpusLimits().maximumOutliers)

    @Option(help: "Pairs whose sides are the same.")
    var maximumIdentical: Percentage = .init(CorpusLimits().maximumIdentical)

    @Option(help: "Lines of a side in another script than most.")
    var maximumOtherScript: Percentage = .init(CorpusLimits().maximumOtherScript)

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Makes a finding a note, by its name, such as misaligned; may be repeated.",
            valueName: "finding"), transform: CheckDataCommand.findingCode)
    var accept: [CorpusFinding.Code] = []

    private static func findingCode(_ name: String) throws -> CorpusFinding.Code {
        guard let code = CorpusFinding.Code(rawValue: name) else {
            let names = CorpusFinding.Code.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("there is no finding \(name): choose \(names)")
        }
        return code
    }

    @Flag(help: "Writes JSON; Documentation/check-data.md names its keys.")
    var json = false

    func validate() throws {
        let training = [source, target, table].contains { $0 != nil }
        guard config != nil || training else { throw CheckDataCommand.nothingToCheck }
        let validation = [validationSource, validationTarget, validationTable]
            .contains { $0 != nil }
        if config != nil, training || validation {
            throw ValidationError(
                "the configuration names the training and validation corpora: use --set data.train.source=FILE"
            )
        }
        if config == nil, !settings.isEmpty { throw ValidationError("--set needs a configuration") }
        try check("", source, target, table)
        try check("validation-", validationSource, validationTarget, validationTable)
        try check("test-", testSource, testTarget, testTable)
        for (name, value) in [
            ("source-column", sourceColumn), ("target-column", targetColumn), ("sample", sample),
            ("maximum-length", maximumLength ?? 1),
        ] where value < 1 {
            throw ValidationError("--\(name) is \(value): give a number of at least 1")
        }
    }

    private static let nothingToCheck = ValidationError(
        "give a configuration, --source and --target, or --table")

    private func check(
        _ prefix: String, _ source: String?, _ target: String?, _ table: String?
    ) throws {
        guard (source == nil) == (target == nil) else {
            let missing = source == nil ? "source" : "target"
            throw ValidationError("--\(prefix)\(missing) is missing")
        }
        guard table == nil || source == nil else {
            throw ValidationError("give --\(prefix)table or two files, not both")
        }
    }

    func run() throws {
        let configuration = try config.map { try ConfigurationFile.read($0, settings: settings) }
        let report: DataCheckReport
        do {
            report = try check(configuration).report(
                progress: Terminal.isInteractive ? drawProgress : { _, _ in })
        } catch { throw located(error, in: configuration) }
        if Terminal.isInteractive { Terminal.write("\r\u{1b}[K") }
        let output = LineWriter(fileDescriptor: STDOUT_FILENO)
        if json {
            try output.write(JSON.text(report, isSnakeCase: true))
        } else {
            for line in DataCheckText(report).lines { try output.write(line) }
        }
        try output.flush()
        if report.hasErrors { throw ExitCode(Failure.Code.data.rawValue) }
    }

    /// The error with the option that names the file which it is about.
    private func located(
        _ error: any Error, in configuration: RunConfiguration?
    ) -> any Error {
        guard let config, let configuration else { return error }
        return ConfigurationFile.locate(
            error, in: configuration, path: config, settings: settings)
    }

    private func check(_ configuration: RunConfiguration?) throws -> DataCheck {
        var check: DataCheck
        if let configuration {
            check = DataCheck(configuration)
        } else if let training = corpus(source, target, table) {
            check = DataCheck(training: training)
            check.validation = corpus(validationSource, validationTarget, validationTable)
        } else {
            throw CheckDataCommand.nothingToCheck
        }
        check.test = corpus(testSource, testTarget, testTable)
        if let model {
            let folder = try ModelFolder(contentsOf: model)
            guard folder.model.configuration.hasText else {
                throw Failure(
                    .usage, "--model: check-data compares texts, and the model gives labels")
            }
            check.tokenizers = .given(source: folder.source, target: folder.target)
        }
        if let maximumLength { check.limits.maximumLength = maximumLength }
        check.limits.maximumUnknown = maximumUnknown.share
        check.limits.maximumDuplicates = maximumDuplicates.share
        check.limits.maximumLeakage = maximumLeakage.share
        check.limits.maximumEmpty = maximumEmpty.share
        check.limits.maximumOverlong = maximumOverlong.share
        check.limits.maximumOutliers = maximumOutliers.share
        check.limits.maximumIdentical = maximumIdentical.share
        check.limits.maximumOtherScript = maximumOtherScript.share
        check.sampleSize = sample
        check.accepted = Set(accept)
        return check
    }

    private func corpus(
        _ source: String?, _ target: String?, _ table: String?
    ) -> ParallelCorpus? {
        if let table {
            return ParallelCorpus(
                table: table, sourceColumn: sourceColumn, targetColumn: targetColumn)
        }
        guard let source, let target else { return nil }
        return ParallelCorpus(source: source, target: target)
    }

    private func drawProgress(_ corpus: CorpusFinding.Corpus, _ lines: Int) {
        Terminal.write("\r\u{1b}[K\(corpus.rawValue): \(lines) lines read")
    }
}

/// A share, written `5%` or `0.05`.
struct Percentage: ExpressibleByArgument, CustomStringConvertible {
    let share: Double

    init(_ share: Double) { self.share = share }

    init?(argument: String) {
        let isPercent = argument.hasSuffix("%")
        guard let value = Double(isPercent ? String(argument.dropLast()) : argument) else {
            return nil
        }
        share = isPercent ? value / 100 : value
        guard (0...1).contains(share) else { return nil }
    }

    var description: String { defaultValueDescription }

    var defaultValueDescription: String { "\(Int((100 * share).rounded()))%" }
}
