import SeqFiles

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The metric BLEU, equal to sacreBLEU 2 (Post 2018) digit for digit.
///
/// After Papineni et al. 2002: with the clipped n-gram precisions `p₁ … p₄` of the corpus, the length `h` of the hypotheses and
/// `r` of the references closest in length:
///
/// ```
/// BLEU = 100 · min(1, exp(1 − r / h)) · exp(Σ log pₙ / 4)
/// ```
public struct BLEU: CorpusMetric, Hashable {
    /// What to do about an order of n-grams without a match (Chen and Cherry 2014).
    public enum Smoothing: Hashable, Sendable {
        /// Nothing: the score becomes 0.
        case none
        /// Takes a small number for the count of matches; method 1.
        case floor(Double = 0.1)
        /// Adds a number to matches and totals of the orders above 1; method 2.
        case addK(Double = 1)
        /// Takes 1/2, 1/4, 1/8 … of a match for the first, second, third such order; method 3.
        case exponential
    }

    /// How texts are cut into tokens.
    public var tokenizer: BLEUTokenizer
    /// What to do about orders without a match.
    public var smoothing: Smoothing
    /// Whether case is ignored.
    public var lowercase: Bool
    /// Whether only the orders count that the hypotheses are long enough for.
    ///
    /// Meant for scores of single sentences; off in scores of corpora.
    public var effectiveOrder: Bool
    /// The longest n-grams that count.
    public var maximumOrder: Int

    /// The name of this implementation in signatures.
    public static let implementation = "seq2seq-\(Seq2SeqVersion.current)"

    /// Creates a metric; the defaults are those of sacreBLEU.
    public init(
        tokenizer: BLEUTokenizer = .mteval13a,
        smoothing: Smoothing = .exponential,
        lowercase: Bool = false,
        effectiveOrder: Bool = false,
        maximumOrder: Int = 4
    ) {
        precondition(maximumOrder >= 1, "BLEU of n-grams up to \(maximumOrder): must be at least 1")
        self.tokenizer = tokenizer
        self.smoothing = smoothing
        self.lowercase = lowercase
        self.effectiveOrder = effectiveOrder
        self.maximumOrder = maximumOrder
    }

    /// The name of the metric.
    public var metric: Metric { .bleu }

    /// The same metric with ``effectiveOrder``, as sacreBLEU scores sentences.
    public var forSentences: BLEU {
        var metric = self
        metric.effectiveOrder = true
        return metric
    }

    /// The statistics of no segment at all.
    public var emptyStatistics: BLEUStatistics { BLEUStatistics(maximumOrder: maximumOrder) }

    /// Returns the statistics of one segment.
    ///
    /// - Parameters:
    ///   - hypothesis: The text to be judged, detokenized.
    ///   - references: One or more texts to compare it with.
    public func statistics(hypothesis: String, references: [String]) -> BLEUStatistics {
        precondition(!references.isEmpty, "BLEU of a segment with 0 references")
        let hypothesis = tokens(of: hypothesis)
        let references = references.map { tokens(of: $0) }
        let trie = NGramTrie(references: references, maximumOrder: maximumOrder)

        var statistics = emptyStatistics
        statistics.hypothesisLength = hypothesis.count
        statistics.referenceLength = closestLength(to: hypothesis.count, in: references)
        statistics.matches = trie.clippedMatches(hypothesis)
        statistics.totals = (0..<maximumOrder).map { max(0, hypothesis.count - $0) }
        statistics.referenceCounts = ReferenceCounts(references.count)
        return statistics
    }

    private func tokens(of text: String) -> TokenList {
        tokenizer.tokens(of: lowercase ? pythonLowercased(text) : text)
    }

    /// The shorter one is taken of two references equally close.
    private func closestLength(to length: Int, in references: [TokenList]) -> Int {
        var closest = references[0].count
        for reference in references.dropFirst() {
            let distance = abs(reference.count - length)
            let best = abs(closest - length)
            if distance < best || (distance == best && reference.count < closest) {
                closest = reference.count
            }
        }
        return closest
    }

    /// Returns the score that follows from summed statistics.
    public func score(of statistics: BLEUStatistics) -> BLEUScore {
        let (precisions, orders) = smoothedPrecisions(of: statistics)
        let penalty = brevityPenalty(of: statistics)
        var score = 0.0
        if statistics.matches.contains(where: { $0 > 0 }) {
            // sacreBLEU's stand-in for the logarithm of 0.
            let logarithms = precisions[..<orders].map { $0 == 0 ? -9_999_999_999 : log($0) }
            score = penalty * exp(logarithms.reduce(0, +) / Double(orders))
        }
        return BLEUScore(
            score: score,
            precisions: precisions,
            brevityPenalty: penalty,
            hypothesisLength: statistics.hypothesisLength,
            referenceLength: statistics.referenceLength,
            signature: signature(referenceCounts: statistics.referenceCounts))
    }

    private func brevityPenalty(of statistics: BLEUStatistics) -> Double {
        if statistics.hypothesisLength >= statistics.referenceLength { return 1 }
        if statistics.hypothesisLength == 0 { return 0 }
        return exp(
            1 - Double(statistics.referenceLength) / Double(statistics.hypothesisLength))
    }

    /// Returns the precisions as percentages, and how many orders the score averages over.
    private func smoothedPrecisions(
        of statistics: BLEUStatistics
    ) -> (precisions: [Double], orders: Int) {
        var precisions = [Double](repeating: 0, count: maximumOrder)
        var orders = maximumOrder
        if statistics.matches.allSatisfy({ $0 == 0 }) { return (precisions, orders) }

        var divisor = 1.0
        for order in 0..<maximumOrder {
            var matches = Double(statistics.matches[order])
            var total = Double(statistics.totals[order])
            if case .addK(let k) = smoothing, order > 0 {
                matches += k
                total += k
            }
            if total == 0 { break }
            if effectiveOrder { orders = order + 1 }

            if matches > 0 {
                precisions[order] = 100 * matches / total
            } else if case .exponential = smoothing {
                divisor *= 2
                precisions[order] = 100 / (divisor * total)
            } else if case .floor(let count) = smoothing {
                precisions[order] = 100 * count / total
            }
        }
        return (precisions, orders)
    }

    /// Returns how a score is made, in sacreBLEU's form.
    ///
    /// - Parameter referenceCounts: The numbers of references of the segments.
    func signature(referenceCounts: ReferenceCounts) -> String {
        "nrefs:\(referenceCounts)|case:\(lowercase ? "lc" : "mixed")"
            + "|eff:\(effectiveOrder ? "yes" : "no")|tok:\(tokenizer.rawValue)"
            + "|smooth:\(smoothing)|version:\(Self.implementation)"
    }
}

extension BLEU.Smoothing: CustomStringConvertible {
    /// The method in sacreBLEU's form, with its value where it has one: `floor[0.10]`.
    public var description: String {
        switch self {
        case .none: "none"
        case .floor(let count): "floor[\(fixedPoint(count, decimals: 2))]"
        case .addK(let k): "add-k[\(fixedPoint(k, decimals: 2))]"
        case .exponential: "exp"
        }
    }
}
