/// The word error rate, 100 times that of jiwer 4 with its default transformations.
///
/// ```
/// WER = 100 · (insertions + deletions + replacements) / words of the references
/// ```
///
/// Words stand between spaces, punctuation and all. Of several references of a segment the one counts
/// that takes the fewest edits for its length. Without any word in the references a word of the
/// hypotheses counts 100.
public struct WordErrorRate: CorpusMetric, Hashable {
    /// Whether case is ignored.
    public var lowercase: Bool

    /// Creates a metric; the default is that of jiwer.
    public init(lowercase: Bool = false) {
        self.lowercase = lowercase
    }

    /// The name of the metric.
    public var metric: Metric { .wer }

    /// The statistics of no segment at all.
    public var emptyStatistics: ErrorRateStatistics { ErrorRateStatistics() }

    /// Returns the statistics of one segment.
    ///
    /// - Parameters:
    ///   - hypothesis: The text to be judged.
    ///   - references: One or more texts to compare it with.
    public func statistics(hypothesis: String, references: [String]) -> ErrorRateStatistics {
        precondition(!references.isEmpty, "WER of a segment with 0 references")
        var numbering = TokenNumbering()
        let hypothesis = numbering.add(words(of: hypothesis))
        return .closest(
            references.map { reference in
                let words = numbering.add(words(of: reference))
                return (editDistance(hypothesis, words), words.count)
            })
    }

    /// The words as jiwer has them: two or more characters of white space separate words, and so does
    /// one space, but any other single one is part of a word.
    private func words(of text: String) -> TokenList {
        var text = lowercase ? pythonLowercased(text) : text
        return text.withUTF8 { whole in
            let bytes = trimmingLeadingWhitespace(trimmingTrailingWhitespace(whole))
            var bounds: [Range<Int>] = []
            var (start, index) = (0, 0)
            while index < bytes.count {
                let first = whitespaceLength(in: bytes, at: index)
                guard first > 0 else {
                    index += 1
                    continue
                }
                var end = index + first
                while case let length = whitespaceLength(in: bytes, at: end), length > 0 {
                    end += length
                }
                if end > index + first || bytes[index] == UInt8(ascii: " ") {
                    bounds.append(start..<index)
                    start = end
                }
                index = end
            }
            if start < bytes.count { bounds.append(start..<bytes.count) }
            return TokenList(bytes: Array(bytes), bounds: bounds)
        }
    }

    /// Returns the score that follows from summed statistics.
    public func score(of statistics: ErrorRateStatistics) -> ErrorRateScore {
        ErrorRateScore(
            score: 100 * Double(statistics.edits) / max(1, statistics.referenceLength),
            edits: statistics.edits, referenceLength: statistics.referenceLength, name: "WER",
            signature: "nrefs:\(statistics.referenceCounts)|case:\(lowercase ? "lc" : "mixed")"
                + "|version:\(BLEU.implementation)")
    }
}
