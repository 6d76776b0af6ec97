public import SeqTensor

/// The softmax over the logits of all tokens.
///
/// Parameters: `weight` `[hidden, vocabulary]`, `bias` `[vocabulary]`. Tied to a table of embeddings it has
/// no weight of its own (Press & Wolf 2017; Inan et al. 2017), and `projection.weight` where the widths
/// differ.
public struct FullSoftmax: OutputLayer {
    private let weights: OutputWeights

    /// Creates the layer.
    ///
    /// - Parameters:
    ///   - hidden: the width of the vectors that come in.
    ///   - vocabulary: the number of tokens.
    ///   - table: the embeddings to share, `[vocabulary, width]`.
    ///   - hasBias: whether each token has a bias.
    ///   - scope: where parameters come from.
    public init(
        hidden: Int, vocabulary: Int, tiedTo table: Parameter? = nil, hasBias: Bool = true,
        in scope: ParameterScope
    ) throws {
        weights = try OutputWeights(
            hidden: hidden, vocabulary: vocabulary, tiedTo: table, hasBias: hasBias, in: scope)
    }

    /// The number of tokens.
    public var vocabulary: Int { weights.vocabulary }

    /// The cross-entropy of `targets`.
    public func loss(
        _ hidden: Tensor, targets: [Int32], weights rowWeights: [Float]?,
        context: OutputContext?, labelSmoothing: Float, scale: Float,
        generator: inout RandomGenerator?
    ) -> TokenLoss {
        let matrix = weights.matrix
        return linearCrossEntropy(
            weights.projected(hidden), weight: matrix.weight, bias: matrix.bias,
            isWeightTransposed: matrix.isTransposed, targets: targets, weights: rowWeights,
            labelSmoothing: labelSmoothing, scale: scale)
    }

    /// The loss of R-Drop (Wu and others 2021), of tokens that a model with dropout has gone through twice;
    /// see `consistentCrossEntropy`.
    ///
    /// - Parameters:
    ///   - hidden: `[2 · rows, hidden]`, the two vectors of a token below each other.
    ///   - targets: the right token of each two rows.
    ///   - rowWeights: what each target counts; 1 if nil.
    ///   - alpha: α.
    ///   - labelSmoothing: ε.
    ///   - scale: multiplies the objective.
    public func consistencyLoss(
        _ hidden: Tensor, targets: [Int32], weights rowWeights: [Float]?, alpha: Float,
        labelSmoothing: Float, scale: Float
    ) -> TokenLoss {
        consistentCrossEntropy(
            weights.projected(hidden), matrix: weights.matrix, targets: targets,
            weights: rowWeights, alpha: alpha, labelSmoothing: labelSmoothing, scale: scale)
    }

    /// The logits, `[rows, vocabulary]`.
    public func logits(_ hidden: Tensor, context: OutputContext?) -> Tensor {
        weights.matrix.logits(weights.projected(hidden))
    }
}
