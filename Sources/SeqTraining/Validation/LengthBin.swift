import SeqMetrics

/// The BLEU of the pairs whose sources are of about the same length (Bahdanau and others 2015, figure 2).
public struct LengthBin: Sendable, Codable, Hashable {
    /// The least number of source tokens.
    public var from: Int
    /// The largest number of source tokens; nil for any.
    public var through: Int?
    /// The number of pairs.
    public var pairs: Int
    /// Their BLEU together.
    public var bleu: Double

    private static let width = 10
    private static let last = 60

    /// The bins that have pairs: 1 to 10 source tokens, 11 to 20, and so on, the last from 61.
    static func all(
        _ metric: BLEU, lengths: [Int], hypotheses: [String], references: [String]
    ) -> [LengthBin] {
        var statistics: [Int: (pairs: Int, sum: BLEUStatistics)] = [:]
        for (index, length) in lengths.prefix(hypotheses.count).enumerated() {
            let bin = (min(max(1, length), last + 1) - 1) / width
            let (pairs, sum) = statistics[bin] ?? (0, metric.emptyStatistics)
            var total = sum
            total += metric.statistics(
                hypothesis: hypotheses[index], references: [references[index]])
            statistics[bin] = (pairs + 1, total)
        }
        return statistics.sorted { $0.key < $1.key }.map { bin, found in
            LengthBin(
                from: bin * width + 1, through: bin * width < last ? (bin + 1) * width : nil,
                pairs: found.pairs, bleu: metric.score(of: found.sum).score)
        }
    }

    /// The lengths, for people.
    var name: String { through.map { "\(from)–\($0)" } ?? "\(from) and more" }
}
