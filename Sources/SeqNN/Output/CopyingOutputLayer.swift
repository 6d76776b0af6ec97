public import SeqTensor

/// An output layer that may also copy words of the source; a kind of it says how.
public protocol CopyingOutputLayer: OutputLayer {
    /// The matrix from hidden vectors to the tokens of the vocabulary.
    var weights: OutputWeights { get }

    /// How rows of hidden vectors copy.
    func copying(_ hidden: Tensor, _ context: OutputContext?) -> Copying
}

extension CopyingOutputLayer {
    /// The number of tokens, those that only a source has not counted.
    public var vocabulary: Int { weights.vocabulary }

    /// The logits beside the result, which has room for words of the source.
    public var numbersPerRow: Int { 3 * vocabulary }

    /// Yes.
    public var isNormalized: Bool { true }

    /// Yes.
    public var needsContext: Bool { true }

    /// The cross-entropy of `targets`, of the extended vocabulary.
    public func loss(
        _ hidden: Tensor, targets: [Int32], weights rowWeights: [Float]?,
        context: OutputContext?, labelSmoothing: Float, scale: Float,
        generator: inout RandomGenerator?
    ) -> TokenLoss {
        copyCrossEntropy(
            weights.projected(hidden), matrix: weights.matrix,
            copying: copying(hidden, context), targets: targets, weights: rowWeights,
            labelSmoothing: labelSmoothing, scale: scale)
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
