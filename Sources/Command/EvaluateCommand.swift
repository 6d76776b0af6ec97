import ArgumentParser
import Seq2Seq

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate", abstract: "Compares translations with references.",
        discussion: """
            seq2seq evaluate HYPOTHESES --reference FILE [--reference FILE …]
            seq2seq evaluate --model DIR --source FILE --reference FILE

            METRICS: bleu, chrf, chrf++, ter (equal to sacreBLEU's), wer, cer (100 times jiwer's),
            token-accuracy, sentence-accuracy, and perplexity with --model; of lines of labels accuracy, \
            macro-f1 (scikit-learn's) and span-f1 (seqeval's); of text cut into words segmentation-f1 \
            (that of the SIGHAN bakeoffs).
            """)

    @Argument(help: "The file of translations, a line each; - is standard input.")
    var hypotheses: String?

    @Option(
        name: .shortAndLong, parsing: .upToNextOption,
        help: "Files of references, each with as many lines as there are translations.")
    var reference: [String] = []

    @Option(
        name: .shortAndLong, help: "Translates with this model instead of reading translations.")
    var model: String?

    @Option(name: .shortAndLong, help: "The file to translate with the model.")
    var source: String?

    @Option(
        name: .long, parsing: .upToNextOption,
        help: ArgumentHelp(
            "What to compute; see METRICS above. (default: bleu, and of labels what validation computes)",
            valueName: "metric"),
        transform: MetricName.init(named:))
    var metric: [MetricName] = []

    @Option(help: "The tokenizer of BLEU: 13a, zh, char, intl or none.")
    var tokenize: String?

    @Option(help: "The smoothing of BLEU: exp, floor, add-k or none.")
    var smooth: String = "exp"

    @Option(help: "The value of the smoothing methods floor and add-k.")
    var smoothValue: Double?

    @Flag(help: "Ignores case, which TER does anyway; accuracies never do.")
    var lowercase = false

    @Flag(help: "TER: makes punctuation tokens of their own.")
    var terNormalized = false

    @Flag(help: "TER: leaves punctuation out.")
    var terNoPunctuation = false

    @Flag(
        help:
            "TER: with the two before, also separates Chinese characters and Asian punctuation; with --model Chinese and Japanese are so by themselves."
    )
    var terAsianSupport = false

    @Flag(help: "TER: minds case.")
    var terCaseSensitive = false

    @Flag(help: "Also writes the scores of each line, separated by tabs.")
    var sentenceLevel = false

    @Option(
        name: [.long, .customShort("b")],
        help: "The number of hypotheses kept at each step of --model.")
    var beamSize: Int = 5

    @Option(help: "The exponent of the length normalisation of --model; 0 for none.")
    var lengthPenalty: Float = 1

    @Option(help: "The number type of matrix products of --model: float32 or bfloat16.")
    var precision: String = "float32"

    @Option(help: "The number of threads of --model; 0 means one a core.")
    var threads: Int = 0

    @Option(
        help:
            "The most tokens of a line for --model; a longer one is refused, since time and memory grow with it."
    )
    var maximumLength: Int = 1000

    @Option(
        help:
            "The memory that --model may take beside the model itself, all threads together, such as 2GB; a quarter of the machine's if empty."
    )
    var memory: String = ""

    @Option(
        help: ArgumentHelp(
            "Which output of --model is compared, for models with several of labels; the first if not given.",
            valueName: "name"))
    var output: String?

    @Flag(help: "Writes JSON with metric, value and signature, a line for each metric.")
    var json = false

    func validate() throws {
        guard !reference.isEmpty else { throw ValidationError("--reference names no file") }
        if model == nil {
            guard hypotheses != nil else {
                if reference.count > 1 {
                    let (first, last) = (reference.dropLast(), reference.last ?? "")
                    throw ValidationError(
                        "--reference took all of \(reference.joined(separator: ", ")), and no file of translations is left: write it first, as in evaluate \(last) --reference \(first.joined(separator: " "))"
                    )
                }
                throw ValidationError("give a file of translations, or --model with --source")
            }
            guard source == nil else { throw ValidationError("--source needs --model") }
            guard !metric.contains(where: { $0.metric == .perplexity }) else {
                throw ValidationError("--metric perplexity needs --model")
            }
        } else {
            guard hypotheses == nil else {
                throw ValidationError("give translations or --model, not both")
            }
            guard source != nil else { throw ValidationError("--model needs --source") }
        }
        if let tokenize, BLEUTokenizer(rawValue: tokenize) == nil {
            throw ValidationError(
                "--tokenize \(tokenize) is unknown: choose 13a, zh, char, intl or none")
        }
        _ = try smoothing()
        _ = try modelOptions()
    }

    private func modelOptions() throws -> ModelOptions {
        try ModelOptions.make(
            [
                "--model=\(model ?? "none")", "--beam-size=\(beamSize)", "--threads=\(threads)",
                "--maximum-length=\(maximumLength)", "--length-penalty=\(lengthPenalty)",
                "--precision=\(precision)",
            ] + (memory.isEmpty ? [] : ["--memory=\(memory)"]))
    }

    private func smoothing() throws -> BLEU.Smoothing {
        if let value = smoothValue, !(value >= 0 && value.isFinite) {
            throw ValidationError("--smooth-value \(value): choose a number of at least 0")
        }
        switch smooth {
        case "exp": return .exponential
        case "none": return .none
        case "floor": return .floor(smoothValue ?? 0.1)
        case "add-k": return .addK(smoothValue ?? 1)
        default:
            throw ValidationError("--smooth \(smooth) is unknown: choose exp, floor, add-k or none")
        }
    }

    private struct Result: Encodable {
        var metric: String
        var value: Double
        var signature: String
    }

    func run() throws {
        let references = try reference.map { try TextLineReader.lines(path: $0) }
        let translator = try model == nil ? nil : modelOptions().translator()
        let sources = try translator.map { try lines(of: source ?? "", $0.folder.source) } ?? []
        let output = LineWriter(fileDescriptor: STDOUT_FILENO)
        let part = try translator.flatMap(outputOfLabels)
        let metrics =
            try part.map(labelMetrics)
            ?? (metric.isEmpty ? [MetricName(metric: .bleu)] : metric).map {
                try corpusMetric($0.metric, translator?.folder.target.configuration.language)
            }
        if metrics.contains(where: { $0 != nil }) {
            let texts = try translations(of: sources, translator)
            try check(texts, references)
            for case let bleu as BLEU in metrics {
                if let hint = hint(bleu.tokenizer, references) {
                    Terminal.error("seq2seq: \(hint)")
                }
            }
            if sentenceLevel {
                try writeSentences(metrics.compactMap { $0 }, texts, references, to: output)
            }
            for metric in metrics {
                guard let metric else {
                    try writePerplexity(sources, references[0], translator, to: output)
                    continue
                }
                try writeScore(metric, texts, references, to: output)
            }
        } else {
            try writePerplexity(sources, references[0], translator, to: output)
        }
        try output.flush()
    }

    private func translations(of sources: [String], _ translator: Translator?) throws -> [String] {
        if let translator {
            let options = try modelOptions()
            for (index, line) in sources.enumerated() {
                try options.checkFits(line, translator, path: source ?? "", line: index + 1)
            }
            let found = try translator.translate(sources)
            guard let part = try outputOfLabels(translator) else { return found.map { $0[0].text } }
            return found.map { predictions in
                predictions[0].outputs.first { $0.name == part.name }?.labels
                    .joined(separator: " ") ?? ""
            }
        }
        guard let hypotheses, hypotheses != "-" else {
            let reader = try TextLineReader(fileDescriptor: STDIN_FILENO, name: "standard input")
            var lines: [String] = []
            while let line = try reader.next() { lines.append(line) }
            return lines
        }
        return try TextLineReader.lines(path: hypotheses)
    }

    /// The lines of a file for the model, none of them too long.
    private func lines(of path: String, _ codec: TextCodec) throws -> [String] {
        let lines = try TextLineReader.lines(path: path)
        try checkLengths(lines, codec, path: path)
        return lines
    }

    /// The output of labels that is compared; nil for models of text.
    private func outputOfLabels(_ translator: Translator) throws -> OutputPart? {
        let parts = translator.folder.model.configuration.outputs
        guard let part = output.map({ name in parts.first { $0.name == name } }) ?? parts.first
        else {
            throw Failure(
                .usage,
                "--output \(output ?? ""): the model has no such output (choose among \(parts.map(\.name).joined(separator: ", ")))"
            )
        }
        return part.kind == .text ? nil : part
    }

    /// The metrics of an output of labels: those asked for, or else its usual ones.
    private func labelMetrics(_ part: OutputPart) throws -> [(any CorpusMetric)?] {
        let wanted = metric.isEmpty ? part.usualMetrics : metric.map(\.metric)
        return try wanted.map { name in
            if name == .perplexity { return nil }
            guard let metric = part.metric(name) else {
                let names = (part.possibleMetrics + [.perplexity]).map {
                    MetricName(metric: $0).name
                }
                throw Failure(
                    .usage,
                    "--metric \(MetricName(metric: name).name): an output of type \(part.kind.rawValue) has none (choose among \(names.joined(separator: ", ")))"
                )
            }
            return metric
        }
    }

    private func checkLengths(_ lines: [String], _ codec: TextCodec, path: String) throws {
        let options = try modelOptions()
        for (index, line) in lines.enumerated() {
            try options.checkLength(line, codec, path: path, line: index + 1)
        }
    }

    private func check(_ texts: [String], _ references: [[String]]) throws {
        for (path, lines) in zip(reference, references) where lines.count != texts.count {
            throw Failure(
                .data,
                "\(path): \(lines.count) references for \(texts.count) translations (give files with as many lines)"
            )
        }
        guard !texts.isEmpty else {
            throw Failure(
                .data, "\(hypotheses ?? source ?? "-"): no lines to evaluate (give at least one)")
        }
    }

    /// The metric with the settings of the command; `nil` for perplexity, which compares no texts.
    private func corpusMetric(_ name: Metric, _ language: String?) throws -> (any CorpusMetric)? {
        var validation = ValidationConfiguration()
        validation.tokenize = tokenize ?? "auto"
        validation.lowercase = lowercase
        switch name {
        case .bleu:
            var bleu = validation.metric(language: language ?? "")
            bleu.smoothing = try smoothing()
            return bleu
        default:
            let metric = validation.metric(name, language: language ?? "")
            guard var ter = metric as? TranslationEditRate else { return metric }
            ter.normalized = ter.normalized || terNormalized
            ter.asianSupport = ter.asianSupport || terAsianSupport
            ter.punctuation = !terNoPunctuation
            ter.caseSensitive = terCaseSensitive
            return ter
        }
    }

    /// What to know where BLEU looks for spaces in text that has none.
    private func hint(_ tokenizer: BLEUTokenizer, _ references: [[String]]) -> String? {
        guard [.mteval13a, .international].contains(tokenizer) else { return nil }
        var (letters, unspaced, han) = (0, 0, 0)
        for scalar in references.joined().lazy.flatMap(\.unicodeScalars)
        where scalar.properties.isAlphabetic {
            letters += 1
            guard let script = Script(scalar),
                [.han, .thai, .lao, .khmer, .burmese, .tibetan].contains(script)
            else { continue }
            unspaced += 1
            if scalar.properties.isIdeographic { han += 1 }
        }
        guard 2 * unspaced > letters else { return nil }
        let isChinese = 10 * han > 9 * unspaced
        return
            "most letters of the references are of a script without spaces, and BLEU with --tokenize \(tokenizer.rawValue) takes what stands between spaces for a word (give --tokenize \(isChinese ? "zh" : "char"))"
    }

    private func writeSentences(
        _ metrics: [any CorpusMetric], _ texts: [String], _ references: [[String]],
        to output: LineWriter
    ) throws {
        for (index, text) in texts.enumerated() {
            let scores = metrics.map { metric in
                let score = metric.forSentences.sentenceScore(
                    hypothesis: text, references: references.map { $0[index] })
                return fixed(score.score, 2)
            }
            try output.write(scores.joined(separator: "\t"))
        }
    }

    private func writeScore(
        _ metric: any CorpusMetric, _ texts: [String], _ references: [[String]],
        to output: LineWriter
    ) throws {
        let score: any MetricScore = try metric.corpusScore(
            hypotheses: texts, referenceStreams: references.map { $0.map { $0 } })
        if !score.score.isFinite {
            Terminal.error(
                "seq2seq: \(MetricName(metric: metric.metric).name) is undefined, since translations and references are empty"
            )
        }
        try write(
            Result(
                metric: MetricName(metric: metric.metric).name, value: score.score,
                signature: score.signature),
            text: score.formatted(decimals: 2), to: output)
    }

    private func writePerplexity(
        _ sources: [String], _ references: [String], _ translator: Translator?,
        to output: LineWriter
    ) throws {
        guard let translator else { return }
        try checkLengths(references, translator.folder.targetLimits, path: reference[0])
        try check(sources, [references])
        let options = try modelOptions()
        for (index, pair) in zip(sources, references).enumerated() {
            try options.checkFits(pair, translator, path: source ?? "", line: index + 1)
        }
        var perplexity = Perplexity(totalLogProbability: 0, tokenCount: 0)
        let scored = try translator.score(
            Array(zip(sources, references)).map { (source: $0.0, target: $0.1) })
        try translator.checkNumbers(scored.map(\.logProbability))
        for pair in scored {
            perplexity += Perplexity(
                totalLogProbability: Double(pair.logProbability),
                tokenCount: pair.tokenLogProbabilities.count)
        }
        try write(
            Result(
                metric: "perplexity", value: perplexity.value,
                signature: "perplexity|version:\(BLEU.implementation)"),
            text: "perplexity = \(fixed(perplexity.value, 4))", to: output)
    }

    private func write(_ result: Result, text: String, to output: LineWriter) throws {
        try output.write(json ? JSON.text(result) : text)
    }
}

/// The name of a metric as flags have it: `token-accuracy` where configurations have `token_accuracy`.
struct MetricName {
    var metric: Metric

    init(metric: Metric) { self.metric = metric }

    init(named name: String) throws {
        let names = Metric.allCases.map { MetricName(metric: $0).name }
        guard let index = names.firstIndex(of: name) else {
            throw ValidationError(
                "no metric has this name: choose among \(names.joined(separator: ", ")); if it is the file of translations, write it before the options"
            )
        }
        metric = Metric.allCases[index]
    }

    var name: String { metric.rawValue.replacing("_", with: "-") }
}
