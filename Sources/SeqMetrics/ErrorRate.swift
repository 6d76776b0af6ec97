/// What an error rate has to know of a corpus: edits, and the length of the references.
public struct ErrorRateStatistics: MetricStatistics, Hashable {
    /// The number of edits that make the hypotheses equal to references.
    public internal(set) var edits = 0
    /// The length of the references; of several references of a segment, what the metric takes.
    public internal(set) var referenceLength = 0.0
    /// The numbers of references of the segments.
    public internal(set) var referenceCounts = ReferenceCounts()

    /// Adds the statistics of further segments.
    public static func += (left: inout Self, right: Self) {
        left.edits += right.edits
        left.referenceLength += right.referenceLength
        left.referenceCounts += right.referenceCounts
    }

    /// The statistics of the reference that takes the fewest edits for its length.
    static func closest(
        _ references: [(edits: Int, length: Int)]
    ) -> ErrorRateStatistics {
        func rate(_ reference: (edits: Int, length: Int)) -> Double {
            Double(reference.edits) / Double(max(1, reference.length))
        }
        var result = ErrorRateStatistics()
        let best = references.min { rate($0) < rate($1) }
        result.edits = best?.edits ?? 0
        result.referenceLength = Double(best?.length ?? 0)
        result.referenceCounts = ReferenceCounts(references.count)
        return result
    }
}

/// An error rate with what it was made of.
public struct ErrorRateScore: MetricScore, Hashable, Codable {
    /// Edits for 100 tokens of the references: 0 is best, and more than 100 is possible.
    public var score: Double
    /// The number of edits.
    public var edits: Int
    /// The length of the references.
    public var referenceLength: Double
    /// The short name of the rate: `TER`, `WER` or `CER`.
    public var name: String
    /// How the score was made; `version` names this implementation.
    public var signature: String

    /// Returns the score in sacreBLEU's form: `TER|nrefs:1|… = 41.67`.
    public func formatted(decimals: Int = 2) -> String {
        "\(name)|\(signature) = \(fixedPoint(score, decimals: decimals))"
    }

    private enum CodingKeys: String, CodingKey {
        case score, edits, name, signature
        case referenceLength = "reference_length"
    }
}

extension ErrorRateScore: CustomStringConvertible {
    /// The score with two decimals in sacreBLEU's form.
    public var description: String { formatted() }
}
