import ArgumentParser
import Seq2Seq

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

struct EvaluateCommand: ParsableCommand {
    enum MetricName: String, ExpressibleByArgument, CaseIterable {
        case bleu, perplexity
        case tokenAccuracy = "token-accuracy"
        case sentenceAccuracy = "sentence-accuracy"
    }

    static let configuration = CommandConfiguration(
        commandName: "evaluate", abstract: "Compares translations with references.",
        discussion: """
            seq2seq evaluate HYPOTHESES --reference FILE [--reference FILE …]
            seq2seq evaluate --model DIR --source FILE --reference FILE
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

    @Option(help: "bleu, perplexity (with --model), token-accuracy or sentence-accuracy.")
    var metric: MetricName = .bleu

    @Option(help: "The tokenizer of BLEU: 13a, zh, char, intl or none.")
    var tokenize: String?

    @Option(help: "The smoothing of BLEU: exp, floor, add-k or none.")
    var smooth: String = "exp"

    @Option(help: "The value of the smoothing methods floor and add-k.")
    var smoothValue: Double?

    @Flag(help: "Ignores case.")
    var lowercase = false

    @Flag(help: "Also writes the BLEU of each line.")
    var sentenceLevel = false

    @Option(
        name: [.long, .customShort("b")],
        help: "The number of hypotheses kept at each step of --model.")
    var beamSize: Int = 5

    @Option(help: "The number of threads of --model; 0 means one a core.")
    var threads: Int = 0

    @Option(
        help:
            "The most tokens of a line for --model; a longer one is refused, since time and memory grow with it."
    )
    var maximumLength: Int = 1000

    @Flag(help: "Writes JSON with metric, value and signature.")
    var json = false

    func validate() throws {
        guard !reference.isEmpty else { throw ValidationError("--reference names no file") }
        if model == nil {
            guard hypotheses != nil else {
                throw ValidationError("give a file of translations, or --model with --source")
            }
            guard source == nil else { throw ValidationError("--source needs --model") }
            guard metric != .perplexity else {
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
        try ModelOptions.make([
            "--model=\(model ?? "none")", "--beam-size=\(beamSize)", "--threads=\(threads)",
            "--maximum-length=\(maximumLength)",
        ])
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
        let output = LineWriter(fileDescriptor: STDOUT_FILENO)
        if metric == .perplexity, let translator {
            try writePerplexity(translator, to: output)
        } else {
            let texts = try translations(translator)
            try check(texts, references)
            try writeScores(
                texts, references, language: translator?.folder.target.configuration.language,
                to: output)
        }
        try output.flush()
    }

    private func translations(_ translator: Translator?) throws -> [String] {
        if let translator, let source {
            let sources = try lines(of: source, translator.folder.source)
            return try translator.translate(sources).map { $0[0].text }
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
        let options = try modelOptions()
        let lines = try TextLineReader.lines(path: path)
        for (index, line) in lines.enumerated() {
            try options.checkLength(line, codec, path: path, line: index + 1)
        }
        return lines
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

    private func writeScores(
        _ texts: [String], _ references: [[String]], language: String?, to output: LineWriter
    ) throws {
        switch metric {
        case .bleu:
            var validation = ValidationConfiguration()
            validation.tokenize = tokenize ?? "auto"
            validation.lowercase = lowercase
            var bleu = validation.metric(language: language ?? "")
            bleu.smoothing = try smoothing()
            if sentenceLevel {
                var sentence = bleu
                sentence.effectiveOrder = true
                for (index, text) in texts.enumerated() {
                    let score = sentence.sentenceScore(
                        hypothesis: text, references: references.map { $0[index] })
                    try output.write(fixed(score.score, 2))
                }
            }
            let score = try bleu.corpusScore(
                hypotheses: texts, referenceStreams: references.map { $0.map { $0 } })
            try write(
                Result(metric: "bleu", value: score.score, signature: score.signature),
                text: score.formatted(decimals: 2), to: output)
        case .tokenAccuracy, .sentenceAccuracy:
            var accuracy = Accuracy(correct: 0, total: 0)
            for (text, expected) in zip(texts, references[0]) {
                accuracy +=
                    metric == .tokenAccuracy
                    ? .tokens(
                        predicted: text.split(separator: " "),
                        expected: expected.split(separator: " "))
                    : .sentence(predicted: Array(text), expected: Array(expected))
            }
            try write(
                Result(
                    metric: metric.rawValue, value: accuracy.value,
                    signature: "\(metric.rawValue)|version:\(BLEU.implementation)"),
                text: "\(metric.rawValue) = \(fixed(100 * accuracy.value, 2)) %", to: output)
        case .perplexity: break
        }
    }

    private func writePerplexity(
        _ translator: Translator, to output: LineWriter
    ) throws {
        let sources = try lines(of: source ?? "", translator.folder.source)
        let references = try lines(of: reference[0], translator.folder.target)
        try check(sources, [references])
        var perplexity = Perplexity(totalLogProbability: 0, tokenCount: 0)
        for pair in translator.score(
            Array(zip(sources, references)).map { (source: $0.0, target: $0.1) })
        {
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
