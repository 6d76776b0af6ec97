/// An output that a search found.
public struct Hypothesis: Sendable {
    /// The tokens, without start and end.
    public var tokens: [Int32]
    /// The log-probability of the tokens and the end token, in nats.
    public var logProbability: Float
    /// The log-probability normalised by length, by which hypotheses are ranked.
    public var score: Float
    /// The log-probability of each token, the end token last if it was reached.
    public var tokenLogProbabilities: [Float]
    /// For each token, the attention weights over the source's tokens; empty without attention.
    public var alignment: [[Float]]
    /// Whether the end token was reached before the length limit.
    public var isComplete: Bool
}
