import ArgumentParser
import Seq2Seq

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

struct PredictCommand: ParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case plain, tsv, jsonl
    }

    static let configuration = CommandConfiguration(
        commandName: "predict", abstract: "Translates lines of text with a trained model.",
        discussion: """
            Each line of the input gives one line of output in the same order (as many as --n-best with \
            formats plain and tsv); an empty line gives an empty one. plain: the text, after its score \
            with --with-scores and before its alignment with --with-alignments, separated by tabs. tsv: \
            line number, rank, score, text. jsonl: one object a line with everything.
            """, aliases: ["translate"])

    @OptionGroup var model: ModelOptions

    @Option(name: .shortAndLong, help: "The file to translate, plain or .gz; - is standard input.")
    var input: String = "-"

    @Option(name: .shortAndLong, help: "The file to write; - is standard output.")
    var output: String = "-"

    @Option(help: "How many translations of each line.")
    var nBest: Int = 1

    @Flag(help: "Writes the normalised log-probability of each translation.")
    var withScores = false

    @Flag(
        help:
            "Writes which source token each output token attends to most, as pairs source-target counted from 0."
    )
    var withAlignments = false

    @Option(help: "plain, tsv or jsonl.")
    var format: Format = .plain

    @Flag(
        help:
            "Replaces unknown words of the output by the source words that attention points to."
    )
    var replaceUnknown = false

    @Option(
        help:
            "A file of translations of single words, source and target separated by a tab, for unknown words; implies --replace-unknown."
    )
    var lexicon: String?

    func validate() throws { try model.checkNBest(nBest) }

    func run() throws {
        var translator = try model.translator(nBest: nBest)
        translator.keepsAlignments = withAlignments || format == .jsonl
        if replaceUnknown || lexicon != nil {
            guard translator.folder.model.configuration.hasAttention else {
                throw Failure(
                    .usage,
                    "--replace-unknown: the model has no attention to say which source word is meant"
                )
            }
            translator.unknownReplacement = UnknownReplacement(
                lexicon: try lexicon.map { try Lexicon(contentsOf: $0) },
                unknown: translator.folder.target.token(of: TranslationModel.unknownToken))
        }
        if input == "-", isatty(STDIN_FILENO) == 1 {
            Terminal.error("seq2seq: type text to translate, a line at a time; Ctrl-D ends")
        }
        let reader =
            try input == "-"
            ? TextLineReader(fileDescriptor: STDIN_FILENO, name: "standard input")
            : TextLineReader(path: input)
        let destination = try OutputFile(output)
        defer { destination.discardUnlessFinished() }
        // Enough lines at once to make batches of like lengths, but no waiting for lines that have not
        // been written yet.
        let most = max(model.batchSize, 1) * 16
        var number = 0
        while true {
            var lines: [String] = []
            while lines.count < most, let line = try reader.next() {
                try model.checkLength(
                    line, translator.folder.source, path: reader.path, line: reader.lineNumber)
                try model.checkFits(
                    line, translator, path: reader.path, line: reader.lineNumber)
                lines.append(line)
                if !reader.hasBufferedLine { break }
            }
            if lines.isEmpty { break }
            for (line, translations) in zip(lines, try translator.translate(lines)) {
                number += 1
                try write(line, translations, number: number, to: destination.writer)
            }
            try destination.writer.flush()
        }
        try destination.finish()
    }

    private func write(
        _ line: String, _ translations: [Translation], number: Int, to writer: LineWriter
    ) throws {
        switch format {
        case .plain:
            for translation in translations {
                var fields = [translation.text]
                if withScores { fields.insert("\(translation.score)", at: 0) }
                if withAlignments { fields.append(hardAlignment(translation)) }
                try writer.write(fields.joined(separator: "\t"))
            }
        case .tsv:
            for (rank, translation) in translations.enumerated() {
                var fields = ["\(number)", "\(rank + 1)", "\(translation.score)", translation.text]
                if withAlignments { fields.append(hardAlignment(translation)) }
                try writer.write(fields.joined(separator: "\t"))
            }
        case .jsonl:
            try writer.write(
                JSON.text(PredictionLine(line: number, source: line, translations: translations)))
        }
    }

    /// For each output token, the source token with the most attention.
    private func hardAlignment(_ translation: Translation) -> String {
        translation.alignment.enumerated().compactMap { target, weights in
            weights.indices.max { weights[$0] < weights[$1] }.map { "\($0)-\(target)" }
        }.joined(separator: " ")
    }
}

/// One line of `predict --format jsonl`.
struct PredictionLine: Encodable {
    struct Entry: Encodable {
        var text: String
        var score: Float
        var log_probability: Float
        var tokens: [String]
        var token_log_probabilities: [Float]
        var alignment: [[Float]]
    }

    var line: Int
    var source: String
    var translations: [Entry]

    init(line: Int, source: String, translations: [Translation]) {
        self.line = line
        self.source = source
        self.translations = translations.map {
            Entry(
                text: $0.text, score: $0.score, log_probability: $0.logProbability,
                tokens: $0.tokens, token_log_probabilities: $0.tokenLogProbabilities,
                alignment: $0.alignment)
        }
    }
}
