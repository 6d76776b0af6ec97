public import SeqTensor

/// A softmax that training approximates by a sample of the vocabulary with importance weights (Jean and
/// others 2014), for vocabularies of hundreds of thousands of words.
///
/// Each step draws tokens from a log-uniform (Zipf) proposal, one sample for the whole batch; ids must be in
/// the order of falling frequency, as those of our vocabularies are. Only the rows of targets and samples
/// are read and changed. Outside training it is the full softmax. Parameters: `weight`
/// `[vocabulary, hidden]` and `bias` `[vocabulary]`, both sparse; tied to a table as in ``FullSoftmax``.
public struct SampledSoftmax: OutputLayer {
    /// The number of tokens that a training step draws.
    public let samples: Int
    private let weights: OutputWeights

    /// Creates the layer that draws `samples` tokens; the others are as in ``FullSoftmax``.
    public init(
        hidden: Int, vocabulary: Int, samples: Int, tiedTo table: Parameter? = nil,
        hasBias: Bool = true, in scope: ParameterScope
    ) throws {
        precondition(samples > 0, "SampledSoftmax: \(samples) samples")
        self.samples = samples
        weights = try OutputWeights(
            hidden: hidden, vocabulary: vocabulary, tiedTo: table, hasBias: hasBias,
            isSparse: true, in: scope)
    }

    /// The number of tokens.
    public var vocabulary: Int { weights.vocabulary }

    /// The cross-entropy of telling the targets from a sample, in training; outside it, or when the
    /// sample were more than half of the vocabulary, that of the full softmax.
    public func loss(
        _ hidden: Tensor, targets: [Int32], weights rowWeights: [Float]?,
        context: OutputContext?, labelSmoothing: Float, scale: Float,
        generator: inout RandomGenerator?
    ) -> TokenLoss {
        let vectors = weights.projected(hidden)
        let matrix = weights.matrix
        guard var random = generator else {
            return panelledCrossEntropy(
                vectors, weight: matrix.weight, bias: matrix.bias, targets: targets,
                weights: rowWeights, labelSmoothing: labelSmoothing, scale: scale)
        }
        guard 2 * samples <= vocabulary else {
            return linearCrossEntropy(
                vectors, weight: matrix.weight, bias: matrix.bias, isWeightTransposed: true,
                targets: targets, weights: rowWeights, labelSmoothing: labelSmoothing, scale: scale)
        }
        let sample = TokenSample(count: samples, vocabulary: vocabulary, using: &random)
        generator = random
        return sampledCrossEntropy(
            vectors, weight: matrix.weight, bias: matrix.bias, targets: targets,
            weights: rowWeights,
            sample: sample, labelSmoothing: labelSmoothing, scale: scale)
    }

    /// The logits of all tokens, `[rows, vocabulary]`.
    public func logits(_ hidden: Tensor, context: OutputContext?) -> Tensor {
        weights.matrix.logits(weights.projected(hidden))
    }
}
