import CSeqKernels

/// A loss over the tokens of a batch.
public struct TokenLoss: Sendable {
    /// What is minimised: the cross-entropy with label smoothing, summed over tokens and multiplied by
    /// the scale; a scalar with gradient.
    public var objective: Tensor
    /// The negative log-likelihood of the targets in nats, summed, without smoothing or scale.
    public var negativeLogLikelihood: Double
    /// The cross-entropy with label smoothing in nats, summed, without scale.
    public var smoothedLoss: Double
    /// The number of target tokens.
    public var tokens: Int

    /// Collects the parts of a loss.
    public init(
        objective: Tensor, negativeLogLikelihood: Double, smoothedLoss: Double, tokens: Int
    ) {
        self.objective = objective
        self.negativeLogLikelihood = negativeLogLikelihood
        self.smoothedLoss = smoothedLoss
        self.tokens = tokens
    }

    /// - Parameter sums: the smoothed loss and the negative log-likelihood.
    init(sums: [Double], scale: Float, tokens: Int) {
        self.init(
            objective: Tensor(Float(sums[0]) * scale), negativeLogLikelihood: sums[1],
            smoothedLoss: sums[0], tokens: tokens)
    }
}

/// The output layer and its softmax cross-entropy in one operation, in blocks of rows, so that the
/// logits of all steps never exist at once.
///
/// The gradient is computed together with the loss. Label smoothing is that of Szegedy et al. 2016: the
/// target distribution is (1 - ε) on the target plus ε / vocabulary on every token.
///
/// - Parameters:
///   - hidden: `[steps, hidden]`.
///   - weight: `[hidden, vocabulary]`.
///   - bias: `[vocabulary]`, if any.
///   - isWeightTransposed: whether the weight is `[vocabulary, hidden]`, such as a table of embeddings.
///   - targets: the right token of each step.
///   - labelSmoothing: ε.
///   - scale: multiplies the objective, usually 1 / tokens.
public func linearCrossEntropy(
    _ hidden: Tensor, weight: Tensor, bias: Tensor?, isWeightTransposed: Bool = false,
    targets: [Int32], labelSmoothing: Float = 0, scale: Float = 1
) -> TokenLoss {
    let matrix = OutputMatrix(weight: weight, bias: bias, isTransposed: isWeightTransposed)
    checkTargets(targets, rows: hidden.rows, below: matrix.vocabulary, "linearCrossEntropy")
    let product = OutputProduct(hidden, matrix)
    var sums: [Double] = [0, 0]
    targets.withUnsafePointer { targets in
        product.forEachBlock { rows, logits in
            seq_softmax_cross_entropy(
                logits, targets + rows.lowerBound, labelSmoothing, scale, product.isRecording,
                &sums, rows.count, matrix.vocabulary)
        }
    }
    let loss = TokenLoss(sums: sums, scale: scale, tokens: hidden.rows)
    product.record("linearCrossEntropy", objective: loss.objective)
    return loss
}

/// Checks that there is a target for each row and that all are in the vocabulary.
func checkTargets(
    _ targets: [Int32], rows: Int, below vocabulary: Int, _ operation: StaticString
) {
    precondition(
        targets.count == rows, "\(operation): \(targets.count) targets for \(rows) rows")
    precondition(
        targets.allSatisfy { $0 >= 0 && Int($0) < vocabulary },
        "\(operation): a target is outside the vocabulary of \(vocabulary)")
}
