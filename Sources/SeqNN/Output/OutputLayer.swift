public import SeqTensor

/// What an output layer may know beside the hidden vectors, for copying from the source.
public struct OutputContext: Sendable {
    /// The attention weights of each row over its source, flat, in the order of the layout; only layers
    /// that point with them need them.
    public var weights: Tensor?
    /// What ``OutputLayer/memory(_:)`` made of the encoder's states.
    public var memory: Tensor?
    /// Which row looks at which source.
    public var layout: AttentionLayout
    /// The tokens of the sources in the vocabulary of the output, extended by their own words.
    public var source: CopySource

    /// Collects what a layer may know.
    public init(
        weights: Tensor?, memory: Tensor?, layout: AttentionLayout, source: CopySource
    ) {
        self.weights = weights
        self.memory = memory
        self.layout = layout
        self.source = source
    }
}

/// The layer from hidden vectors to a distribution over the tokens of a vocabulary, and the loss on it.
public protocol OutputLayer: Sendable {
    /// The number of tokens.
    var vocabulary: Int { get }

    /// The numbers of 4 bytes that the logits of a row take, with what comes before them.
    var numbersPerRow: Int { get }

    /// Whether ``logits(_:context:)`` are log-probabilities already.
    var isNormalized: Bool { get }

    /// Whether the layer copies, so that it needs a context and targets may be words that only the
    /// source has.
    var needsContext: Bool { get }

    /// Prepares the encoder's states, `[steps, width]`, once for all steps; nil for layers that do not
    /// look at them.
    func memory(_ states: Tensor) -> Tensor?

    /// The loss of training.
    ///
    /// - Parameters:
    ///   - hidden: `[rows, hidden]`.
    ///   - targets: the right token of each row.
    ///   - weights: what each row counts in the objective, possibly less than 0; 1 if nil.
    ///   - context: what may be copied.
    ///   - labelSmoothing: ε of Szegedy et al. 2016.
    ///   - scale: multiplies the objective, usually 1 / tokens.
    ///   - generator: where samples come from; nil outside training.
    func loss(
        _ hidden: Tensor, targets: [Int32], weights: [Float]?, context: OutputContext?,
        labelSmoothing: Float, scale: Float, generator: inout RandomGenerator?
    ) -> TokenLoss

    /// Numbers `[rows, vocabulary]` whose row softmax is the distribution, or `[rows, extended
    /// vocabulary]` from layers that copy; only those of layers that are not normalised have a
    /// gradient.
    func logits(_ hidden: Tensor, context: OutputContext?) -> Tensor

    /// The log-probability of each row's target: the same number as from ``logits(_:context:)``, often
    /// for less work.
    func logProbabilities(
        _ hidden: Tensor, targets: [Int32], context: OutputContext?
    ) -> [Float]
}

extension OutputLayer {
    /// The loss of training in which all rows count the same.
    public func loss(
        _ hidden: Tensor, targets: [Int32], context: OutputContext?, labelSmoothing: Float,
        scale: Float, generator: inout RandomGenerator?
    ) -> TokenLoss {
        loss(
            hidden, targets: targets, weights: nil, context: context,
            labelSmoothing: labelSmoothing, scale: scale, generator: &generator)
    }

    /// The logits themselves.
    public var numbersPerRow: Int { vocabulary }

    /// No, for most layers.
    public var isNormalized: Bool { false }

    /// No, for most layers.
    public var needsContext: Bool { false }

    /// Nothing, for most layers.
    public func memory(_ states: Tensor) -> Tensor? { nil }

    /// The log-probability of each row's target, by the logits of blocks of rows.
    ///
    /// For layers that do not copy.
    public func logProbabilities(
        _ hidden: Tensor, targets: [Int32], context: OutputContext?
    ) -> [Float] {
        let block = 256
        var result: [Float] = []
        result.reserveCapacity(targets.count)
        for start in stride(from: 0, to: hidden.rows, by: block) {
            let range = start..<min(start + block, hidden.rows)
            let logits = logits(hidden.rows(range), context: nil)
            let normalizers = isNormalized ? nil : logits.logSumExp()
            logits.withUnsafeValues { values in
                for (row, target) in targets[range].enumerated() {
                    let value = values[row * logits.rowWidth + Int(target)]
                    result.append(normalizers.map { value - $0[row] } ?? value)
                }
            }
        }
        return result
    }
}
