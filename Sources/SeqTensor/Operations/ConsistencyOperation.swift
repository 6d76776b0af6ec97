import CSeqKernels

/// The loss of R-Drop (Wu and others 2021) of tokens that a model with dropout has gone through twice.
///
/// For each token it is half of -log p₁ - log p₂ + α/2 · (KL(p₁, p₂) + KL(p₂, p₁)) (their eq. 4), so that
/// without divergence it is the usual cross-entropy. Blocks of rows are as in ``linearCrossEntropy(_:weight:bias:isWeightTransposed:targets:weights:labelSmoothing:scale:)``.
///
/// - Parameters:
///   - hidden: `[2 · steps, hidden]`, the two vectors of a step below each other.
///   - matrix: from `hidden` to the vocabulary.
///   - targets: the right token of each step.
///   - weights: what each step counts; 1 if nil.
///   - alpha: α.
///   - labelSmoothing: ε of both cross-entropies.
///   - scale: multiplies the objective.
/// - Returns: the loss, of which `negativeLogLikelihood` and `smoothedLoss` are without the divergence, the
///   mean of the two.
public func consistentCrossEntropy(
    _ hidden: Tensor, matrix: OutputMatrix, targets: [Int32], weights: [Float]? = nil,
    alpha: Float, labelSmoothing: Float = 0, scale: Float = 1
) -> TokenLoss {
    precondition(
        hidden.rows == 2 * targets.count,
        "consistentCrossEntropy: \(targets.count) targets for 2 · \(hidden.rows) rows")
    checkTargets(
        targets, weights, rows: targets.count, below: matrix.vocabulary, "consistentCrossEntropy")
    let product = OutputProduct(hidden, matrix)
    var sums: [Double] = [0, 0]
    var divergence = 0.0
    withPointers(targets, weights) { targets, weights in
        product.forEachBlock(group: 2) { rows, logits in
            let first = rows.lowerBound / 2
            seq_consistent_cross_entropy(
                logits, targets + first, weights.map { $0 + first }, alpha, labelSmoothing, scale,
                product.isRecording, &sums, &divergence, rows.count / 2, matrix.vocabulary)
        }
    }
    let objective = Float(sums[0] + Double(alpha) / 4 * divergence) * scale
    let loss = TokenLoss(
        objective: Tensor(objective), negativeLogLikelihood: sums[1], smoothedLoss: sums[0],
        tokens: targets.count, weight: weights?.reduce(0) { $0 + Double($1) })
    product.record("consistentCrossEntropy", objective: loss.objective)
    return loss
}
