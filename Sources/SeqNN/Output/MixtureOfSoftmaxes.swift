public import SeqTensor

/// A mixture of softmaxes, which lifts the limit that the width of the hidden vectors sets to the rank of
/// the log-probabilities (Yang and others 2018).
///
/// p = Σ_k π_k · softmax(tanh(h·W_k + b_k)·E), π = softmax(h·P).
///
/// Parameters: `prior.weight` `[hidden, mixtures]`, `latent.weight` `[hidden, mixtures · width]`,
/// `latent.bias`, and `weight` `[width, vocabulary]` and `bias` as in ``FullSoftmax``; the width is that of
/// the shared table, or `hidden`.
public struct MixtureOfSoftmaxes: OutputLayer {
    /// The number of components.
    public let mixtures: Int
    private let prior: Linear
    private let latent: Linear
    private let weights: OutputWeights

    /// Creates the layer with `mixtures` components, at most 64; the others are as in ``FullSoftmax``.
    public init(
        hidden: Int, vocabulary: Int, mixtures: Int, tiedTo table: Parameter? = nil,
        hasBias: Bool = true, in scope: ParameterScope
    ) throws {
        self.mixtures = mixtures
        prior = try Linear(hidden, mixtures, hasBias: false, in: scope.scope("prior"))
        let width = table?.shape[1] ?? hidden
        latent = try Linear(hidden, mixtures * width, in: scope.scope("latent"))
        weights = try OutputWeights(
            hidden: hidden, vocabulary: vocabulary, tiedTo: table, hasBias: hasBias,
            hasProjection: false, in: scope)
    }

    /// The number of tokens.
    public var vocabulary: Int { weights.vocabulary }

    /// The logits of each component beside the result.
    public var numbersPerRow: Int { (mixtures + 1) * vocabulary }

    /// Yes.
    public var isNormalized: Bool { true }

    private func components(_ hidden: Tensor) -> (latents: Tensor, logPrior: Tensor) {
        (
            latent(hidden).tanh().reshaped([hidden.rows * mixtures, weights.inputs]),
            prior(hidden).logSoftmax()
        )
    }

    /// The cross-entropy of `targets`.
    public func loss(
        _ hidden: Tensor, targets: [Int32], weights rowWeights: [Float]?,
        context: OutputContext?, labelSmoothing: Float, scale: Float,
        generator: inout RandomGenerator?
    ) -> TokenLoss {
        let (latents, logPrior) = components(hidden)
        return mixtureCrossEntropy(
            latents, logPrior: logPrior, matrix: weights.matrix, targets: targets,
            weights: rowWeights, labelSmoothing: labelSmoothing, scale: scale)
    }

    /// The log-probabilities, `[rows, vocabulary]`.
    public func logits(_ hidden: Tensor, context: OutputContext?) -> Tensor {
        let (latents, logPrior) = components(hidden)
        return mixtureLogProbabilities(latents, logPrior: logPrior, matrix: weights.matrix)
    }
}
