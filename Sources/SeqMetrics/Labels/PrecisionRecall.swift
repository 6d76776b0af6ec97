/// How many things were found, how many there are, and how many of those found are right.
public struct PrecisionRecall: MetricStatistics, Hashable, Codable {
    /// The number of things that are both predicted and expected.
    public var correct: Int
    /// The number of things predicted.
    public var predicted: Int
    /// The number of things expected.
    public var expected: Int

    /// Creates the counts.
    public init(correct: Int = 0, predicted: Int = 0, expected: Int = 0) {
        self.correct = correct
        self.predicted = predicted
        self.expected = expected
    }

    /// The share of the predicted things that are right, from 0 to 1; 0 where nothing is predicted.
    public var precision: Double { Self.share(correct, of: predicted) }

    /// The share of the expected things that are found, from 0 to 1; 0 where nothing is expected.
    public var recall: Double { Self.share(correct, of: expected) }

    /// The harmonic mean of precision and recall, 0 where both are (van Rijsbergen 1979).
    public var f1: Double { Self.share(2 * correct, of: predicted + expected) }

    private static func share(_ part: Int, of whole: Int) -> Double {
        whole == 0 ? 0 : Double(part) / Double(whole)
    }

    /// Adds the counts of further things.
    public static func += (left: inout Self, right: Self) {
        left.correct += right.correct
        left.predicted += right.predicted
        left.expected += right.expected
    }
}

/// Precision, recall and F1 averaged over classes.
public struct AveragedF1: Sendable, Hashable {
    /// The mean of the precisions.
    public var precision: Double
    /// The mean of the recalls.
    public var recall: Double
    /// The mean of the F1s, which is not the F1 of the means.
    public var f1: Double

    /// The mean over `classes`, each counting `weight` of itself; all are 0 where nothing counts.
    init(_ classes: some Collection<PrecisionRecall>, weight: (PrecisionRecall) -> Double) {
        // In an order of their own, so that sums are rounded alike in every run.
        let classes = classes.sorted {
            ($0.expected, $0.predicted, $0.correct) < ($1.expected, $1.predicted, $1.correct)
        }
        let total = classes.reduce(0) { $0 + weight($1) }
        func mean(_ value: (PrecisionRecall) -> Double) -> Double {
            total == 0 ? 0 : classes.reduce(0) { $0 + weight($1) * value($1) } / total
        }
        (precision, recall, f1) = (mean(\.precision), mean(\.recall), mean(\.f1))
    }
}
