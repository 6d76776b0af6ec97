/// A share of right answers.
public struct Accuracy: MetricStatistics, Hashable, Codable {
    /// The number of right answers.
    public var correct: Int
    /// The number of answers.
    public var total: Int

    /// Creates an accuracy from its two counts.
    public init(correct: Int = 0, total: Int = 0) {
        self.correct = correct
        self.total = total
    }

    /// The share of right answers from 0 to 1; not a number when there is no answer.
    public var value: Double { Double(correct) / Double(total) }

    /// Adds the counts of further answers.
    public static func += (left: inout Self, right: Self) {
        left.correct += right.correct
        left.total += right.total
    }

    /// Returns the token accuracy of one sequence.
    ///
    /// A position is right when both sequences have the same token there. The total is the length of
    /// the longer sequence, so that a token too many costs as much as one too few.
    public static func tokens<Token: Equatable>(
        predicted: some Collection<Token>, expected: some Collection<Token>
    ) -> Accuracy {
        let correct = zip(predicted, expected).count { $0 == $1 }
        return Accuracy(correct: correct, total: max(predicted.count, expected.count))
    }

    /// Returns the sentence accuracy of one sequence: right when it equals the expected one.
    public static func sentence<Token: Equatable>(
        predicted: some Collection<Token>, expected: some Collection<Token>
    ) -> Accuracy {
        Accuracy(correct: predicted.elementsEqual(expected) ? 1 : 0, total: 1)
    }

    /// Returns the sentence accuracy of one text: right when it is the same sequence of code points.
    ///
    /// `String.==` would also accept texts that are only canonically equivalent.
    public static func sentence(predicted: String, expected: String) -> Accuracy {
        sentence(predicted: predicted.utf8, expected: expected.utf8)
    }
}

extension Accuracy: CustomStringConvertible {
    /// The accuracy as a percentage with two decimals and its counts.
    public var description: String {
        "\(fixedPoint(100 * value, decimals: 2)) % (\(correct) of \(total))"
    }
}
