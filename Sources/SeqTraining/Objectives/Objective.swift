import SeqData
import SeqModels
import SeqNN
import SeqTensor

/// What training minimises: from pairs to a loss with a gradient.
///
/// What an objective draws beside dropout hangs on the seed of the run, the number of updates and the pair,
/// never on the batch or on what was drawn before, so that a resumed run draws the same.
protocol Objective: Sendable {
    /// The loss of pairs, whose `tokens.objective` the tape records.
    ///
    /// - Parameters:
    ///   - pairs: what is learned from.
    ///   - totals: what the pairs of the whole update count, by which the loss is divided.
    ///   - share: multiplies the objective.
    ///   - dropout: for training.
    func loss(
        of pairs: TrainingPairs, among totals: LossTotals, share: Float, dropout: inout Dropout
    ) -> ObjectiveLoss
}

/// The loss of an objective.
struct ObjectiveLoss: Sendable {
    /// The loss of tokens, whose `objective` is what is minimised.
    var tokens: TokenLoss
    /// The rewards of the outputs that were drawn.
    var rewards: [Double] = []
}

/// The pairs of an update, or of a part of it.
struct TrainingPairs: Sendable {
    /// The pairs.
    var pairs: [Example]
    /// Their places in the corpus.
    var indices: [Int]
    /// The words with the ids behind the source vocabulary.
    var unknownWords: [String]
    /// The number of updates before this one.
    var step: Int
    /// The seed of the run.
    var seed: UInt64

    /// The end symbols of each target: 1 for text, 0 for labels.
    var endSymbols = 1

    /// The number of target tokens, ends included, or of labels of the first output.
    var targetTokens: Int { pairs.reduce(0) { $0 + $1.target.count + endSymbols } }

    /// Where the draws of an update for a pair come from.
    ///
    /// - Parameters:
    ///   - purpose: what is drawn.
    ///   - place: the place of the pair in ``pairs``.
    func generator(_ purpose: String, _ place: Int) -> RandomGenerator {
        RandomGenerator(seed: seed).split("objective").split("\(purpose) \(step) \(indices[place])")
    }

    /// The pairs as a model takes them.
    func batch(for model: TranslationModel) -> TranslationBatch {
        model.batch(pairs, unknownWords: unknownWords)
    }
}

/// What the pairs of an update count together.
struct LossTotals: Sendable, Hashable {
    /// The target tokens, ends included, each with the weight of its pair.
    var tokens = 0.0
    /// The weights of the pairs.
    var sentences = 0.0
    /// The labels of each output of labels that the model knows, each with the weight of its example.
    var labels: [Double] = []

    /// Counts examples whose columns from the second on are a text, or labels of so many outputs.
    init(_ pairs: [Example], labelOutputs: Int = 0) {
        labels = Array(repeating: 0, count: labelOutputs)
        for pair in pairs {
            tokens += Double(pair.weight) * Double(pair.target.count + 1)
            sentences += Double(pair.weight)
            for output in labels.indices {
                let known = pair.ids(output + 1).count { $0 >= 0 }
                labels[output] += Double(pair.weight) * Double(known)
            }
        }
    }

    /// The factors that make the sums over the labels of each output means.
    var perLabel: [Float] { labels.map { $0 > 0 ? 1 / Float($0) : 0 } }

    /// The factor that makes a sum over tokens a mean; 0 where no pair counts.
    var perToken: Float { tokens > 0 ? 1 / Float(tokens) : 0 }
    /// The factor that makes a sum over pairs a mean; 0 where no pair counts.
    var perSentence: Float { sentences > 0 ? 1 / Float(sentences) : 0 }
}

extension RunConfiguration {
    /// The objective of the run for the model in `folder`.
    func objective(for folder: ModelFolder) -> any Objective {
        let tokens: any Objective =
            training.rDrop > 0
            ? ConsistencyObjective(model: folder.model, training: training)
            : CrossEntropyObjective(model: folder.model, training: training)
        switch training.sequence.type {
        case .none: return tokens
        case .mrt:
            return MinimumRiskObjective(
                candidates: SequenceCandidates(self, folder), tokens: tokens)
        case .scst:
            return SelfCriticalObjective(
                candidates: SequenceCandidates(self, folder), tokens: tokens)
        }
    }
}
