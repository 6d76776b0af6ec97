import SeqData
import SeqDecoding
import SeqModels
import SeqNN
import SeqTensor
import Synchronization

/// Outputs that a model draws for the pairs of an update, and how good they are.
struct SequenceCandidates: Sendable {
    /// An output for a pair.
    struct Candidate: Sendable {
        var tokens: [Int32]
        /// Whether the model has ended it.
        var isComplete: Bool
        /// How good it is; 1 for the reference.
        var reward: Double

        /// What tells an output from others: one that was cut off is another than one that ended there.
        struct Identity: Hashable {
            var tokens: [Int32]
            var isComplete: Bool
        }

        var identity: Identity { Identity(tokens: tokens, isComplete: isComplete) }

        /// The number of its tokens, the end among them unless it was cut off and the end never drawn.
        var drawnTokens: Int { tokens.count + (isComplete ? 1 : 0) }

        /// A weight for each of its tokens and its end, which is 0 for an end that was never drawn.
        func rowWeights(_ weight: Float) -> [Float] {
            Array(repeating: weight, count: tokens.count) + [isComplete ? weight : 0]
        }
    }

    let model: TranslationModel
    let configuration: SequenceTrainingConfiguration
    private let sampling: SequenceSampling
    private let reward: SequenceReward

    init(_ run: RunConfiguration, _ folder: ModelFolder) {
        model = folder.model
        configuration = run.training.sequence
        sampling = SequenceSampling(
            folder.model, options: run.boundedDecoding, temperature: configuration.temperature)
        reward = SequenceReward(
            configuration.metric, validation: run.validation, target: folder.target)
    }

    /// For each pair as many outputs as are configured, and behind them the greedy one if asked for.
    func draw(for pairs: TrainingPairs, hasGreedy: Bool) -> [[Candidate]] {
        let samples = configuration.samples
        let requests = pairs.pairs.indices.flatMap { place in
            (0..<samples).map {
                SequenceSampling.Request(
                    source: place, generator: pairs.generator("candidate \($0)", place))
            } + (hasGreedy ? [.init(source: place, generator: nil)] : [])
        }
        let outputs = sampling(pairs.batch(for: model).source, requests)
        let count = samples + (hasGreedy ? 1 : 0)
        let found = Mutex([[Candidate]](repeating: [], count: pairs.pairs.count))
        ThreadTeam.forEach(pairs.pairs.count) { place in
            let reference = Array(pairs.pairs[place].target)
            let candidates = outputs[place * count..<(place + 1) * count].map { output in
                Candidate(
                    tokens: output.tokens, isComplete: output.isComplete,
                    reward: reward(output.tokens, reference: reference))
            }
            found.withLock { $0[place] = candidates }
        }
        return found.withLock { $0 }
    }

    /// The candidates of all pairs as one batch, in their order.
    func batch(_ candidates: [[Candidate]], of pairs: TrainingPairs) -> TranslationBatch {
        model.batch(
            zip(pairs.pairs, candidates).flatMap { pair, candidates in
                candidates.map { candidate in
                    // Known alignments are those of the reference.
                    var example = Example(Array(pair.columns.prefix(model.linksColumn)))
                    example.target = candidate.tokens[...]
                    return example
                }
            }, unknownWords: pairs.unknownWords)
    }

    /// The objective of sequences with the share that the loss of tokens has in it.
    ///
    /// Where that share is 0 the loss of tokens is still measured, for reports.
    func mixed(
        _ tokens: any Objective, _ drawn: [[Candidate]], of pairs: TrainingPairs,
        among totals: LossTotals, share: Float, dropout: inout Dropout,
        sequences: (Float, inout Dropout) -> TokenLoss?
    ) -> ObjectiveLoss {
        let ofTokens = configuration.crossEntropy
        func tokenLoss(_ dropout: inout Dropout) -> TokenLoss {
            tokens.loss(of: pairs, among: totals, share: share * ofTokens, dropout: &dropout).tokens
        }
        var result =
            ofTokens > 0 ? tokenLoss(&dropout) : withoutGradient { tokenLoss(&dropout) }
        let scale = share * (1 - ofTokens) * totals.perSentence
        if let further = sequences(scale, &dropout) {
            result.objective = result.objective + further.objective
        }
        return ObjectiveLoss(
            tokens: result,
            rewards: drawn.flatMap { $0.prefix(configuration.samples).map(\.reward) })
    }
}
