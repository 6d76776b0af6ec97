/// How well labels are told apart: accuracy, and F1 for each label and averaged.
///
/// The numbers are those of scikit-learn's `accuracy_score` and `precision_recall_fscore_support` with
/// `zero_division=0`.
public struct ClassificationF1: MetricStatistics, Hashable {
    /// How often each label was predicted where each was expected.
    public private(set) var confusion: [Pair: Int] = [:]

    /// What was expected and what was predicted.
    public struct Pair: Sendable, Hashable {
        /// The right label.
        public var expected: String
        /// The label that was predicted.
        public var predicted: String

        /// Creates a pair.
        public init(expected: String, predicted: String) {
            self.expected = expected
            self.predicted = predicted
        }
    }

    /// Creates the counts of nothing.
    public init() {}

    /// Creates the counts of labels and as many right ones.
    public init(predicted: some Sequence<String>, expected: some Sequence<String>) {
        for (predicted, expected) in zip(predicted, expected) {
            confusion[Pair(expected: expected, predicted: predicted), default: 0] += 1
        }
    }

    /// The share of labels that are right.
    public var accuracy: Accuracy {
        confusion.reduce(into: Accuracy()) { sum, entry in
            sum.total += entry.value
            if entry.key.expected == entry.key.predicted { sum.correct += entry.value }
        }
    }

    /// The counts of each label that is predicted or expected.
    public var labels: [String: PrecisionRecall] {
        var labels: [String: PrecisionRecall] = [:]
        for (pair, count) in confusion {
            labels[pair.expected, default: PrecisionRecall()].expected += count
            labels[pair.predicted, default: PrecisionRecall()].predicted += count
            if pair.expected == pair.predicted {
                labels[pair.expected, default: PrecisionRecall()].correct += count
            }
        }
        return labels
    }

    /// The mean over labels, each counting the same.
    public var macro: AveragedF1 { AveragedF1(labels.values) { _ in 1 } }

    /// The mean over labels, each counting as often as it is expected.
    public var weighted: AveragedF1 { AveragedF1(labels.values) { Double($0.expected) } }

    /// Adds the counts of further labels.
    public static func += (left: inout Self, right: Self) {
        for (pair, count) in right.confusion { left.confusion[pair, default: 0] += count }
    }
}
