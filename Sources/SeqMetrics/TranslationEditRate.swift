/// The translation edit rate TER, equal to sacreBLEU 2 (Post 2018) digit for digit.
///
/// After Snover and others 2006: the edits that turn a hypothesis into a reference are insertions,
/// deletions and replacements of words, and shifts of phrases to another place.
///
/// ```
/// TER = 100 · edits / words of the references
/// ```
///
/// Of several references of a segment the one with the fewest edits counts, and the mean length of all.
public struct TranslationEditRate: CorpusMetric, Hashable {
    /// Whether punctuation becomes tokens of its own, and entities of XML characters.
    public var normalized: Bool
    /// Whether punctuation counts.
    public var punctuation: Bool
    /// Whether normalization separates Chinese characters and Asian punctuation, and removal of
    /// punctuation covers the latter.
    public var asianSupport: Bool
    /// Whether case counts.
    public var caseSensitive: Bool

    /// Creates a metric; the defaults are those of sacreBLEU.
    public init(
        normalized: Bool = false, punctuation: Bool = true, asianSupport: Bool = false,
        caseSensitive: Bool = false
    ) {
        self.normalized = normalized
        self.punctuation = punctuation
        self.asianSupport = asianSupport
        self.caseSensitive = caseSensitive
    }

    /// The name of the metric.
    public var metric: Metric { .ter }

    /// The statistics of no segment at all.
    public var emptyStatistics: ErrorRateStatistics { ErrorRateStatistics() }

    /// Returns the statistics of one segment.
    ///
    /// - Parameters:
    ///   - hypothesis: The text to be judged, detokenized.
    ///   - references: One or more texts to compare it with.
    public func statistics(hypothesis: String, references: [String]) -> ErrorRateStatistics {
        precondition(!references.isEmpty, "TER of a segment with 0 references")
        var numbering = TokenNumbering()
        let hypothesis = numbering.add(TercomTokenizer.tokens(of: hypothesis, self))
        let references = references.map {
            numbering.add(TercomTokenizer.tokens(of: $0, self))
        }
        var statistics = ErrorRateStatistics()
        statistics.edits = references.map { TercomAligner.edits(hypothesis, $0) }.min() ?? 0
        statistics.referenceLength =
            Double(references.reduce(0) { $0 + $1.count }) / Double(references.count)
        statistics.referenceCounts = ReferenceCounts(references.count)
        return statistics
    }

    /// Returns the score that follows from summed statistics.
    public func score(of statistics: ErrorRateStatistics) -> ErrorRateScore {
        func word(_ isTrue: Bool) -> String { isTrue ? "yes" : "no" }
        let length = statistics.referenceLength
        let rate =
            length > 0 ? Double(statistics.edits) / length : statistics.edits > 0 ? 1 : 0
        return ErrorRateScore(
            score: 100 * rate, edits: statistics.edits, referenceLength: length, name: "TER",
            signature: "nrefs:\(statistics.referenceCounts)|case:\(caseSensitive ? "mixed" : "lc")"
                + "|tok:tercom|norm:\(word(normalized))|punct:\(word(punctuation))"
                + "|asian:\(word(asianSupport))|version:\(BLEU.implementation)")
    }
}
