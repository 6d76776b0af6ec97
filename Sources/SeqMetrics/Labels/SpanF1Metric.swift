/// The F1 of spans that labels such as `B-city I-city` mark, as seqeval and conlleval count them.
public struct SpanF1Metric: CorpusMetric, Hashable {
    /// Creates the metric.
    public init() {}

    /// The name of the metric.
    public var metric: Metric { .spanF1 }

    /// The statistics of no segment at all.
    public var emptyStatistics: SpanF1 { SpanF1() }

    /// Returns the statistics of one segment; of several references the first counts.
    public func statistics(hypothesis: String, references: [String]) -> SpanF1 {
        SpanF1(
            predicted: LabelLines.steps.labels(of: hypothesis),
            expected: LabelLines.steps.labels(of: references[0]))
    }

    /// Returns the score that follows from summed statistics.
    public func score(of statistics: SpanF1) -> F1Score {
        let overall = statistics.overall
        return F1Score(
            score: overall.f1, precision: overall.precision, recall: overall.recall,
            name: "span-f1")
    }
}
