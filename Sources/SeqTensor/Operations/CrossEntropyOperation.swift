import CSeqKernels

/// A loss over the tokens of a batch.
public struct TokenLoss: Sendable {
    /// What is minimised: the cross-entropy with label smoothing, summed over tokens, each times its
    /// weight, and multiplied by the scale; a scalar with gradient.
    public var objective: Tensor
    /// The negative log-likelihood of the targets in nats, summed, without smoothing, weights or scale.
    public var negativeLogLikelihood: Double
    /// The cross-entropy with label smoothing in nats, summed with weights, without scale.
    public var smoothedLoss: Double
    /// The number of target tokens.
    public var tokens: Int
    /// The sum of the weights of these tokens.
    public var weight: Double

    /// Collects the parts of a loss.
    public init(
        objective: Tensor, negativeLogLikelihood: Double, smoothedLoss: Double, tokens: Int,
        weight: Double? = nil
    ) {
        self.objective = objective
        self.negativeLogLikelihood = negativeLogLikelihood
        self.smoothedLoss = smoothedLoss
        self.tokens = tokens
        self.weight = weight ?? Double(tokens)
    }

    /// The loss of both together.
    public static func + (first: TokenLoss, second: TokenLoss) -> TokenLoss {
        TokenLoss(
            objective: first.objective + second.objective,
            negativeLogLikelihood: first.negativeLogLikelihood + second.negativeLogLikelihood,
            smoothedLoss: first.smoothedLoss + second.smoothedLoss,
            tokens: first.tokens + second.tokens, weight: first.weight + second.weight)
    }

    /// - Parameter sums: the smoothed loss and the negative log-likelihood.
    init(sums: [Double], scale: Float, tokens: Int, weights: [Float]?) {
        self.init(
            objective: Tensor(Float(sums[0]) * scale), negativeLogLikelihood: sums[1],
            smoothedLoss: sums[0], tokens: tokens,
            weight: weights?.reduce(0) { $0 + Double($1) })
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
///   - weights: what each step counts, possibly less than 0; 1 if nil.
///   - labelSmoothing: ε.
///   - scale: multiplies the objective, usually 1 / tokens.
public func linearCrossEntropy(
    _ hidden: Tensor, weight: Tensor, bias: Tensor?, isWeightTransposed: Bool = false,
    targets: [Int32], weights: [Float]? = nil, labelSmoothing: Float = 0, scale: Float = 1
) -> TokenLoss {
    let matrix = OutputMatrix(weight: weight, bias: bias, isTransposed: isWeightTransposed)
    checkTargets(
        targets, weights, rows: hidden.rows, below: matrix.vocabulary, "linearCrossEntropy")
    let product = OutputProduct(hidden, matrix)
    var sums: [Double] = [0, 0]
    withPointers(targets, weights) { targets, weights in
        product.forEachBlock { rows, logits in
            seq_softmax_cross_entropy(
                logits, targets + rows.lowerBound, weights.map { $0 + rows.lowerBound },
                labelSmoothing, scale, product.isRecording, &sums, rows.count, matrix.vocabulary)
        }
    }
    let loss = TokenLoss(sums: sums, scale: scale, tokens: hidden.rows, weights: weights)
    product.record("linearCrossEntropy", objective: loss.objective)
    return loss
}

/// Checks that there is a target for each row, and a weight if there are any, and that all targets are in
/// the vocabulary.
func checkTargets(
    _ targets: [Int32], _ weights: [Float]?, rows: Int, below vocabulary: Int,
    _ operation: StaticString
) {
    precondition(
        targets.count == rows, "\(operation): \(targets.count) targets for \(rows) rows")
    precondition(
        weights.map { $0.count == rows } ?? true,
        "\(operation): \(weights?.count ?? 0) weights for \(rows) rows")
    precondition(
        targets.allSatisfy { $0 >= 0 && Int($0) < vocabulary },
        "\(operation): a target is outside the vocabulary of \(vocabulary)")
}

/// Calls `body` with targets and the weights of their rows, if any, as kernels take them.
func withPointers(
    _ targets: [Int32], _ weights: [Float]?,
    _ body: (UnsafePointer<Int32>, UnsafePointer<Float>?) -> Void
) {
    targets.withUnsafePointer { targets in
        guard let weights else { return body(targets, nil) }
        weights.withUnsafeBufferPointer { body(targets, $0.baseAddress) }
    }
}
