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
