import SeqData
import SeqModels
import SeqNN
import SeqTensor

/// Self-critical sequence training (Rennie and others 2017): REINFORCE with the reward of the model's greedy
/// output as the baseline.
///
/// The loss is the mean over pairs and samples y of -(reward(y) - reward(greedy)) · log p(y) (their eq. 8).
struct SelfCriticalObjective: Objective {
    let candidates: SequenceCandidates
    /// The loss of tokens that may have a share.
    let tokens: any Objective

    func loss(
        of pairs: TrainingPairs, among totals: LossTotals, share: Float, dropout: inout Dropout
    ) -> ObjectiveLoss {
        let drawn = candidates.draw(for: pairs, hasGreedy: true)
        var samples: [[SequenceCandidates.Candidate]] = []
        var weights: [Float] = []
        for (pair, all) in zip(pairs.pairs, drawn) {
            let greedy = all[all.count - 1]
            // A sample that is as good as the greedy output teaches nothing.
            let different = all.dropLast().filter { $0.reward != greedy.reward }
            samples.append(different)
            for sample in different {
                let advantage = (sample.reward - greedy.reward) / Double(all.count - 1)
                let weight = pair.weight * Float(advantage)
                weights += sample.rowWeights(weight)
            }
        }
        return candidates.mixed(
            tokens, drawn, of: pairs, among: totals, share: share, dropout: &dropout
        ) { scale, dropout in
            guard !weights.isEmpty else { return nil }
            return candidates.model.sequenceLoss(
                of: candidates.batch(samples, of: pairs), scale: scale, dropout: &dropout
            ) { _ in weights }
        }
    }
}
