public import SeqTensor

/// The pointer–generator (See and others 2017).
///
/// p = g · p_vocabulary + (1 - g) · the attention on the source's words, with g = σ(w·h + b) (their eq. 8
/// and 9). Parameters: `gate.weight` `[hidden]`, `gate.bias` `[1]`, and `weight` and `bias` as in
/// ``FullSoftmax``.
public struct PointerGenerator: OutputLayer {
    private let gateWeight: Parameter
    private let gateBias: Parameter
    private let weights: OutputWeights

    /// Creates the layer, as ``FullSoftmax``.
    public init(
        hidden: Int, vocabulary: Int, tiedTo table: Parameter? = nil, hasBias: Bool = true,
        in scope: ParameterScope
    ) throws {
        gateWeight = try scope.scope("gate").parameter("weight", [hidden], .weight)
        gateBias = try scope.scope("gate").parameter("bias", [1], .bias)
        weights = try OutputWeights(
            hidden: hidden, vocabulary: vocabulary, tiedTo: table, hasBias: hasBias, in: scope)
    }

    /// The number of tokens, those that only a source has not counted.
    public var vocabulary: Int { weights.vocabulary }

    /// Yes.
    public var isNormalized: Bool { true }

    /// Yes: the attention weights.
    public var needsContext: Bool { true }

    private func copying(_ hidden: Tensor, _ context: OutputContext?) -> Copying {
        guard let context, let attention = context.weights else {
            preconditionFailure("PointerGenerator: no attention weights in the context")
        }
        let gate = hidden.dottingRows(with: gateWeight.value) + gateBias.value
        return Copying(
            .pointer(gate: gate, weights: attention), layout: context.layout,
            source: context.source)
    }

    /// The cross-entropy of `targets`, of the extended vocabulary.
    public func loss(
        _ hidden: Tensor, targets: [Int32], context: OutputContext?, labelSmoothing: Float,
        scale: Float, generator: inout RandomGenerator?
    ) -> TokenLoss {
        copyCrossEntropy(
            weights.projected(hidden), matrix: weights.matrix,
            copying: copying(hidden, context), targets: targets, labelSmoothing: labelSmoothing,
            scale: scale)
    }

    /// The log-probabilities, `[rows, extended vocabulary]`.
    public func logits(_ hidden: Tensor, context: OutputContext?) -> Tensor {
        copyLogProbabilities(
            weights.projected(hidden), matrix: weights.matrix, copying: copying(hidden, context))
    }

    /// The log-probability of each target.
    public func logProbabilities(
        _ hidden: Tensor, targets: [Int32], context: OutputContext?
    ) -> [Float] {
        copyLogProbabilities(
            weights.projected(hidden), matrix: weights.matrix, copying: copying(hidden, context),
            targets: targets)
    }
}
