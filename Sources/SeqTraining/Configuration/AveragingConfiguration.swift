import SeqFiles

/// Which models a run keeps, and of what `best` is the mean.
public struct AveragingConfiguration: Codable, Sendable, Hashable {
    /// The decay of the exponential moving average of the parameters, which is then what is validated
    /// and kept; 0 for none.
    public var ema: Float = 0
    /// `best` is the mean of so many of the best validated models; 1 is the best one alone.
    public var best = 1
    /// So many of the last saved models stay in `checkpoints`.
    public var keepLast = 0

    /// Creates the default configuration.
    public init() {}

    private enum CodingKeys: String, CodingKey {
        case ema, best
        case keepLast = "keep_last"
    }

    func validate() throws {
        func check(_ isGood: Bool, _ name: String, _ value: Any, _ remedy: String) throws {
            guard isGood else {
                throw Seq2SeqError(
                    option: "training.averaging.\(name)", "is \(value)", remedy: remedy)
            }
        }
        try check(
            (0..<1).contains(ema), "ema", ema,
            "choose 0 for none, or a number below 1 such as 0.999")
        try check((1...1000).contains(best), "best", best, "choose a number from 1 to 1000")
        try check(keepLast >= 0, "keep_last", keepLast, "choose 0 or more")
    }
}
