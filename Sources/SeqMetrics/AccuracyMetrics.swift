/// The share of hypotheses that are, code point for code point, one of their references.
public struct SentenceAccuracy: CorpusMetric, Hashable {
    /// Creates the metric.
    public init() {}

    /// The name of the metric.
    public var metric: Metric { .sentenceAccuracy }

    /// The statistics of no segment at all.
    public var emptyStatistics: Accuracy { Accuracy() }

    /// Returns the statistics of one segment.
    public func statistics(hypothesis: String, references: [String]) -> Accuracy {
        .best(references.map { .sentence(predicted: hypothesis, expected: $0) })
    }

    /// Returns the score that follows from summed statistics.
    public func score(of statistics: Accuracy) -> AccuracyScore {
        AccuracyScore(statistics, name: "sentence-accuracy")
    }
}

/// The share of positions that hold the token of the reference, tokens standing between white space.
///
/// Of several references of a segment the one counts with the highest share.
public struct TokenAccuracy: CorpusMetric, Hashable {
    /// Creates the metric.
    public init() {}

    /// The name of the metric.
    public var metric: Metric { .tokenAccuracy }

    /// The statistics of no segment at all.
    public var emptyStatistics: Accuracy { Accuracy() }

    /// Returns the statistics of one segment.
    public func statistics(hypothesis: String, references: [String]) -> Accuracy {
        var numbering = TokenNumbering()
        let predicted = numbering.add(TokenList(splitting: Array(hypothesis.utf8)))
        return .best(
            references.map { reference in
                let expected = numbering.add(TokenList(splitting: Array(reference.utf8)))
                return .tokens(predicted: predicted, expected: expected)
            })
    }

    /// Returns the score that follows from summed statistics.
    public func score(of statistics: Accuracy) -> AccuracyScore {
        AccuracyScore(statistics, name: "token-accuracy")
    }
}

extension Accuracy {
    /// The one with the highest share; of equals, and of those without an answer, the first.
    fileprivate static func best(_ candidates: [Accuracy]) -> Accuracy {
        precondition(!candidates.isEmpty, "accuracy of a segment with 0 references")
        return candidates.dropFirst().reduce(candidates[0]) { best, next in
            next.value > best.value ? next : best
        }
    }
}

/// A share of right answers as the score of a metric.
public struct AccuracyScore: MetricScore, Hashable, Codable {
    /// The share of right answers from 0 to 1; not a number when there is no answer.
    public var score: Double
    /// The number of right answers.
    public var correct: Int
    /// The number of answers.
    public var total: Int
    /// What was counted: `token-accuracy` or `sentence-accuracy`.
    public var name: String

    init(_ accuracy: Accuracy, name: String) {
        score = accuracy.value
        correct = accuracy.correct
        total = accuracy.total
        self.name = name
    }

    /// How the score was made; `version` names this implementation.
    public var signature: String { "\(name)|version:\(BLEU.implementation)" }

    /// Returns the share as a percentage.
    public func formatted(decimals: Int = 2) -> String {
        "\(name) = \(fixedPoint(100 * score, decimals: decimals)) %"
    }
}

extension AccuracyScore: CustomStringConvertible {
    /// The share as a percentage with two decimals.
    public var description: String { formatted() }
}
