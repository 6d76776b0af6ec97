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
    /// Where the model computes what is not a number, the probability is none; ``checkNumbers(_:)`` refuses it.
    public func score(_ pairs: [(source: String, target: String)]) throws -> [ScoredPair] {
        var unknownWords = UnknownWords()
        return try score(
            pairs.map { pair in
                let source = sourceTokens(pair.source, &unknownWords)
                guard folder.model.output.needsContext else {
                    return TranslationPair(
                        source: source[...], target: folder.target.encode(pair.target)[...])
                }
                let copies = copyEncoding(pair.source)
                return TranslationPair(
                    source: source[...],
                    target: folder.target.encode(pair.target, copying: copies)[...],
                    copies: copies.targets[...])
            }, unknownWords: unknownWords.words)
    }

    /// The probability of each target given its source, both as tokens without start and end.
    public func score(_ pairs: [(source: [Int32], target: [Int32])]) throws -> [ScoredPair] {
        try score(pairs.map { TranslationPair(source: $0.source[...], target: $0.target[...]) })
    }

    /// The probability of each target given its source, with the words whose ids in the sources are
    /// behind the vocabulary.
    ///
    /// - Throws: a ``ModelError`` for options or tokens that are none, and for a pair that does not fit into
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
