import SeqData
public import SeqModels
import SeqNN
import SeqTensor
import SeqText
import Synchronization

/// How probable a model finds a given output.
public struct ScoredPair: Sendable {
    /// The log-probability of the target and its end, in nats.
    public var logProbability: Float
    /// The log-probability of each target token and, last, of the end.
    public var tokenLogProbabilities: [Float]
}

extension Translator {
    /// The probability of each target given its source; the same numbers as ``translate(_:)-(String)``
    /// reports for what it finds.
    ///
    /// A source that shows nothing is answered with nothing without the model being asked: the
    /// log-probability of an empty target is 0 then. `<unk>` in a target is the unknown token.
    ///
    /// - Throws: a `Seq2SeqError` when a text cannot be cut into tokens, as when memory runs out.
    public func score(_ pairs: [(source: String, target: String)]) throws -> [ScoredPair] {
        var unknownWords = UnknownWords()
        var results = [ScoredPair](
            repeating: ScoredPair(logProbability: 0, tokenLogProbabilities: []), count: pairs.count)
        var asked: [(index: Int, pair: TranslationPair)] = []
        for (index, pair) in pairs.enumerated() {
            let source = try sourceTokens(pair.source, &unknownWords)
            if source.isEmpty, isBlank(pair.target) { continue }
            asked.append((index, try translationPair(source, pair)))
        }
        let scored = try score(asked.map(\.pair), unknownWords: unknownWords.words)
        for (asked, scored) in zip(asked, scored) { results[asked.index] = scored }
        return results
    }

    private func translationPair(
        _ source: [Int32], _ pair: (source: String, target: String)
    ) throws -> TranslationPair {
        guard folder.model.output.needsContext else {
            return TranslationPair(
                source: source[...], target: try folder.target.outputIDs(of: pair.target)[...])
        }
        let copies =
            source.isEmpty ? CopyEncoding(targets: [], unknowns: []) : copyEncoding(pair.source)
        return TranslationPair(
            source: source[...],
            target: try folder.target.outputIDs(of: pair.target, copying: copies)[...],
            copies: copies.targets[...])
    }

    /// The probability of each target given its source, both as tokens without start and end.
    public func score(_ pairs: [(source: [Int32], target: [Int32])]) throws -> [ScoredPair] {
        try score(pairs.map { TranslationPair(source: $0.source[...], target: $0.target[...]) })
    }

    /// The probability of each target given its source, with the words whose ids in the sources are
    /// behind the vocabulary.
    ///
    /// - Throws: a ``Seq2SeqError`` for options or tokens that are none, and for a pair that does not fit into
    ///   ``DecodingOptions/memory``; it names the pair by its index.
    public func score(
        _ pairs: [TranslationPair], unknownWords: [String] = []
    ) throws -> [ScoredPair] {
        try options.validate()
        try checkPairs(pairs, unknownWords: unknownWords)
        for (index, pair) in pairs.enumerated() {
            try naming("pair \(index)") {
                try checkScoringFits(source: pair.source.count, target: pair.target.count)
            }
        }
        let model = folder.model
        let order = pairs.indices.sorted {
            (pairs[$0].target.count, $0) < (pairs[$1].target.count, $1)
        }
        let empty = ScoredPair(logProbability: 0, tokenLogProbabilities: [])
        let results = Mutex([ScoredPair](repeating: empty, count: pairs.count))
        try forEachBatch(
            order, most: options.batchSize, fixed: model.scoringBlockBytes,
            { model.scoringCost(source: pairs[$0].source.count, target: pairs[$0].target.count) }
        ) { batch in
            let scores = Precision.$current.withValue(precision) {
                model.tokenLogProbabilities(
                    model.batch(
                        batch.map { index in
                            var pair = pairs[index]
                            // Scores do not look at known alignments.
                            pair.links = []
                            return pair
                        }, unknownWords: unknownWords))
            }
            results.withLock { results in
                for (index, tokens) in zip(batch, scores) {
                    results[index] = ScoredPair(
                        logProbability: tokens.reduce(0, +), tokenLogProbabilities: tokens)
                }
            }
        }
        return results.withLock { $0 }
    }
}
