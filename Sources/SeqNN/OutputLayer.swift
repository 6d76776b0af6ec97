public import SeqTensor

/// The layer from hidden states to the logits of tokens, and the loss on it.
///
/// Parameters: `weight` `[hidden, vocabulary]`, `bias` `[vocabulary]`.
public struct OutputLayer: Sendable {
    /// The linear layer underneath.
    public let linear: Linear

    /// Creates the layer.
    public init(hidden: Int, vocabulary: Int, in scope: ParameterScope) throws {
        linear = try Linear(hidden, vocabulary, in: scope)
    }

    /// The logits, `[rows, vocabulary]`, of hidden states `[rows, hidden]`.
    public func callAsFunction(_ hidden: Tensor) -> Tensor { linear(hidden) }

    /// The cross-entropy of `targets`; see ``linearCrossEntropy(_:weight:bias:targets:labelSmoothing:scale:)``.
    public func loss(
        _ hidden: Tensor, targets: [Int32], labelSmoothing: Float, scale: Float
    ) -> TokenLoss {
        linearCrossEntropy(
            hidden, weight: linear.weight.value, bias: linear.bias?.value, targets: targets,
            labelSmoothing: labelSmoothing, scale: scale)
    }
}
