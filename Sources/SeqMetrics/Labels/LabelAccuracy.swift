/// The share of labels that are right.
public struct LabelAccuracy: CorpusMetric, Hashable {
    /// How lines hold labels.
    public var lines: LabelLines

    /// Creates the metric.
    public init(_ lines: LabelLines = .steps) { self.lines = lines }

    /// The name of the metric.
    public var metric: Metric { .accuracy }

    /// The statistics of no segment at all.
    public var emptyStatistics: Accuracy { Accuracy() }

    /// Returns the statistics of one segment; of several references the first counts.
    public func statistics(hypothesis: String, references: [String]) -> Accuracy {
        .tokens(
            predicted: lines.labels(of: hypothesis), expected: lines.labels(of: references[0]))
    }

    /// Returns the score that follows from summed statistics.
    public func score(of statistics: Accuracy) -> AccuracyScore {
        AccuracyScore(statistics, name: "accuracy")
    }
}
