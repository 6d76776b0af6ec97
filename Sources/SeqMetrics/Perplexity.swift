#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The perplexity of a text under a model: `exp(−Σ log p / tokens)`.
public struct Perplexity: MetricStatistics, Hashable, Codable {
    /// The sum of the natural logarithms of the token probabilities.
    public var totalLogProbability: Double
    /// The number of tokens, end symbols included.
    public var tokenCount: Int

    /// Creates a perplexity from its two sums.
    public init(totalLogProbability: Double = 0, tokenCount: Int = 0) {
        self.totalLogProbability = totalLogProbability
        self.tokenCount = tokenCount
    }

    /// The mean negative log-probability of a token in nats; not a number when there is no token.
    public var crossEntropy: Double { -totalLogProbability / Double(tokenCount) }

    /// The perplexity; not a number when there is no token.
    public var value: Double { exp(crossEntropy) }

    /// Adds the sums of a further text.
    public static func += (left: inout Self, right: Self) {
        left.totalLogProbability += right.totalLogProbability
        left.tokenCount += right.tokenCount
    }
}

extension Perplexity: CustomStringConvertible {
    /// The perplexity with two decimals.
    public var description: String { fixedPoint(value, decimals: 2) }
}
