import ArgumentParser
import Seq2Seq

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

struct ScoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "score", abstract: "Tells how probable a model finds given translations.",
        discussion: """
            One line a pair: the log-probability of the target in nats and its perplexity a token, the \
            end included, separated by a tab. The target <unk> is the unknown token; two empty lines have 0. \
            A pair that cannot be read gives two empty fields, and a message; the rest is scored.
            """)

    @Option(name: .shortAndLong, help: "The folder of a trained model.")
    var model: String

    @Option(name: .shortAndLong, help: "The file of sources, plain or .gz.")
    var source: String

    @Option(name: .shortAndLong, help: "The file of targets, plain or .gz.")
    var target: String

    @Option(help: "The number of threads; 0 means one a core.")
    var threads: Int = 0

    @Option(
        help:
            "The most tokens of a line; a longer one is refused, since time and memory grow with it."
    )
    var maximumLength: Int = 1000

    @Option(
        help:
            "The memory that scoring may take beside the model, all threads together, such as 2GB; a quarter of the machine's if empty."
    )
    var memory: String = ""

    @Flag(help: "Ends with code 65 when a pair could not be scored, after scoring the rest.")
    var strict = false

    func validate() throws { _ = try options() }

    private func options() throws -> ModelOptions {
        try ModelOptions.make(
            [
                "--model=\(model)", "--threads=\(threads)", "--maximum-length=\(maximumLength)",
            ] + (memory.isEmpty ? [] : ["--memory=\(memory)"]))
    }

    func run() throws {
        let options = try options()
        let translator = try options.translator()
        let output = LineWriter(fileDescriptor: STDOUT_FILENO)
        let sources = try TextLineReader(path: source)
        let targets = try TextLineReader(path: target)
        var problems = LineProblems(isStrict: strict)
        while true {
            let (pairs, damage) = pairs(sources, targets, options, translator)
            try write(pairs, translator, to: output, &problems)
            try output.flush()
            if let damage { throw damage }
            if pairs.isEmpty { break }
        }
        try problems.finish()
    }

    /// The next pairs of lines, and the error behind them after which no more can be read.
    private func pairs(
        _ sources: TextLineReader, _ targets: TextLineReader, _ options: ModelOptions,
        _ translator: Translator
    ) -> ([(source: Question, target: Question)], damage: (any Error)?) {
        var pairs: [(source: Question, target: Question)] = []
        do {
            while pairs.count < 4096 {
                let source = try Question.next(of: sources, options, translator.folder.source)
                let target = try Question.next(
                    of: targets, options, translator.folder.targetLimits)
                guard let source, let target else {
                    if source != nil || target != nil { try refuse(sources, targets) }
                    break
                }
                pairs.append(try fitting(source, target, sources, options, translator))
            }
        } catch {
            return (pairs, error)
        }
        return (pairs, nil)
    }

    /// A pair, whose source becomes a problem where the memory has no room for it.
    private func fitting(
        _ source: Question, _ target: Question, _ sources: TextLineReader, _ options: ModelOptions,
        _ translator: Translator
    ) throws -> (source: Question, target: Question) {
        guard let first = source.text, let second = target.text else { return (source, target) }
        do {
            try translator.checkLabels(source: first, target: second)
            try options.checkFits(
                (first, second), translator, path: sources.path, line: sources.lineNumber)
            return (source, target)
        } catch { return (.problem(try Question.message(error, sources)), target) }
    }

    /// Reads both files on to name both counts.
    private func refuse(_ sources: TextLineReader, _ targets: TextLineReader) throws {
        while try sources.nextResult() != nil {}
        while try targets.nextResult() != nil {}
        throw Failure(
            .data,
            "\(target): has \(targets.lineNumber) lines, but \(source) has \(sources.lineNumber) (line n of one must be the translation of line n of the other)"
        )
    }

    private func write(
        _ pairs: [(source: Question, target: Question)], _ translator: Translator,
        to output: LineWriter, _ problems: inout LineProblems
    ) throws {
        var texts: [(source: String, target: String)] = []
        for pair in pairs {
            if let source = pair.source.text, let target = pair.target.text {
                texts.append((source, target))
            }
        }
        let scores = try translator.score(texts)
        let isText = translator.folder.model.configuration.hasText
        // A label that the model does not know has the probability 0.
        try translator.checkNumbers(
            scores.map(\.logProbability).filter { isText || $0 != -.infinity })
        var scored = scores.makeIterator()
        for pair in pairs {
            let reasons = [pair.source, pair.target].compactMap(\.problem)
            guard reasons.isEmpty, let pair = scored.next() else {
                problems.add(reasons.joined(separator: "; "))
                try output.write("\t")
                continue
            }
            let tokens = max(1, pair.tokenLogProbabilities.count)
            let perplexity = exp(-Double(pair.logProbability) / Double(tokens))
            try output.write("\(pair.logProbability)\t\(perplexity)")
        }
    }
}
