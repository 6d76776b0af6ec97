/// How a line of a file holds labels.
public enum LabelLines: Sendable, Hashable {
    /// A label for each step, between white space.
    case steps
    /// One label, which is the whole line without white space around it.
    case whole

    /// The labels of a line.
    func labels(of line: String) -> [String] {
        let tokens = TokenList(splitting: Array(line.utf8))
        let words = tokens.bounds.map { String(decoding: tokens.bytes[$0], as: UTF8.self) }
        switch self {
        case .steps: return words
        case .whole: return [words.joined(separator: " ")]
        }
    }
}

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

/// An F1 with the precision and recall beside it.
public struct F1Score: MetricScore, Hashable, Codable {
    /// The F1, from 0 to 1.
    public var score: Double
    /// The precision, from 0 to 1.
    public var precision: Double
    /// The recall, from 0 to 1.
    public var recall: Double
    /// What was counted.
    public var name: String

    /// How the score was made; `version` names this implementation.
    public var signature: String { "\(name)|version:\(BLEU.implementation)" }

    /// Returns the three figures as percentages.
    public func formatted(decimals: Int = 2) -> String {
        let figures = [score, precision, recall].map { fixedPoint(100 * $0, decimals: decimals) }
        return "\(name) = \(figures[0]) % (precision \(figures[1]) %, recall \(figures[2]) %)"
    }
}

extension F1Score: CustomStringConvertible {
    /// The three figures with two decimals.
    public var description: String { formatted() }
}
