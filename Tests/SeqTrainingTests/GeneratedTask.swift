import SeqFiles
import SeqData
import SeqDecoding
import SeqMetrics
import SeqModels
import SeqNN
import SeqTensor
import SeqText
import SeqTraining
import TestSupport

/// A small random generator with a seed (Steele, Lea and Flood 2014).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// A task whose examples can be made without end.
enum GeneratedTask: String, CaseIterable, Sendable {
    case copy, reverse, sort, addition

    /// Different examples in random order, tokens separated by spaces.
    func examples(_ count: Int, lengths: ClosedRange<Int> = 3...6) -> [(
        source: String, target: String
    )] {
        var generator = SplitMix(state: 20)
        var seen: Set<String> = []
        var examples: [(source: String, target: String)] = []
        while examples.count < count {
            let example = draw(lengths, &generator)
            if seen.insert(example.source).inserted { examples.append(example) }
        }
        return examples
    }

    private func draw(
        _ lengths: ClosedRange<Int>, _ generator: inout SplitMix
    ) -> (source: String, target: String) {
        func spaced(_ symbols: some Sequence<some CustomStringConvertible>) -> String {
            symbols.map(\.description).joined(separator: " ")
        }
        if self == .addition {
            let (a, b) = (
                Int.random(in: 0...99, using: &generator), Int.random(in: 0...99, using: &generator)
            )
            return (spaced("\(a)+\(b)"), spaced("\(a + b)"))
        }
        let digits = (0..<Int.random(in: lengths, using: &generator))
            .map { _ in Int.random(in: 0...9, using: &generator) }
        return switch self {
        case .reverse: (spaced(digits), spaced(digits.reversed()))
        case .sort: (spaced(digits), spaced(digits.sorted()))
        case .copy, .addition: (spaced(digits), spaced(digits))
        }
    }
}

extension TemporaryFolder {
    func write(_ name: String, _ lines: [String]) throws -> String {
        try file(name, lines.map { $0 + "\n" }.joined().utf8)
    }

    func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

    /// A configuration of a tiny model on a task, with held-out validation data and the run folder
    /// `run`; it trains fast and reports often.
    func configuration(
        _ task: GeneratedTask = .copy, train: Int = 200, validation: Int = 40
    ) throws -> RunConfiguration {
        let examples = task.examples(train + validation)
        let (held, seen) = (examples.prefix(validation), examples.dropFirst(validation))
        var configuration = RunConfiguration()
        configuration.threads = 1
        configuration.run = path("run")
        // To copy is the task.
        configuration.data.check = .off
        configuration.data.train.source = try write("train.source", seen.map(\.source))
        configuration.data.train.target = try write("train.target", seen.map(\.target))
        if validation > 0 {
            configuration.data.validation.source = try write("held.source", held.map(\.source))
            configuration.data.validation.target = try write("held.target", held.map(\.target))
        }
        configuration.tokenizer.source.kind = .whitespace
        configuration.tokenizer.target.kind = .whitespace
        configuration.model.encoder.embedding = 16
        configuration.model.encoder.hidden = 32
        configuration.model.encoder.layers = 1
        configuration.model.decoder.embedding = 16
        configuration.model.decoder.hidden = 32
        configuration.model.decoder.layers = 1
        configuration.model.dropout = 0
        configuration.training.batch.size = 32
        configuration.training.optimizer.learningRate = 0.005
        configuration.training.labelSmoothing = 0
        configuration.training.epochs = 3
        configuration.training.reportEvery = 1
        configuration.validation.metrics = []
        configuration.validation.samples = 0
        return configuration
    }
}

extension RunConfiguration {
    /// The share of the held-out targets that the best model of the run reproduces.
    func sentenceAccuracy() throws -> Double {
        let sources = try TextLineReader.lines(path: data.validation.source)
        let targets = try TextLineReader.lines(path: data.validation.target)
        let translator = try Translator(contentsOf: "\(run)/best")
        let outputs = try translator.translate(sources).map { $0[0].text }
        return Double(zip(outputs, targets).count { $0 == $1 }) / Double(targets.count)
    }
}
