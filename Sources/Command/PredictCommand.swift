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
        commandName: "predict",
        abstract: "Translates or labels lines of text with a trained model.",
        discussion: """
            Each line of the input gives one line of output in the same order (as many as --n-best with \
            formats plain and tsv); a line that shows nothing gives an empty one. Where there are fewer \
            translations than --n-best, empty ones with score -inf follow. A line that cannot be \
            answered (not UTF-8, too long) gives empty ones too, and a message; the rest is \
            answered. plain: the text, after its score \
            with --with-scores and before its alignment with --with-alignments, separated by tabs. tsv: \
            line number, rank, score, text. Labels stand between spaces, and several outputs between \
            tabs. jsonl: one object a line with everything, "error" \
            among it for a line that cannot be answered.
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

    @Flag(help: "Ends with code 65 when a line could not be answered, after answering the rest.")
    var strict = false

    func validate() throws { try model.checkNBest(nBest) }

    func run() throws {
        var translator = try model.translator(nBest: nBest)
        guard translator.folder.model.configuration.hasText || nBest == 1 else {
            throw Failure(
                .usage,
                "--n-best \(nBest): the model says the best labels alone (leave --n-best out)")
        }
        translator.keepsAlignments = withAlignments || format == .jsonl
        if replaceUnknown || lexicon != nil {
            guard translator.folder.model.configuration.hasAttention else {
                throw Failure(
                    .usage,
                    "--replace-unknown: the model has no attention to say which source word is meant (leave it out)"
                )
            }
            translator.unknownReplacement = UnknownReplacement(
                lexicon: try lexicon.map { try Lexicon(contentsOf: $0) })
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
        var problems = LineProblems(isStrict: strict)
        while true {
            let (questions, damage) = questions(from: reader, most: most, translator)
            for answer in try answers(
                questions, translator, path: reader.path, firstLine: number + 1)
            {
                number += 1
                if let problem = answer.problem { problems.add(problem) }
                try write(answer, number: number, to: destination.writer)
            }
            try destination.writer.flush()
            if let damage { throw damage }
            if questions.isEmpty { break }
        }
        try destination.finish()
        try problems.finish()
    }

    /// Up to `most` lines, and the error behind them after which no more can be read.
    private func questions(
        from reader: TextLineReader, most: Int, _ translator: Translator
    ) -> ([Question], damage: (any Error)?) {
        var questions: [Question] = []
        do {
            while questions.count < most,
                let question = try Question.next(
                    of: reader, model, translator.folder.source,
                    checkFits: {
                        try model.checkFits(
                            $0, translator, path: reader.path, line: reader.lineNumber)
                    })
            {
                questions.append(question)
                if !reader.hasBufferedLine { break }
            }
        } catch {
            return (questions, error)
        }
        return (questions, nil)
    }

    /// What a line got.
    private struct Answer {
        var source = ""
        var translations: [Translation] = []
        var problem: String?
    }

    private func answers(
        _ questions: [Question], _ translator: Translator, path: String, firstLine: Int
    ) throws -> [Answer] {
        let texts = questions.compactMap(\.text)
        do {
            var found = try translator.translate(texts).makeIterator()
            return questions.map { question in
                switch question {
                case .text(let text):
                    Answer(source: text, translations: found.next() ?? [])
                case .problem(let problem): Answer(problem: problem)
                }
            }
        } catch let error as Seq2SeqError where error.kind == .badData {
            // One text has failed: which one is found by asking for each alone.
            guard questions.count > 1 else {
                let message = Failure(error)?.message ?? error.description
                return [Answer(problem: "\(path):\(firstLine): \(message)")]
            }
            return try questions.enumerated().flatMap {
                try answers([$0.element], translator, path: path, firstLine: firstLine + $0.offset)
            }
        }
    }

    private func write(_ answer: Answer, number: Int, to writer: LineWriter) throws {
        let missing = max(0, nBest - answer.translations.count)
        let translations =
            answer.translations + [Translation](repeating: .missing, count: missing)
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
                JSON.text(
                    PredictionLine(
                        line: number, source: answer.source, translations: answer.translations,
                        error: answer.problem)))
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

    struct Output: Encodable {
        var name: String
        var labels: [String]
        var probabilities: [Float]
        var log_probability: Float
        var spans: [LabelSpan]?
    }

    var line: Int
    var source: String
    /// Of models of text.
    var translations: [Entry]?
    /// Of models of labels.
    var outputs: [Output]?
    /// Why the line could not be answered.
    var error: String?

    init(line: Int, source: String, translations: [Translation], error: String?) {
        self.line = line
        self.error = error
        self.source = source
        if let labelled = translations.first?.outputs, !labelled.isEmpty {
            outputs = labelled.map {
                Output(
                    name: $0.name, labels: $0.labels, probabilities: $0.probabilities,
                    log_probability: $0.logProbability, spans: $0.spans)
            }
            return
        }
        self.translations = translations.map {
            Entry(
                text: $0.text, score: $0.score, log_probability: $0.logProbability,
                tokens: $0.tokens, token_log_probabilities: $0.tokenLogProbabilities,
                alignment: $0.alignment)
        }
    }
}
