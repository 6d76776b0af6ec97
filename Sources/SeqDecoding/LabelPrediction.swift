import SeqFiles

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif
import SeqData
public import SeqMetrics
package import SeqModels
import SeqNN
import SeqTensor
package import SeqText
import Synchronization

/// What one output of labels says of an input.
public struct PredictedOutput: Sendable, Hashable {
    /// The name of the output.
    public var name: String
    /// The labels, one for each step or one for all.
    public var labels: [String]
    /// The probability of each, whatever the others are.
    public var probabilities: [Float]
    /// The logarithm of the probability of all together, in nats.
    public var logProbability: Float
    /// The spans that the labels mark; nil where their scheme is not known.
    public var spans: [LabelSpan]?
}

extension Translator {
    /// The labels of each text, output by output; a text without tokens has none.
    func predictLabels(_ texts: [String]) throws -> [[Translation]] {
        var unknownWords = UnknownWords()
        let sources = try texts.map { try sourceTokens($0, &unknownWords) }
        let found = try labels(of: sources, unknownWords: unknownWords.words)
        try checkNumbers(found.joined().map(\.logProbability))
        return zip(sources, found).map { source, outputs in
            [translation(of: outputs, isBlank: source.isEmpty)]
        }
    }

    private func translation(of found: [PredictedLabels], isBlank: Bool) -> Translation {
        let model = folder.model
        let named = zip(model.configuration.outputs, zip(folder.labels, found))
        let outputs = named.map { part, found in
            let (codec, found) = found
            let labels = codec.labels(of: found.labels)
            return PredictedOutput(
                name: part.name, labels: labels, probabilities: found.probabilities,
                logProbability: found.logProbability,
                spans: part.scheme != .none ? LabelSpan.spans(of: labels) : nil)
        }
        let logProbability = outputs.reduce(0) { $0 + $1.logProbability }
        return Translation(
            text: isBlank
                ? "" : outputs.map { $0.labels.joined(separator: " ") }.joined(separator: "\t"),
            score: logProbability, logProbability: logProbability,
            tokens: outputs.first?.labels ?? [],
            tokenLogProbabilities: outputs.first?.probabilities.map { log($0) } ?? [],
            alignment: [],
            isComplete: true, outputs: outputs)
    }

    /// The labels of sources given as tokens, output by output; none for a source without tokens.
    private func labels(
        of sources: [[Int32]], unknownWords: [String]
    ) throws -> [[PredictedLabels]] {
        try options.validate()
        let model = folder.model
        let nothing = model.heads.map { _ in
            PredictedLabels(labels: [], probabilities: [], logProbability: 0)
        }
        let results = Mutex([[PredictedLabels]](repeating: nothing, count: sources.count))
        try forEachLabelBatch(sources) { batch in
            let found = Precision.$current.withValue(precision) {
                model.labels(
                    of: model.source(
                        batch.map { sources[$0] }, copies: [[Int32]](), unknownWords: unknownWords))
            }
            results.withLock { results in
                for (place, index) in batch.enumerated() {
                    results[index] = found.map { $0[place] }
                }
            }
        }
        return results.withLock { $0 }
    }

    /// The probability of the labels of each text, the outputs between tabs; an unknown label has the
    /// probability 0.
    ///
    /// - Throws: a `Seq2SeqError` for labels that are not as many as the steps, which names the pair by its
    ///   index.
    func scoreLabels(_ pairs: [(source: String, target: String)]) throws -> [ScoredPair] {
        var unknownWords = UnknownWords()
        let examples = try pairs.enumerated().map { index, pair in
            try naming("pair \(index)") { try example(pair, &unknownWords) }
        }
        let model = folder.model
        let empty = ScoredPair(logProbability: 0, tokenLogProbabilities: [])
        let results = Mutex([ScoredPair](repeating: empty, count: pairs.count))
        let words = unknownWords.words
        try forEachLabelBatch(examples.map { Array($0.source) }) { batch in
            let found = Precision.$current.withValue(precision) {
                model.labelLogProbabilities(
                    model.batch(batch.map { examples[$0] }, unknownWords: words))
            }
            results.withLock { results in
                for (place, index) in batch.enumerated() {
                    let all = found.flatMap { $0[place] }
                    results[index] = ScoredPair(
                        logProbability: all.reduce(0, +), tokenLogProbabilities: all)
                }
            }
        }
        return results.withLock { $0 }
    }

    /// Refuses labels that are not as many as the steps of their text.
    public func checkLabels(source: String, target: String) throws {
        guard !folder.model.configuration.hasText else { return }
        var unknownWords = UnknownWords()
        _ = try example((source, target), &unknownWords)
    }

    private func example(
        _ pair: (source: String, target: String), _ unknownWords: inout UnknownWords
    ) throws -> Example {
        let parts = folder.model.configuration.outputs
        let source = try sourceTokens(pair.source, &unknownWords)
        let fields =
            parts.count == 1
            ? [pair.target[...]]
            : pair.target.split(separator: "\t", omittingEmptySubsequences: false)
        guard fields.count == parts.count else {
            throw Seq2SeqError(
                .badData, reason: "\(fields.count) outputs instead of \(parts.count)",
                remedy: "separate outputs by tabs")
        }
        let columns = try zip(parts, zip(fields, folder.labels)).map { part, field in
            try part.column(field.1.encode(.text(String(field.0))), steps: source.count)
        }
        return Example([.ids(source[...])] + columns)
    }

    private func forEachLabelBatch(
        _ sources: [[Int32]], _ work: @escaping @Sendable ([Int]) -> Void
    ) throws {
        let order = sources.indices.filter { !sources[$0].isEmpty }
            .sorted { (sources[$0].count, $0) < (sources[$1].count, $1) }
        try forEachBatch(order, most: mostTogether(order.count), { cost(sources[$0].count) }, work)
    }
}

extension ModelFolder {
    /// The codec by which the length of targets is limited: labels are not more than the tokens of sources.
    package var targetLimits: TextCodec { model.configuration.hasText ? target : source }
}
