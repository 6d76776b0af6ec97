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
    /// - Throws: a `SeqTextError` when a text cannot be cut into tokens, as when memory runs out.
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
        let scored = score(asked.map(\.pair), unknownWords: unknownWords.words)
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
