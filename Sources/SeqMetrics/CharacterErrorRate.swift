/// The character error rate, 100 times that of jiwer 4 with its default transformations.
///
/// ```
/// CER = 100 · (insertions + deletions + replacements) / characters of the references
/// ```
///
/// Characters are code points; white space counts, but not at the ends. Of several references of a
/// segment the one counts that takes the fewest edits for its length. Without any character in the
/// references a character of the hypotheses counts 100.
public struct CharacterErrorRate: CorpusMetric, Hashable {
    /// Whether case is ignored.
    public var lowercase: Bool

    /// Creates a metric; the default is that of jiwer.
    public init(lowercase: Bool = false) {
        self.lowercase = lowercase
    }

    /// The name of the metric.
    public var metric: Metric { .cer }

    /// The statistics of no segment at all.
    public var emptyStatistics: ErrorRateStatistics { ErrorRateStatistics() }

    /// Returns the statistics of one segment.
    ///
    /// - Parameters:
    ///   - hypothesis: The text to be judged.
    ///   - references: One or more texts to compare it with.
    public func statistics(hypothesis: String, references: [String]) -> ErrorRateStatistics {
        precondition(!references.isEmpty, "CER of a segment with 0 references")
        let hypothesis = characters(of: hypothesis)
        return .closest(
            references.map { reference in
                let characters = characters(of: reference)
                return (editDistance(hypothesis, characters), characters.count)
            })
    }

    private func characters(of text: String) -> [UInt32] {
        var text = lowercase ? pythonLowercased(text) : text
        return text.withUTF8 { whole in
            let bytes = trimmingLeadingWhitespace(trimmingTrailingWhitespace(whole))
            return String(decoding: bytes, as: UTF8.self).unicodeScalars.map(\.value)
        }
    }

    /// Returns the score that follows from summed statistics.
    public func score(of statistics: ErrorRateStatistics) -> ErrorRateScore {
        ErrorRateScore(
            score: 100 * Double(statistics.edits) / max(1, statistics.referenceLength),
            edits: statistics.edits, referenceLength: statistics.referenceLength, name: "CER",
            signature: "nrefs:\(statistics.referenceCounts)|case:\(lowercase ? "lc" : "mixed")"
                + "|version:\(BLEU.implementation)")
    }
}
