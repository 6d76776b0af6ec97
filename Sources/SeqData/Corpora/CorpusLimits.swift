/// Up to what share of a corpus a flaw is tolerated; beyond it, it is an error.
public struct CorpusLimits: Encodable, Hashable, Sendable {
    /// Tokens of a side that the vocabulary lacks.
    public var maximumUnknown = 0.05
    /// Pairs that have occurred before.
    public var maximumDuplicates = 0.3
    /// Held-out pairs that are in the training corpus.
    public var maximumLeakage = 0.01
    /// Pairs with an empty side.
    public var maximumEmpty = 0.01
    /// Pairs with a side longer than ``maximumLength``.
    public var maximumOverlong = 0.05
    /// Pairs whose ratio of lengths is far from the usual one.
    public var maximumOutliers = 0.05
    /// Pairs whose sides are the same.
    public var maximumIdentical = 0.5
    /// Lines of a side in another script than most.
    public var maximumOtherScript = 0.05
    /// The largest length of a side: in tokens with a tokenizer, else in words, and four times as much
    /// where characters are counted.
    public var maximumLength = 250

    /// Creates the default limits.
    public init() {}

    func maximumLength(in unit: SideSummary.Unit) -> Int {
        guard unit != .words else { return maximumLength }
        let (characters, isTooLarge) = maximumLength.multipliedReportingOverflow(by: 4)
        return isTooLarge ? .max : characters
    }
}
