/// The mean over labels of the F1 of each, as scikit-learn's `f1_score(average="macro", zero_division=0)`.
public struct MacroF1: CorpusMetric, Hashable {
    /// How lines hold labels.
    public var lines: LabelLines

    /// Creates the metric.
    public init(_ lines: LabelLines = .steps) { self.lines = lines }

    /// The name of the metric.
    public var metric: Metric { .macroF1 }

    /// The statistics of no segment at all.
    public var emptyStatistics: ClassificationF1 { ClassificationF1() }

    /// Returns the statistics of one segment; of several references the first counts, and a label that
    /// stands on one side alone is compared with an empty one.
    public func statistics(hypothesis: String, references: [String]) -> ClassificationF1 {
        var predicted = lines.labels(of: hypothesis)
        var expected = lines.labels(of: references[0])
        let count = max(predicted.count, expected.count)
        predicted += Array(repeating: "", count: count - predicted.count)
        expected += Array(repeating: "", count: count - expected.count)
        return ClassificationF1(predicted: predicted, expected: expected)
    }

    /// Returns the score that follows from summed statistics.
    public func score(of statistics: ClassificationF1) -> F1Score {
        let macro = statistics.macro
        return F1Score(
            score: macro.f1, precision: macro.precision, recall: macro.recall, name: "macro-f1")
    }
}
