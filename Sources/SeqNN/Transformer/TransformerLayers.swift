public import SeqTensor

/// Layer normalisation (Ba and others 2016).
///
/// Parameters: `gain` and `bias` `[width]`.
public struct LayerNormalization: Sendable {
    private let gain: Parameter
    private let bias: Parameter

    /// Creates a normalisation of vectors of width `width`.
    public init(_ width: Int, in scope: ParameterScope) throws {
        gain = try scope.parameter("gain", [width], .gain)
        bias = try scope.parameter("bias", [width], .bias)
    }

    /// The normalised rows of `[rows, width]`.
    public func callAsFunction(_ input: Tensor) -> Tensor {
        input.layerNormalized(gain: gain.value, bias: bias.value)
    }

    /// input + dropout(update), and that normalised.
    func callAsFunction(
        _ input: Tensor, adding update: Tensor, dropout: inout Dropout
    ) -> (sum: Tensor, normalized: Tensor) {
        residualLayerNorm(
            input, update, gain: gain.value, bias: bias.value,
            mask: dropout.drawingMask(rate: dropout.rate))
    }
}

/// The vectors that flow through a stack of Transformer layers, `[rows, width]`: what sublayers add to,
/// and what the next sublayer reads.
///
/// With norm after the residual connection both are the same. With norm before the sublayer the second is
/// the first, normalised for the sublayer that comes next; so the sum of a sublayer and the norm of its
/// successor are one operation, also from layer to layer.
public struct ResidualStream: Sendable {
    /// What sublayers add to.
    public private(set) var sum: Tensor
    /// What the next sublayer reads.
    public private(set) var normalized: Tensor
    private let norm: TransformerConfiguration.Norm

    /// Begins a stream.
    ///
    /// - Parameters:
    ///   - input: `[rows, width]`.
    ///   - norm: where normalisation stands.
    ///   - first: the norm of the first sublayer.
    public init(
        _ input: Tensor, norm: TransformerConfiguration.Norm, first: LayerNormalization
    ) {
        sum = input
        normalized = norm == .pre ? first(input) : input
        self.norm = norm
    }

    /// Adds what a sublayer made of ``normalized``.
    ///
    /// - Parameters:
    ///   - update: `[rows, width]`.
    ///   - own: the norm of that sublayer.
    ///   - next: the norm of the sublayer that follows, or the last norm of the stack.
    mutating func add(
        _ update: Tensor, own: LayerNormalization, next: LayerNormalization,
        dropout: inout Dropout
    ) {
        (sum, normalized) = (norm == .pre ? next : own)(sum, adding: update, dropout: &dropout)
        if norm == .post { sum = normalized }
    }
}

/// A layer of the encoder: self-attention, then a feed-forward layer (Vaswani and others 2017, section
/// 3.1).
///
/// Parameters: of `self_attention` those of ``SelfAttention``, of `feed_forward` those of
/// ``FeedForward``, of `self_attention_norm` and `feed_forward_norm` those of ``LayerNormalization``.
public struct TransformerEncoderLayer: Sendable {
    private let attention: SelfAttention
    private let feedForward: FeedForward
    /// The norm of the first sublayer.
    public let attentionNorm: LayerNormalization
    private let feedForwardNorm: LayerNormalization
    private let width: Int

    /// The numbers that it works with for each step.
    public var numbersPerStep: Int { 8 * width + feedForward.numbersPerRow }

    /// Creates a layer.
    public init(
        _ configuration: TransformerConfiguration, width: Int, in scope: ParameterScope
    ) throws {
        self.width = width
        attention = try SelfAttention(
            width, heads: configuration.heads, isRotary: configuration.positions == .rotary,
            dropout: configuration.attentionDropout, in: scope.scope("self_attention"))
        feedForward = try FeedForward(
            width, middle: configuration.feedForward, function: configuration.activation,
            dropout: configuration.activationDropout, in: scope.scope("feed_forward"))
        attentionNorm = try LayerNormalization(width, in: scope.scope("self_attention_norm"))
        feedForwardNorm = try LayerNormalization(width, in: scope.scope("feed_forward_norm"))
    }

    /// Runs over whole sequences.
    ///
    /// - Parameters:
    ///   - stream: updated.
    ///   - next: the first norm of the following layer, or the last norm of the stack.
    ///   - layout: the sequences.
    ///   - positions: the time step of each row.
    ///   - dropout: for training.
    public func callAsFunction(
        _ stream: inout ResidualStream, next: LayerNormalization, layout: SequenceLayout,
        positions: [Int32], dropout: inout Dropout
    ) {
        let attended = attention(
            stream.normalized, layout: layout, positions: positions, isCausal: false,
            dropout: &dropout)
        stream.add(attended, own: attentionNorm, next: feedForwardNorm, dropout: &dropout)
        let transformed = feedForward(stream.normalized, dropout: &dropout)
        stream.add(transformed, own: feedForwardNorm, next: next, dropout: &dropout)
    }
}

/// A layer of the decoder: causal self-attention, attention over the memory, then a feed-forward layer
/// (Vaswani and others 2017, section 3.1).
///
/// Parameters: of `self_attention`, `cross_attention` and `feed_forward` those of ``SelfAttention``,
/// ``CrossAttention`` and ``FeedForward``, of `self_attention_norm`, `cross_attention_norm` and
/// `feed_forward_norm` those of ``LayerNormalization``.
public struct TransformerDecoderLayer: Sendable {
    private let attention: SelfAttention
    private let crossAttention: CrossAttention
    private let feedForward: FeedForward
    /// The norm of the first sublayer.
    public let attentionNorm: LayerNormalization
    private let crossAttentionNorm: LayerNormalization
    private let feedForwardNorm: LayerNormalization
    private let width: Int
    private let heads: Int

    /// Creates a layer over a memory of width `memory`.
    public init(
        _ configuration: TransformerConfiguration, width: Int, memory: Int,
        in scope: ParameterScope
    ) throws {
        self.width = width
        heads = configuration.heads
        attention = try SelfAttention(
            width, heads: configuration.heads, isRotary: configuration.positions == .rotary,
            dropout: configuration.attentionDropout, in: scope.scope("self_attention"))
        crossAttention = try CrossAttention(
            width, memory: memory, heads: configuration.heads,
            dropout: configuration.attentionDropout, in: scope.scope("cross_attention"))
        feedForward = try FeedForward(
            width, middle: configuration.feedForward, function: configuration.activation,
            dropout: configuration.activationDropout, in: scope.scope("feed_forward"))
        attentionNorm = try LayerNormalization(width, in: scope.scope("self_attention_norm"))
        crossAttentionNorm = try LayerNormalization(width, in: scope.scope("cross_attention_norm"))
        feedForwardNorm = try LayerNormalization(width, in: scope.scope("feed_forward_norm"))
    }

    /// The memory as this layer's attention sees it; see ``CrossAttention/projected(memory:values:)``.
    public func projected(memory: Tensor, values: Tensor? = nil) -> Tensor {
        crossAttention.projected(memory: memory, values: values)
    }

    /// Keys and values of a step and of a step of the memory; streams, products and the middle of the
    /// feed-forward layer for each row.
    public var footprint: SearchFootprint {
        SearchFootprint(
            perRow: 8 * width + feedForward.numbersPerRow, perStep: 2 * width,
            perMemoryStep: 2 * width, perWantedWeight: heads + 1)
    }

    /// What the attention over the memory needs.
    public struct Source {
        let memory: Tensor
        let layout: AttentionLayout
        let keepsWeights: Bool

        /// Collects keys and values, which row attends to which source, and whether weights are wanted.
        public init(memory: Tensor, layout: AttentionLayout, keepsWeights: Bool) {
            self.memory = memory
            self.layout = layout
            self.keepsWeights = keepsWeights
        }
    }

    /// Runs over whole sequences.
    ///
    /// - Parameters:
    ///   - stream: updated.
    ///   - next: the first norm of the following layer, or the last norm of the stack.
    ///   - layout: the sequences.
    ///   - positions: the time step of each row.
    ///   - source: the memory.
    ///   - dropout: for training.
    /// - Returns: the weights of the attention over the memory, if wanted.
    public func callAsFunction(
        _ stream: inout ResidualStream, next: LayerNormalization, layout: SequenceLayout,
        positions: [Int32], source: Source, dropout: inout Dropout
    ) -> Tensor? {
        let attended = attention(
            stream.normalized, layout: layout, positions: positions, isCausal: true,
            dropout: &dropout)
        return finish(&stream, attended, next: next, source: source, dropout: &dropout)
    }

    /// Runs one step, a row a hypothesis; see the whole-sequence form.
    ///
    /// - Parameters:
    ///   - position: the time step.
    ///   - cache: the earlier steps.
    ///   - slot: this layer's place in the cache.
    public func step(
        _ stream: inout ResidualStream, next: LayerNormalization, position: Int,
        cache: inout StepCache, slot: Int, source: Source, dropout: inout Dropout
    ) -> Tensor? {
        let attended = attention.step(
            stream.normalized, position: position, cache: &cache, slot: slot)
        return finish(&stream, attended, next: next, source: source, dropout: &dropout)
    }

    /// What follows self-attention, which is the same for steps and whole sequences.
    private func finish(
        _ stream: inout ResidualStream, _ attended: Tensor, next: LayerNormalization,
        source: Source, dropout: inout Dropout
    ) -> Tensor? {
        stream.add(attended, own: attentionNorm, next: crossAttentionNorm, dropout: &dropout)
        let (found, weights) = crossAttention(
            stream.normalized, memory: source.memory, layout: source.layout,
            keepsWeights: source.keepsWeights, dropout: &dropout)
        stream.add(found, own: crossAttentionNorm, next: feedForwardNorm, dropout: &dropout)
        let transformed = feedForward(stream.normalized, dropout: &dropout)
        stream.add(transformed, own: feedForwardNorm, next: next, dropout: &dropout)
        return weights
    }
}
