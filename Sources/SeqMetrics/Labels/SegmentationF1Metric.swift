/// The F1 of the words of text that is cut into words by white space, as the scorer of the SIGHAN bakeoffs
/// counts them.
public struct SegmentationF1Metric: CorpusMetric, Hashable {
    /// Creates the metric.
    public init() {}

    /// The name of the metric.
    public var metric: Metric { .segmentationF1 }

    /// The statistics of no segment at all.
    public var emptyStatistics: SegmentationF1 { SegmentationF1() }

    /// Returns the statistics of one segment; of several references the first counts.
    public func statistics(hypothesis: String, references: [String]) -> SegmentationF1 {
        SegmentationF1(
            predicted: LabelLines.steps.labels(of: hypothesis),
            expected: LabelLines.steps.labels(of: references[0]))
    }

    /// Returns the score that follows from summed statistics.
    public func score(of statistics: SegmentationF1) -> F1Score {
        let words = statistics.words
        return F1Score(
            score: words.f1, precision: words.precision, recall: words.recall,
            name: "segmentation-f1")
    }
}
