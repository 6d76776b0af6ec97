import SeqFiles

/// Sufficient statistics of a metric: those of a corpus are the sum of those of its segments.
public protocol MetricStatistics: Sendable {
    /// Adds the statistics of further segments.
    static func += (left: inout Self, right: Self)
}

/// What a metric reports of a corpus or a sentence.
public protocol MetricScore: Sendable {
    /// The score itself.
    var score: Double { get }
    /// How the score was made; scores of different signatures cannot be compared.
    var signature: String { get }

    /// Returns the score in the form of the program that the metric agrees with.
    ///
    /// - Parameter decimals: The number of decimals of the score.
    func formatted(decimals: Int) -> String
}

/// A metric that compares hypotheses with reference texts.
///
/// A metric says how to gather the statistics of one segment and how to turn summed statistics into
/// a score. Scores of corpora and of single sentences, streaming and resampling follow from these.
public protocol CorpusMetric: Sendable {
    /// What has to be known of a segment.
    associatedtype Statistics: MetricStatistics
    /// What the metric reports.
    associatedtype Score: MetricScore

    /// The name of the metric.
    var metric: Metric { get }

    /// The same metric as it is used on single sentences.
    var forSentences: Self { get }

    /// The statistics of no segment at all.
    var emptyStatistics: Statistics { get }

    /// Returns the statistics of one segment.
    ///
    /// - Parameters:
    ///   - hypothesis: The text to be judged.
    ///   - references: One or more texts to compare it with.
    func statistics(hypothesis: String, references: [String]) -> Statistics

    /// Returns the score that follows from summed statistics.
    func score(of statistics: Statistics) -> Score
}

extension CorpusMetric {
    /// The metric itself, for sentences need nothing else.
    public var forSentences: Self { self }

    /// Returns the score of one sentence.
    ///
    /// ``forSentences`` is what to call it on, unless the score is to be that of a corpus of one.
    public func sentenceScore(hypothesis: String, references: [String]) -> Score {
        score(of: statistics(hypothesis: hypothesis, references: references))
    }

    /// Returns the score of a corpus that has one reference a segment.
    ///
    /// - Throws: ``Seq2SeqError`` when there is no segment, or the counts differ.
    public func corpusScore(hypotheses: [String], references: [String]) throws -> Score {
        try corpusScore(hypotheses: hypotheses, referenceStreams: [references])
    }

    /// Returns the score of a corpus that has several references a segment.
    ///
    /// - Parameters:
    ///   - hypotheses: The texts to be judged, one a segment.
    ///   - referenceStreams: Each stream holds one reference a segment, or `nil` where it has none.
    /// - Throws: ``Seq2SeqError`` when there is no segment, the counts differ, or a segment has no
    ///   reference at all.
    public func corpusScore(hypotheses: [String], referenceStreams: [[String?]]) throws -> Score {
        if hypotheses.isEmpty {
            throw Seq2SeqError(.badData, reason: "there is no hypothesis to score")
        }
        if referenceStreams.isEmpty {
            throw Seq2SeqError(.badData, reason: "there are no references")
        }
        for stream in referenceStreams where stream.count != hypotheses.count {
            throw Seq2SeqError(
                .badData,
                reason: "\(hypotheses.count) hypotheses but \(stream.count) references",
                remedy: "give one line per segment in every file")
        }
        var total = emptyStatistics
        for (segment, hypothesis) in hypotheses.enumerated() {
            let references = referenceStreams.compactMap { $0[segment] }
            if references.isEmpty {
                throw Seq2SeqError(
                    .badData, line: segment + 1, reason: "the segment has no reference")
            }
            total += statistics(hypothesis: hypothesis, references: references)
        }
        return score(of: total)
    }
}
