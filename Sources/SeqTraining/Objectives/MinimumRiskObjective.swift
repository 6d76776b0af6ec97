#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif
import SeqData
import SeqModels
import SeqNN
import SeqTensor

/// Minimum risk training (Shen and others 2016): the mean over pairs of Σ Q(y)·Δ(y) over candidates y that
/// the model has drawn, divided by α.
///
/// Δ is 1 less the reward and Q(y) ∝ p(y)^α among the candidates (their eq. 11 and 12). The division by α makes
/// the strength of the gradient independent of it. Of equal candidates one counts.
///
/// p(y) is the product over the tokens of y (their eq. 2), and a candidate has the tokens that were drawn
/// (their algorithm 1: token by token, until the end is drawn or the length limit reached). The end of one that
/// was cut off is none of them, so that it counts neither in p(y) nor in the gradient, as in self-critical
/// training.
struct MinimumRiskObjective: Objective {
    let candidates: SequenceCandidates
    /// The loss of tokens that may have a share.
    let tokens: any Objective

    func loss(
        of pairs: TrainingPairs, among totals: LossTotals, share: Float, dropout: inout Dropout
    ) -> ObjectiveLoss {
        let drawn = candidates.draw(for: pairs, hasGreedy: false)
        let compared = zip(pairs.pairs, drawn).map { distinct($0, $1) }
        return candidates.mixed(
            tokens, drawn, of: pairs, among: totals, share: share, dropout: &dropout
        ) { scale, dropout in
            candidates.model.sequenceLoss(
                of: candidates.batch(compared, of: pairs), scale: scale, dropout: &dropout
            ) { logProbabilities in
                var rest = logProbabilities[...]
                return zip(pairs.pairs, compared).flatMap { pair, candidates in
                    let own = rest.prefix(candidates.count)
                    rest = rest.dropFirst(candidates.count)
                    let weights = riskWeights(
                        zip(own, candidates).map { tokens, candidate in
                            tokens.prefix(candidate.drawnTokens).reduce(0) { $0 + Double($1) }
                        },
                        rewards: candidates.map(\.reward),
                        sharpness: Double(self.candidates.configuration.sharpness))
                    return zip(candidates, weights).flatMap { candidate, weight in
                        candidate.rowWeights(pair.weight * Float(weight))
                    }
                }
            }
        }
    }

    /// The candidates of a pair, each once, the reference among them if configured.
    private func distinct(
        _ pair: Example, _ drawn: [SequenceCandidates.Candidate]
    ) -> [SequenceCandidates.Candidate] {
        var all = drawn
        if candidates.configuration.hasReference {
            all.append(.init(tokens: Array(pair.target), isComplete: true, reward: 1))
        }
        var seen: Set<SequenceCandidates.Candidate.Identity> = []
        return all.filter { seen.insert($0.identity).inserted }
    }
}

/// What the negative log-likelihood of each candidate counts, so that the gradient is that of the risk
/// divided by α: Q(y)·(reward(y) - Σ Q·reward), with Q ∝ e^(α · log-probability).
func riskWeights(
    _ logProbabilities: [Double], rewards: [Double], sharpness: Double
) -> [Double] {
    let highest = logProbabilities.max() ?? 0
    let powers = logProbabilities.map { exp(sharpness * ($0 - highest)) }
    let sum = powers.reduce(0, +)
    let mean = zip(powers, rewards).reduce(0) { $0 + $1.0 * $1.1 } / sum
    return zip(powers, rewards).map { $0 / sum * ($1 - mean) }
}
