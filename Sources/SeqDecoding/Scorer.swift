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
    public func score(_ pairs: [(source: String, target: String)]) -> [ScoredPair] {
        var unknownWords = UnknownWords()
        return score(
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
    public func score(_ pairs: [(source: [Int32], target: [Int32])]) -> [ScoredPair] {
        score(pairs.map { TranslationPair(source: $0.source[...], target: $0.target[...]) })
    }

    /// The probability of each target given its source, with the words whose ids in the sources are
    /// behind the vocabulary.
    public func score(_ pairs: [TranslationPair], unknownWords: [String] = []) -> [ScoredPair] {
        let order = pairs.indices.sorted {
            (pairs[$0].target.count, $0) < (pairs[$1].target.count, $1)
        }
        let size = max(1, min(options.batchSize, order.count))
        let batches = stride(from: 0, to: order.count, by: size).map {
            Array(order[$0..<min($0 + size, order.count)])
        }
        let empty = ScoredPair(logProbability: 0, tokenLogProbabilities: [])
        let results = Mutex([ScoredPair](repeating: empty, count: pairs.count))
        ThreadTeam.forEach(batches.count) { number in
            let batch = batches[number]
            let scores = Precision.$current.withValue(precision) {
                folder.model.tokenLogProbabilities(
                    folder.model.batch(batch.map { pairs[$0] }, unknownWords: unknownWords))
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
