import SeqFiles

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// How several corpora share an epoch, and which of their pairs stands at each position of it.
///
/// An epoch has as many pairs as all corpora together. The share of a corpus of n pairs is proportional
/// to weight · n^(1/temperature) (Arivazhagan and others 2019, section 4.3). Each corpus is walked
/// in an order of its own; its passes go on from epoch to epoch, so that each of its pairs is seen before
/// one is seen again. Nothing is stored a pair: positions are computed.
public struct CorpusMixture: Sendable {
    /// The number of pairs of each corpus.
    public let counts: [Int]
    /// The number of pairs that each corpus gives to an epoch.
    public let quotas: [Int]
    /// The number of pairs of all corpora, which is that of an epoch.
    public let count: Int

    /// Creates a mixture.
    ///
    /// - Parameters:
    ///   - counts: The number of pairs of each corpus.
    ///   - weights: By how much each is favoured, above 0.
    ///   - temperature: 1 for shares by size; the larger, the more equal the shares of small and large
    ///     corpora; above 0.
    public init(counts: [Int], weights: [Double], temperature: Double = 1) {
        precondition(
            counts.count == weights.count, "\(counts.count) corpora, \(weights.count) weights")
        self.counts = counts
        let total = counts.reduce(0, +)
        count = total
        let shares = CorpusMixture.shares(counts, weights, temperature: temperature)
        let sum = shares.reduce(0, +)
        let exact = shares.map { sum > 0 ? Double(total) * $0 / sum : 0 }
        var quotas = exact.map { Int($0) }
        // The largest remainders get what rounding down has left.
        let order = exact.indices.sorted {
            let (first, second) = (exact[$0] - Double(quotas[$0]), exact[$1] - Double(quotas[$1]))
            return (second, $0) < (first, $1)
        }
        for index in order.prefix(max(0, total - quotas.reduce(0, +))) { quotas[index] += 1 }
        self.quotas = quotas
    }

    /// weight · n^(1/temperature) of each corpus, all divided by one number where they would be too large
    /// or too small for one.
    private static func shares(
        _ counts: [Int], _ weights: [Double], temperature: Double
    ) -> [Double] {
        func shares(count: Double, weight: Double) -> [Double] {
            zip(counts, weights).map { $1 / weight * pow(Double($0) / count, 1 / temperature) }
        }
        let plain = shares(count: 1, weight: 1)
        let isUsual = (1e-200...1e200).contains(plain.reduce(0, +))
        guard !isUsual, let largest = counts.max(), largest > 0 else { return plain }
        let scaled = shares(count: Double(largest), weight: weights.max() ?? 1)
        // Where even these are all too small for a number, the largest corpus has everything.
        return scaled.allSatisfy { $0 == 0 } ? counts.map { $0 == largest ? 1 : 0 } : scaled
    }

    /// Creates the mixture of one corpus.
    public init(count: Int) {
        self.init(counts: [count], weights: [1])
    }

    /// Returns the number of a pair, counted through all corpora.
    ///
    /// - Parameters:
    ///   - position: The position in the epoch, from 0 to below ``count``.
    ///   - epoch: The number of the epoch, counted from 1.
    ///   - seed: Where the random order starts from; `nil` for the order of the corpora.
    func pair(at position: Int, epoch: Int, seed: UInt64?) -> Int {
        precondition(epoch >= 1, "epochs are counted from 1")
        var slot = position
        if let seed {
            slot = Permutation(count: count, key: Self.key(seed, purpose: 0, epoch))[position]
        }
        var start = 0
        var corpus = 0
        while slot >= quotas[corpus] {
            slot -= quotas[corpus]
            start += counts[corpus]
            corpus += 1
        }
        let (pass, place) = ((epoch - 1) * quotas[corpus] + slot).quotientAndRemainder(
            dividingBy: counts[corpus])
        guard let seed else { return start + place }
        let key = Self.key(seed, purpose: UInt64(corpus) + 1, pass)
        return start + Permutation(count: counts[corpus], key: key)[place]
    }

    private static func key(_ seed: UInt64, purpose: UInt64, _ number: Int) -> UInt64 {
        var generator = SplitMix64(
            seed: SplitMix64.mixed(seed &+ purpose), stream: UInt64(bitPattern: Int64(number)))
        return generator.next()
    }
}
