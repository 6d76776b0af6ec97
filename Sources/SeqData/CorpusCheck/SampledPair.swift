/// A pair of texts of a sample of a corpus.
public struct SampledPair: Sendable, Hashable {
    /// Its line, counted from 1.
    public var line: Int
    /// The source.
    public var source: String
    /// The target.
    public var target: String
}
