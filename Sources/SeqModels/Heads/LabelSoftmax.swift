#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif
import SeqNN
import SeqTensor

extension FullSoftmax {
    /// The cross-entropy of those targets that the model knows.
    func lossOfKnown(
        _ rows: Tensor, targets: [Int32], weights: [Float]?, labelSmoothing: Float, scale: Float
    ) -> TokenLoss {
        let known = targets.indices.filter { targets[$0] >= 0 }
        let isWhole = known.count == targets.count
        var none: RandomGenerator?
        return loss(
            isWhole ? rows : rows.gatheringRows(known.map(Int32.init)),
            targets: isWhole ? targets : known.map { targets[$0] },
            weights: weights.map { all in known.map { all[$0] } }, context: nil,
            labelSmoothing: labelSmoothing, scale: scale, generator: &none)
    }

    /// The most probable label of each row with its probability.
    func best(_ rows: Tensor) -> (labels: [Int32], probabilities: [Float]) {
        let logits = logits(rows, context: nil)
        let (normalizers, best) = (logits.logSumExp(), logits.topK(1))
        return (
            best.indices,
            best.indices.indices.map { exp(best.values[$0] - normalizers[$0]) }
        )
    }

    /// The log-probability of each row's label, minus infinity for unknown ones.
    func logProbabilitiesOfKnown(_ rows: Tensor, targets: [Int32]) -> [Float] {
        let found = logProbabilities(rows, targets: targets.map { max($0, 0) }, context: nil)
        return zip(targets, found).map { $0 < 0 ? -.infinity : $1 }
    }
}
