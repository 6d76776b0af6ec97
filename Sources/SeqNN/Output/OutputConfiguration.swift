public import SeqFiles

/// The output layer of a model.
public struct OutputConfiguration: Codable, Sendable, Hashable {
    /// The kinds of layer.
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// The softmax over all tokens.
        case full
        /// Frequent tokens first, rarer ones in clusters (Grave et al. 2017).
        case adaptive
        /// Trained on samples of the vocabulary (Jean et al. 2014).
        case sampled
        /// A mixture of softmaxes (Yang et al. 2018).
        case mixture
        /// Generation, or copying where attention points (See et al. 2017).
        case pointerGenerator = "pointer_generator"
        /// Generation and copying in one softmax (Gu et al. 2016).
        case copy

        /// Whether the layer copies source words, and thus needs an ``OutputContext``.
        public var copies: Bool { self == .pointerGenerator || self == .copy }
    }

    /// Which tables of embeddings are also the weight of the output layer.
    public enum Tying: String, Codable, Sendable, CaseIterable {
        /// None.
        case none
        /// That of the target (Press & Wolf 2017).
        case target
        /// That of the target, which is that of the source too; needs a joint vocabulary (Vaswani et al.
        /// 2017).
        case all
    }

    /// The kind.
    public var type = Kind.full
    /// Which embeddings it shares.
    public var tied = Tying.none
    /// The number of components of a mixture.
    public var mixtures = 4
    /// The first token of each cluster of the adaptive softmax.
    public var cutoffs = [2000, 10000]
    /// By how much each cluster of the adaptive softmax is narrower than the one before.
    public var divisor: Float = 4
    /// The number of tokens that a step of the sampled softmax draws.
    public var samples = 8192
    /// Whether tokens have biases.
    public var hasBias = true

    /// Creates the default configuration: the full softmax.
    public init() {}

    private enum CodingKeys: String, CodingKey {
        case type, tied, mixtures, cutoffs, divisor, samples
        case hasBias = "bias"
    }

    /// Whether tables that the layer works with, embeddings included, should have sparse gradients.
    public var isSparse: Bool { type == .sampled }

    /// What is wrong with the configuration, if anything, before the vocabulary is known.
    ///
    /// - Parameters:
    ///   - hidden: the width of the vectors that the layer gets.
    ///   - embedding: the width of target embeddings.
    ///   - sourceEmbedding: the width of source embeddings.
    public func problem(
        hidden: Int, embedding: Int, sourceEmbedding: Int
    ) -> Seq2SeqError? {
        for (name, value, range) in [
            ("mixtures", mixtures, 1...64), ("samples", samples, 1...10_000_000),
        ] where !range.contains(value) {
            return Seq2SeqError(
                option: "\(name)", "is \(value)",
                remedy: "choose a number from \(range.lowerBound) to \(range.upperBound)")
        }
        guard divisor >= 1, divisor <= 1024 else {
            return Seq2SeqError(
                option: "divisor", "is \(divisor)", remedy: "choose a number from 1 to 1024")
        }
        let isAscending = zip(cutoffs, cutoffs.dropFirst()).allSatisfy { $0 < $1 }
        guard let first = cutoffs.first, first > 0, isAscending else {
            return Seq2SeqError(
                option: "cutoffs", "is \(cutoffs)",
                remedy: "list ascending numbers above 0, such as [2000, 10000]")
        }
        if type == .adaptive, tied != .none {
            return Seq2SeqError(
                option: "type",
                "is adaptive, which has no weight to share, with tied: \(tied.rawValue)",
                remedy: "choose tied: none, or type: full")
        }
        if tied == .all, embedding != sourceEmbedding {
            return Seq2SeqError(
                option: "tied",
                "is all, but source embeddings have width \(sourceEmbedding) and target embeddings \(embedding)",
                remedy: "make them equal, or choose tied: target")
        }
        return nil
    }

    /// What is wrong with the configuration for a vocabulary of that size, if anything.
    public func problem(vocabulary: Int) -> Seq2SeqError? {
        guard type == .adaptive, let last = cutoffs.last, last >= vocabulary else { return nil }
        return Seq2SeqError(
            option: "cutoffs", "is \(cutoffs), but the vocabulary has \(vocabulary) tokens",
            remedy: "choose cutoffs below it, or type: full")
    }

    /// The layer that is configured.
    ///
    /// - Parameters:
    ///   - hidden: the width of the vectors that it gets.
    ///   - vocabulary: the number of tokens.
    ///   - table: the embeddings to share, `[vocabulary, width]`.
    ///   - memory: the width of the encoder's states, for the kind `copy`.
    ///   - scope: where parameters come from.
    /// - Throws: a ``Seq2SeqError`` when the vocabulary does not suit the configuration, or a checkpoint does
    ///   not fit it.
    public func layer(
        hidden: Int, vocabulary: Int, tiedTo table: Parameter?, memory: Int = 0,
        in scope: ParameterScope
    ) throws -> any OutputLayer {
        if let problem = problem(vocabulary: vocabulary) { throw problem.within("model.output") }
        switch type {
        case .full:
            return try FullSoftmax(
                hidden: hidden, vocabulary: vocabulary, tiedTo: table, hasBias: hasBias, in: scope)
        case .adaptive:
            return try AdaptiveSoftmax(
                hidden: hidden, vocabulary: vocabulary, cutoffs: cutoffs, divisor: divisor,
                hasBias: hasBias, in: scope)
        case .sampled:
            return try SampledSoftmax(
                hidden: hidden, vocabulary: vocabulary, samples: samples, tiedTo: table,
                hasBias: hasBias, in: scope)
        case .mixture:
            return try MixtureOfSoftmaxes(
                hidden: hidden, vocabulary: vocabulary, mixtures: mixtures, tiedTo: table,
                hasBias: hasBias, in: scope)
        case .pointerGenerator:
            return try PointerGenerator(
                hidden: hidden, vocabulary: vocabulary, tiedTo: table, hasBias: hasBias, in: scope)
        case .copy:
            return try CopyNetwork(
                hidden: hidden, vocabulary: vocabulary, memory: memory, tiedTo: table,
                hasBias: hasBias, in: scope)
        }
    }
}
