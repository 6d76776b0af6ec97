/// What BLEU has to know of a corpus: lengths, and counts of n-grams by order.
public struct BLEUStatistics: MetricStatistics, Hashable {
    /// The number of tokens of the hypotheses.
    public internal(set) var hypothesisLength = 0
    /// The sum over segments of the length of the reference that is closest in length.
    public internal(set) var referenceLength = 0
    /// The number of n-grams of the hypotheses found in a reference, clipped, by order from 1.
    public internal(set) var matches: [Int]
    /// The number of n-grams of the hypotheses, by order from 1.
    public internal(set) var totals: [Int]
    /// The numbers of references of the segments.
    public internal(set) var referenceCounts = ReferenceCounts()

    /// Creates the statistics of no segment.
    init(maximumOrder: Int) {
        matches = [Int](repeating: 0, count: maximumOrder)
        totals = [Int](repeating: 0, count: maximumOrder)
    }

    /// Adds the statistics of further segments.
    public static func += (left: inout Self, right: Self) {
        precondition(
            left.matches.count == right.matches.count,
            "BLEU statistics of orders \(left.matches.count) and \(right.matches.count) differ")
        left.hypothesisLength += right.hypothesisLength
        left.referenceLength += right.referenceLength
        for order in right.matches.indices {
            left.matches[order] += right.matches[order]
            left.totals[order] += right.totals[order]
        }
        left.referenceCounts += right.referenceCounts
    }
}

/// A BLEU score with what it was made of.
public struct BLEUScore: MetricScore, Hashable, Codable {
    /// The score, from 0 to 100.
    public var score: Double
    /// The n-gram precisions after smoothing as percentages, by order from 1.
    public var precisions: [Double]
    /// The factor that punishes hypotheses shorter than their references, from 0 to 1.
    public var brevityPenalty: Double
    /// The number of tokens of the hypotheses.
    public var hypothesisLength: Int
    /// The number of tokens of the references closest in length.
    public var referenceLength: Int
    /// How the score was made, in sacreBLEU's form; `version` names this implementation.
    public var signature: String

    /// The length of the hypotheses relative to that of the references; 0 when these are empty.
    public var lengthRatio: Double {
        referenceLength == 0 ? 0 : Double(hypothesisLength) / Double(referenceLength)
    }

    /// Returns the score in sacreBLEU's form.
    ///
    /// `BLEU|nrefs:1|… = 31.85 66.7/40.0/25.0/16.7 (BP = 1.000 ratio = … hyp_len = … ref_len = …)`
    ///
    /// - Parameter decimals: The number of decimals of the score itself.
    public func formatted(decimals: Int = 2) -> String {
        "BLEU|\(signature) = \(fixedPoint(score, decimals: decimals)) \(details)"
    }

    /// The precisions, brevity penalty, length ratio and lengths in sacreBLEU's form.
    public var details: String {
        let precisions = precisions.map { fixedPoint($0, decimals: 1) }.joined(separator: "/")
        return "\(precisions) (BP = \(fixedPoint(brevityPenalty, decimals: 3))"
            + " ratio = \(fixedPoint(lengthRatio, decimals: 3))"
            + " hyp_len = \(hypothesisLength) ref_len = \(referenceLength))"
    }

    private enum CodingKeys: String, CodingKey {
        case score, precisions, signature
        case brevityPenalty = "brevity_penalty"
        case hypothesisLength = "hypothesis_length"
        case referenceLength = "reference_length"
    }
}

extension BLEUScore: CustomStringConvertible {
    /// The score with two decimals in sacreBLEU's form.
    public var description: String { formatted() }
}
