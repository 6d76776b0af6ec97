/// Which training pairs are dropped beside empty and overlong ones.
public struct FilterConfiguration: Codable, Hashable, Sendable {
    /// Pairs with a side of fewer tokens are dropped; by default 1.
    public var minimumLength = 1
    /// Pairs whose longer side has more tokens than this times those of the shorter one are dropped;
    /// 0, the default, for no limit.
    public var maximumRatio = 0.0
    /// Whether a pair is dropped that has come before in its corpus; by default false.
    ///
    /// Pairs are told apart by a hash of 64 bits; while the cache is built that takes up to 32 bytes of
    /// memory a pair.
    public var dropsDuplicates = false
    /// Whether a pair of two equal lines is dropped; by default false.
    public var dropsIdentical = false
    /// The scripts of Unicode, separated by spaces, in which most letters of a source must be; empty,
    /// the default, for any.
    public var sourceScript = ""
    /// The scripts of targets.
    public var targetScript = ""

    /// Creates the default configuration.
    public init() {}

    private enum CodingKeys: String, CodingKey {
        case minimumLength = "minimum_length"
        case maximumRatio = "maximum_ratio"
        case dropsDuplicates = "drop_duplicates"
        case dropsIdentical = "drop_identical"
        case sourceScript = "source_script"
        case targetScript = "target_script"
    }

    /// Why a record with texts of these numbers of tokens is dropped.
    func problem(_ lengths: [Int]) -> CorpusReport.Problem? {
        guard let shortest = lengths.min(), let longest = lengths.max() else { return nil }
        if shortest < minimumLength { return .short }
        let isUnequal = maximumRatio > 0 && Double(longest) > maximumRatio * Double(shortest)
        return isUnequal ? .unequal : nil
    }
}
