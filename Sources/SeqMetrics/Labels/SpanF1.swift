/// The F1 of spans, over all and for each type: a span is right when its ends and its type are.
///
/// The numbers are those of seqeval 1.2.2 in its default mode and of the script conlleval of CoNLL-2000.
public struct SpanF1: MetricStatistics, Hashable {
    /// The counts of each type that is predicted or expected.
    public private(set) var types: [String: PrecisionRecall] = [:]
    /// The steps whose label is right.
    public private(set) var labels = Accuracy()

    /// Creates the counts of nothing.
    public init() {}

    /// Creates the counts of one sequence.
    ///
    /// - Parameters:
    ///   - predicted: a label for each step.
    ///   - expected: as many.
    public init(predicted: [String], expected: [String]) {
        labels = Accuracy.tokens(predicted: predicted, expected: expected)
        let (found, right) = (LabelSpan.spans(of: predicted), LabelSpan.spans(of: expected))
        for span in found { types[span.type, default: PrecisionRecall()].predicted += 1 }
        for span in right { types[span.type, default: PrecisionRecall()].expected += 1 }
        for span in Set(found).intersection(right) {
            types[span.type, default: PrecisionRecall()].correct += 1
        }
    }

    /// The counts of all types together.
    public var overall: PrecisionRecall {
        types.values.reduce(into: PrecisionRecall()) { $0 += $1 }
    }

    /// The mean over types, each counting the same.
    public var macro: AveragedF1 { AveragedF1(types.values) { _ in 1 } }

    /// The mean over types, each counting as often as it is expected.
    public var weighted: AveragedF1 { AveragedF1(types.values) { Double($0.expected) } }

    /// Adds the counts of further sequences.
    public static func += (left: inout Self, right: Self) {
        for (type, counts) in right.types { left.types[type, default: PrecisionRecall()] += counts }
        left.labels += right.labels
    }
}
