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
        _ hidden: Tensor, targets: [Int32], context: OutputContext?, labelSmoothing: Float,
        scale: Float, generator: inout RandomGenerator?
    ) -> TokenLoss {
        let matrix = weights.matrix
        return linearCrossEntropy(
            weights.projected(hidden), weight: matrix.weight, bias: matrix.bias,
            isWeightTransposed: matrix.isTransposed, targets: targets,
            labelSmoothing: labelSmoothing, scale: scale)
    }

    /// The logits, `[rows, vocabulary]`.
    public func logits(_ hidden: Tensor, context: OutputContext?) -> Tensor {
        weights.matrix.logits(weights.projected(hidden))
    }
}
