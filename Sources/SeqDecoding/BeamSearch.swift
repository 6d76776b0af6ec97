public import SeqModels
import SeqNN
import SeqTensor

/// Beam search over a batch of sources; a beam of one is greedy search.
///
/// At each step the best continuations of a source's hypotheses fill its beam. One that ends leaves the
/// beam and keeps its place taken, so that the beam narrows, and a source whose beam is empty leaves the
/// batch. What a source gets does not depend on the others.
public struct BeamSearch: Sendable {
    private let model: TranslationModel
    private let options: DecodingOptions
    private let keepsAlignments: Bool

    /// Creates a search.
    ///
    /// - Parameters:
    ///   - model: the model to search.
    ///   - options: beam size and what else decides.
    ///   - keepsAlignments: whether hypotheses carry attention weights.
    public init(_ model: TranslationModel, options: DecodingOptions, keepsAlignments: Bool = false)
    {
        self.model = model
        self.options = options
        self.keepsAlignments = keepsAlignments
    }

    /// One token of a hypothesis and the hypothesis it continues: an index into the source's history.
    private struct Link {
        var previous: Int32
        var token: Int32
        var logProbability: Float
    }

    private struct Live {
        /// The last token's place in the source's history, -1 at the start.
        var link: Int32
        var logProbability: Float
        /// The row of the decoder's state.
        var row: Int32
    }

    /// The search for one source.
    private struct Search {
        var source: Int
        var maximumLength: Int
        var live: [Live]
        var finished: [Hypothesis] = []
        var history: [Link] = []
        /// The attention weights of each link, where they are kept.
        var alignments: [[Float]] = []
        /// How long the history may become until it is rid of what no hypothesis goes on from.
        var historyLimit = 256

        /// Leaves out the links that no live hypothesis descends from; finished ones have their own tokens.
        mutating func forgetDeadEnds() {
            guard history.count > historyLimit else { return }
            var isReached = [Bool](repeating: false, count: history.count)
            for hypothesis in live {
                var link = Int(hypothesis.link)
                while link >= 0, !isReached[link] {
                    isReached[link] = true
                    link = Int(history[link].previous)
                }
            }
            var places = [Int32](repeating: -1, count: history.count)
            var count = 0
            for link in history.indices where isReached[link] {
                places[link] = Int32(count)
                history[count] = history[link]
                let previous = Int(history[count].previous)
                if previous >= 0 { history[count].previous = places[previous] }
                if !alignments.isEmpty { alignments.swapAt(count, link) }
                count += 1
            }
            history.removeLast(history.count - count)
            if !alignments.isEmpty { alignments.removeLast(alignments.count - count) }
            for index in live.indices where live[index].link >= 0 {
                live[index].link = places[Int(live[index].link)]
            }
            // Twice as many pay for the next pass.
            historyLimit = max(256, 2 * count)
        }
    }

    private struct Candidate {
        var logProbability: Float
        var parent: Int
        var token: Int32
        var tokenLogProbability: Float
    }

    /// The best outputs for each source of `source`, best first.
    ///
    /// A source for which the model computes what is not a number has one output, without tokens, whose
    /// log-probability is a NaN.
    public func callAsFunction(_ source: TranslationSource) -> [[Hypothesis]] {
        var dropout = Dropout.none
        let encoded = model.encode(source, dropout: &dropout)
        var decoder = StepwiseDecoder(
            model, source: source, encoded: encoded, keepsWeights: keepsAlignments,
            dropout: &dropout)
        var searches = source.tokens.layout.lengths.indices.map { index in
            Search(
                source: index,
                maximumLength: options.maximumLength(
                    source: source.tokens.layout.lengths[index]
                        - (model.configuration.encoder.hasEndToken ? 1 : 0)),
                live: [Live(link: -1, logProbability: 0, row: Int32(index))])
        }
        var results = [[Hypothesis]](repeating: [], count: searches.count)
        var tokens = [Int32](repeating: TranslationModel.startToken, count: searches.count)
        var step = 0
        while !searches.isEmpty {
            step += 1
            let found = decoder.step(
                tokens,
                sources: searches.flatMap { search in
                    search.live.map { _ in Int32(search.source) }
                }, dropout: &dropout)
            let logits = found.logits
            let best = logits.topK(min(options.beamSize, model.targetVocabulary))
            let normalizers =
                model.output.isNormalized
                ? [Float](repeating: 0, count: logits.rows) : logits.logSumExp()
            var row = 0
            for index in searches.indices {
                let rows = row..<(row + searches[index].live.count)
                row = rows.upperBound
                advance(
                    &searches[index], step: step, rows: rows, best: best, normalizers: normalizers,
                    weights: keepsAlignments ? found.weights : nil, layout: found.layout)
            }
            for search in searches where search.live.isEmpty {
                results[search.source] = ranked(search.finished)
            }
            searches.removeAll { $0.live.isEmpty }
            let live = searches.flatMap { search in
                search.live.map { (row: $0.row, token: search.history[Int($0.link)].token) }
            }
            tokens = live.map(\.token)
            let survivors = live.map(\.row)
            if survivors.count != row
                || survivors.indices.contains(where: { survivors[$0] != Int32($0) })
            {
                decoder.keepRows(survivors)
            }
        }
        return results
    }

    /// Replaces the hypotheses of one source by their best continuations.
    private func advance(
        _ search: inout Search, step: Int, rows: Range<Int>,
        best: (indices: [Int32], values: [Float]), normalizers: [Float], weights: Tensor?,
        layout: AttentionLayout
    ) {
        let width = options.beamSize - search.finished.count
        let choices = best.indices.count / normalizers.count
        var candidates: [Candidate] = []
        for (parent, row) in rows.enumerated() {
            for choice in 0..<min(width, choices) {
                let at = row * choices + choice
                let logProbability = best.values[at] - normalizers[row]
                candidates.append(
                    Candidate(
                        logProbability: search.live[parent].logProbability + logProbability,
                        parent: parent, token: best.indices[at],
                        tokenLogProbability: logProbability))
            }
        }
        if let failed = candidates.first(where: { $0.logProbability.isNaN }) {
            // Nothing can be compared with it; the caller finds it in the result.
            search.finished = [
                Hypothesis(
                    tokens: [], logProbability: failed.logProbability,
                    score: failed.logProbability, tokenLogProbabilities: [], alignment: [],
                    isComplete: false)
            ]
            search.live = []
            return
        }
        if candidates.count > 1 {
            // Ties go to the earlier hypothesis and the lower token, whatever else is in the batch.
            candidates.sort {
                $0.logProbability != $1.logProbability
                    ? $0.logProbability > $1.logProbability
                    : ($0.parent, $0.token) < ($1.parent, $1.token)
            }
        }
        var next: [Live] = []
        for candidate in candidates.prefix(width) {
            let parent = search.live[candidate.parent]
            search.history.append(
                Link(
                    previous: parent.link, token: candidate.token,
                    logProbability: candidate.tokenLogProbability))
            let row = rows.lowerBound + candidate.parent
            if let weights {
                let range = Int(layout.weightStarts[row])..<Int(layout.weightStarts[row + 1])
                search.alignments.append(weights.withUnsafeValues { Array($0[range]) })
            }
            let continued = Live(
                link: Int32(search.history.count - 1), logProbability: candidate.logProbability,
                row: Int32(row))
            if candidate.token == TranslationModel.endToken || step >= search.maximumLength {
                search.finished.append(
                    hypothesis(
                        continued, of: search,
                        isComplete: candidate.token == TranslationModel.endToken))
            } else {
                next.append(continued)
            }
        }
        search.live = canStillWin(next, in: search) ? next : []
        search.forgetDeadEnds()
    }

    /// Without length normalisation no continuation gains, so a search ends once enough finished
    /// hypotheses are at least as good as every live one.
    private func canStillWin(_ live: [Live], in search: Search) -> Bool {
        guard options.lengthPenalty == 0, search.finished.count >= options.nBest else {
            return true
        }
        let worstKept = ranked(search.finished)[options.nBest - 1].logProbability
        return live.contains { $0.logProbability > worstKept }
    }

    private func ranked(_ hypotheses: [Hypothesis]) -> [Hypothesis] {
        let order = hypotheses.indices.sorted {
            hypotheses[$0].score != hypotheses[$1].score
                ? hypotheses[$0].score > hypotheses[$1].score : $0 < $1
        }
        return order.prefix(options.nBest).map { hypotheses[$0] }
    }

    private func hypothesis(_ end: Live, of search: Search, isComplete: Bool) -> Hypothesis {
        var tokens: [Int32] = []
        var logProbabilities: [Float] = []
        var alignment: [[Float]] = []
        var link = end.link
        while link >= 0 {
            let entry = search.history[Int(link)]
            tokens.append(entry.token)
            logProbabilities.append(entry.logProbability)
            if !search.alignments.isEmpty { alignment.append(search.alignments[Int(link)]) }
            link = entry.previous
        }
        let score = options.score(logProbability: end.logProbability, length: tokens.count)
        if isComplete {
            tokens.removeFirst()
            if !alignment.isEmpty { alignment.removeFirst() }
        }
        return Hypothesis(
            tokens: tokens.reversed(), logProbability: end.logProbability, score: score,
            tokenLogProbabilities: logProbabilities.reversed(), alignment: alignment.reversed(),
            isComplete: isComplete)
    }
}
