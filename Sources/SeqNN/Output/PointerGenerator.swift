public import SeqTensor

/// The pointer–generator (See and others 2017).
///
/// p = g · p_vocabulary + (1 - g) · the attention on the source's words, with g = σ(w·h + b) (their eq. 8
/// and 9). Parameters: `gate.weight` `[hidden]`, `gate.bias` `[1]`, and `weight` and `bias` as in
/// ``FullSoftmax``.
public struct PointerGenerator: CopyingOutputLayer {
    private let gateWeight: Parameter
    private let gateBias: Parameter
    /// The matrix from hidden vectors to the tokens of the vocabulary.
    public let weights: OutputWeights

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

    /// How rows of hidden vectors copy.
    public func copying(_ hidden: Tensor, _ context: OutputContext?) -> Copying {
        guard let context, let attention = context.weights else {
            preconditionFailure("PointerGenerator: no attention weights in the context")
        }
        let gate = hidden.dottingRows(with: gateWeight.value) + gateBias.value
        return Copying(
            .pointer(gate: gate, weights: attention), layout: context.layout,
            source: context.source)
    }
}
