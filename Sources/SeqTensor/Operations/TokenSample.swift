#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Distinct tokens drawn from the log-uniform (Zipf) distribution P(k) = log((k + 2) / (k + 1)) /
/// log(V + 1), which fits ids in the order of falling frequency.
///
/// It is the proposal of TensorFlow's `sampled_softmax_loss`.
public struct TokenSample: Sendable {
    /// The tokens, none twice.
    public let tokens: [Int32]
    /// How many draws it took to find them.
    public let draws: Int
    /// The number of tokens to choose from.
    public let vocabulary: Int

    /// Takes tokens that were drawn already.
    public init(tokens: [Int32], draws: Int, vocabulary: Int) {
        self.tokens = tokens
        self.draws = draws
        self.vocabulary = vocabulary
    }

    /// Draws until `count` distinct tokens are found, at most half of the vocabulary: beyond that the
    /// rarest would take very long to come.
    public init(count: Int, vocabulary: Int, using generator: inout some RandomNumberGenerator) {
        precondition(
            count > 0 && 2 * count <= vocabulary, "TokenSample: \(count) of \(vocabulary) tokens")
        var tokens: [Int32] = []
        tokens.reserveCapacity(count)
        var isTaken = [Bool](repeating: false, count: vocabulary)
        let logarithm = log(Double(vocabulary + 1))
        var draws = 0
        while tokens.count < count {
            let uniform = Double(generator.next() >> 11) * 0x1p-53
            let token = min(Int(exp(uniform * logarithm)) - 1, vocabulary - 1)
            draws += 1
            if isTaken[token] { continue }
            isTaken[token] = true
            tokens.append(Int32(token))
        }
        self.init(tokens: tokens, draws: draws, vocabulary: vocabulary)
    }

    /// The logarithm of how often `token` is expected in such a sample: 1 - (1 - P)^draws.
    public func logExpectedCount(_ token: Int32) -> Float {
        let k = Double(token)
        let probability = log((k + 2) / (k + 1)) / log(Double(vocabulary + 1))
        return Float(log(-expm1(Double(draws) * log1p(-probability))))
    }
}
