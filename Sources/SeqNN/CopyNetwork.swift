public import SeqTensor

/// One softmax over generating a token of the vocabulary and copying a word of the source (Gu and others
/// 2016).
///
/// The score of copying step j is tanh(m_j·W)·h (their eq. 4 to 8).
///
/// Parameters: `copy.weight` `[memory, hidden]`, and `weight` and `bias` as in ``FullSoftmax``.
public struct CopyNetwork: OutputLayer {
    private let copyWeight: Parameter
    private let weights: OutputWeights

    /// Creates the layer over a memory of width `memory`; the others are as in ``FullSoftmax``.
    public init(
        hidden: Int, vocabulary: Int, memory: Int, tiedTo table: Parameter? = nil,
        hasBias: Bool = true, in scope: ParameterScope
    ) throws {
        precondition(memory > 0, "CopyNetwork: a memory of width \(memory)")
        copyWeight = try scope.scope("copy").parameter("weight", [memory, hidden], .weight)
        weights = try OutputWeights(
            hidden: hidden, vocabulary: vocabulary, tiedTo: table, hasBias: hasBias, in: scope)
    }

    /// The number of tokens, those that only a source has not counted.
    public var vocabulary: Int { weights.vocabulary }

    /// Yes.
    public var isNormalized: Bool { true }

    /// Yes: the memory.
    public var needsContext: Bool { true }

    private func copying(_ hidden: Tensor, _ context: OutputContext?) -> Copying {
        guard let context, let memory = context.memory else {
            preconditionFailure("CopyNetwork: no memory in the context")
        }
        let keys = memory.matmul(copyWeight.value).tanh()
        let scores = attentionScores(
            hidden, keys: keys, layout: context.layout, score: .dot(scale: 1))
        return Copying(.joint(scores: scores), layout: context.layout, source: context.source)
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
