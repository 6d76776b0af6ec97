public import SeqFiles
public import SeqTensor

/// What a Transformer encoder or decoder consists of, beside its width and number of layers.
public struct TransformerConfiguration: Codable, Sendable, Hashable {
    /// Where layer normalisation stands.
    public enum Norm: String, Codable, Sendable, CaseIterable {
        /// Before each sublayer, and once after the last (Xiong and others 2020).
        case pre
        /// After each residual connection (Vaswani and others 2017).
        case post
    }

    /// The number of attention heads, which divides the width; by default 8.
    public var heads = 8
    /// The width of the middle of the feed-forward layers; by default 2048.
    public var feedForward = 2048
    /// Where layer normalisation stands; by default pre, which learns without a warm-up.
    public var norm = Norm.pre
    /// How steps know their place; by default sinusoidal.
    public var positions = PositionalEncoding.Kind.sinusoidal
    /// The function in the middle of the feed-forward layers; by default relu.
    public var activation = FeedForwardFunction.relu
    /// The number of learned positions, the last of which serves all further steps; by default 1024.
    public var maximumLength = 1024
    /// The probability of dropping an attention weight; by default 0.
    public var attentionDropout: Float = 0
    /// The probability of dropping an element in the middle of a feed-forward layer; by default 0.
    public var activationDropout: Float = 0
    /// Whether embeddings are multiplied by √width (Vaswani and others 2017, section 3.4); by default
    /// they are.
    public var scalesEmbeddings = true

    /// Creates the default configuration.
    public init() {}

    private enum CodingKeys: String, CodingKey {
        case heads, norm, positions, activation
        case feedForward = "feed_forward"
        case maximumLength = "maximum_length"
        case attentionDropout = "attention_dropout"
        case activationDropout = "activation_dropout"
        case scalesEmbeddings = "scale_embeddings"
    }

    /// What is wrong with the first option that makes no sense for layers of width `hidden`, and what to
    /// do about it.
    public func problem(hidden: Int) -> Seq2SeqError? {
        guard (1...1024).contains(heads), hidden % heads == 0 else {
            return Seq2SeqError(
                option: "heads", "is \(heads), but the width is \(hidden)",
                remedy: "choose a number of heads that divides hidden")
        }
        if positions == .rotary, hidden / heads % 2 != 0 {
            return Seq2SeqError(
                option: "positions",
                "is rotary, but a head has \(hidden / heads) features, an odd number",
                remedy: "choose heads so that hidden / heads is even, or other positions")
        }
        return problemOfNumbers
    }

    /// What is wrong with the first option that makes no sense for layers of any width.
    public var problemOfNumbers: Seq2SeqError? {
        if !(1...1024).contains(heads) {
            return Seq2SeqError(
                option: "heads", "is \(heads)", remedy: "choose a number from 1 to 1024")
        }
        if !(1...1_048_576).contains(feedForward) {
            return Seq2SeqError(
                option: "feed_forward", "is \(feedForward)",
                remedy: "choose a number from 1 to 1048576")
        }
        if !(1...1_000_000).contains(maximumLength) {
            return Seq2SeqError(
                option: "maximum_length", "is \(maximumLength)",
                remedy: "choose a number from 1 to 1000000")
        }
        for (name, rate) in [
            ("attention_dropout", attentionDropout), ("activation_dropout", activationDropout),
        ] where !(0..<1).contains(rate) {
            return Seq2SeqError(
                option: "\(name)", "is \(rate)",
                remedy: "choose a number from 0 up to, not including, 1")
        }
        return nil
    }
}
