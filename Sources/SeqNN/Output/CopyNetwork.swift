public import SeqTensor

/// One softmax over generating a token of the vocabulary and copying a word of the source (Gu and others
/// 2016).
///
/// The score of copying step j is tanh(m_j·W)·h (their eq. 4 to 8).
///
/// Parameters: `copy.weight` `[memory, hidden]`, and `weight` and `bias` as in ``FullSoftmax``.
public struct CopyNetwork: CopyingOutputLayer {
    private let copyWeight: Parameter
    /// The matrix from hidden vectors to the tokens of the vocabulary.
    public let weights: OutputWeights

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

    /// tanh(m·W) of each step of the encoder's states.
    public func memory(_ states: Tensor) -> Tensor? { states.matmul(copyWeight.value).tanh() }

    /// How rows of hidden vectors copy.
    public func copying(_ hidden: Tensor, _ context: OutputContext?) -> Copying {
        guard let context, let keys = context.memory else {
            preconditionFailure("CopyNetwork: no memory in the context")
        }
        let scores = attentionScores(
            hidden, keys: keys, layout: context.layout, score: .dot(scale: 1))
        return Copying(.joint(scores: scores), layout: context.layout, source: context.source)
    }
}
