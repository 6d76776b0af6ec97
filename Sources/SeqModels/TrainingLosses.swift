public import SeqNN
public import SeqTensor

extension TranslationModel {
    /// The loss of R-Drop (Wu and others 2021): the mean of the cross-entropies of two passes with
    /// different dropout, and α/4 of the divergences between their distributions in both directions.
    ///
    /// For models with the full softmax.
    ///
    /// - Parameters:
    ///   - batch: each pair twice, the second time behind all pairs.
    ///   - alpha: α.
    ///   - labelSmoothing: ε of the target distribution.
    ///   - alignmentWeight: the weight of the cross-entropy between attention and known alignments.
    ///   - scale: multiplies the objective, usually 1 / tokens of one time.
    ///   - dropout: for training.
    public func consistencyLoss(
        ofTwice batch: TranslationBatch, alpha: Float, labelSmoothing: Float = 0,
        alignmentWeight: Float = 0, scale: Float = 1, dropout: inout Dropout
    ) -> TokenLoss {
        let count = batch.targets.count / 2
        guard let output = output as? FullSoftmax,
            batch.targets.prefix(count) == batch.targets.suffix(count)
        else {
            preconditionFailure("consistencyLoss: needs the full softmax and each pair twice")
        }
        let decoded = hidden(
            batch, keepsWeights: alignmentWeight > 0 && !batch.links.isEmpty, dropout: &dropout)
        let loss = output.consistencyLoss(
            decoded.output.vectors.gatheringRows(
                (0..<Int32(count)).flatMap { [$0, $0 + Int32(count)] }),
            targets: Array(batch.targets.prefix(count)),
            weights: batch.rowWeights.map { Array($0.prefix(count)) }, alpha: alpha,
            labelSmoothing: labelSmoothing, scale: scale)
        return adding(
            decoded, of: batch, alignmentWeight: alignmentWeight, scale: scale / 2, to: loss)
    }

    /// A loss that follows the log-probabilities of whole targets: Σ weight · -log p, without smoothing and
    /// with the whole vocabulary.
    ///
    /// - Parameters:
    ///   - batch: pairs of sequences.
    ///   - scale: multiplies the objective.
    ///   - dropout: for training.
    ///   - weights: the weight of each row of the targets, given the log-probability of each token of each
    ///     target; it may be less than 0 and does not carry gradients itself.
    public func sequenceLoss(
        of batch: TranslationBatch, scale: Float = 1, dropout: inout Dropout,
        weights: ([[Float]]) -> [Float]
    ) -> TokenLoss {
        let decoded = hidden(batch, dropout: &dropout)
        let found = weights(withoutGradient { tokenLogProbabilities(batch, decoded) })
        var none: RandomGenerator?
        return output.loss(
            decoded.output.vectors, targets: batch.targets, weights: found,
            context: context(decoded, of: batch), labelSmoothing: 0, scale: scale,
            generator: &none)
    }
}
