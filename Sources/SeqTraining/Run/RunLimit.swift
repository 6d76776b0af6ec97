/// How far a run goes before it pauses, to be continued later: `--for` and `--until`.
///
/// Unlike `training.epochs` and `training.maximum_steps` it is no property of the run: schedules do not
/// see it, and a run that was paused and continued ends as one that was not.
public struct RunLimit: Sendable, Hashable, CustomStringConvertible {
    /// What is counted.
    public enum Unit: String, Sendable, CaseIterable {
        /// Updates.
        case steps
        /// Passes over the corpus.
        case epochs
        /// Seconds of training, with validation and saving.
        case seconds = "s"
        /// Minutes of the same.
        case minutes = "m"
        /// Hours of the same.
        case hours = "h"

        /// The seconds in one, if it is time.
        var seconds: Double? {
            switch self {
            case .steps, .epochs: nil
            case .seconds: 1
            case .minutes: 60
            case .hours: 3600
            }
        }
    }

    /// How many units, at least 1.
    public let count: Int
    /// What is counted.
    public let unit: Unit
    /// Whether it is counted from the start of the run, not from where it is taken up.
    public let isTotal: Bool

    /// Reads a number with a unit: `5000` or `5000steps`, `3epochs`, `30s`, `90m`, `2h`; nil for
    /// anything else.
    public init?(_ text: String, isTotal: Bool) {
        let digits = text.prefix { ("0"..."9").contains($0) }
        let suffix = text.dropFirst(digits.count)
        guard let count = Int(digits), (1...1_000_000_000).contains(count),
            let unit = suffix.isEmpty ? .steps : Unit(rawValue: String(suffix))
        else { return nil }
        self.count = count
        self.unit = unit
        self.isTotal = isTotal
    }

    /// The limit as it is given on the command line.
    public var description: String { "--\(isTotal ? "until" : "for") \(count)\(unit.rawValue)" }
}

/// Where a run stands, in all that limits count.
struct RunPosition {
    /// Updates so far.
    var steps: Int
    /// Epochs so far, with the part of the one that is running.
    var epochs: Double
    /// Seconds of training so far.
    var seconds: Double

    /// Whether the run, taken up at `start`, has reached `limit`.
    func reaches(_ limit: RunLimit, from start: RunPosition) -> Bool {
        let (now, then): (Double, Double) =
            switch limit.unit {
            case .steps: (Double(steps), Double(start.steps))
            // A sum of fractions may fall short of a whole number by their rounding.
            case .epochs: (epochs + 1e-9, start.epochs)
            case .seconds, .minutes, .hours: (seconds, start.seconds)
            }
        return now - (limit.isTotal ? 0 : then) >= Double(limit.count) * (limit.unit.seconds ?? 1)
    }
}
