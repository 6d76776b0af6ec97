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
            end included, separated by a tab.
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

    func validate() throws { _ = try options() }

    private func options() throws -> ModelOptions {
        try ModelOptions.make([
            "--model=\(model)", "--threads=\(threads)", "--maximum-length=\(maximumLength)",
            "--memory=\(memory)",
        ])
    }

    func run() throws {
        let options = try options()
        let translator = try options.translator()
        let output = LineWriter(fileDescriptor: STDOUT_FILENO)
        var pairs: [(source: String, target: String)] = []
        func writeScores() throws {
            let scored = try translator.score(pairs)
            try translator.checkNumbers(scored.map(\.logProbability))
            for pair in scored {
                let tokens = max(1, pair.tokenLogProbabilities.count)
                let perplexity = exp(-Double(pair.logProbability) / Double(tokens))
                try output.write("\(pair.logProbability)\t\(perplexity)")
            }
            try output.flush()
            pairs.removeAll()
        }
        try ParallelCorpus(source: source, target: target).forEachPair {
            source, target, line in
            try options.checkLength(
                source, translator.folder.source, path: self.source, line: line)
            try options.checkLength(
                target, translator.folder.target, path: self.target, line: line)
            try options.checkFits((source, target), translator, path: self.source, line: line)
            pairs.append((source, target))
            if pairs.count == 4096 { try writeScores() }
        }
        try writeScores()
    }
}
