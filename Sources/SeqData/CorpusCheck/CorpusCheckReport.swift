/// What a check of corpora has found: figures of each corpus, and the findings.
public struct CorpusCheckReport: Sendable {
    /// The corpora, those for training first, each with a sample of it.
    public var corpora: [(summary: CorpusSummary, sample: ReservoirSample<SampledPair>)] = []
    /// What to know, the worst first.
    public var findings: [CorpusFinding] = []

    /// Adds findings in their place.
    public mutating func add(_ more: [CorpusFinding]) {
        let order = CorpusFinding.Severity.allCases
        findings = order.flatMap { severity in
            (findings + more).filter { $0.severity == severity }
        }
    }
}

/// The figures of a corpus.
public struct CorpusSummary: Encodable, Sendable {
    /// Which one it is.
    public var corpus: CorpusFinding.Corpus
    /// The number of pairs.
    public var pairs: Int
    /// Whether only the beginning was read.
    public var isPartial: Bool
    /// The source side.
    public var source: SideSummary
    /// The target side.
    public var target: SideSummary
    /// Pairs with an empty side.
    public var emptyPairs: Int
    /// Pairs whose sides are the same.
    public var identicalPairs: Int
    /// The ratios of lengths.
    public var ratio: RatioSummary
    /// How the sides of pairs agree.
    public var agreement: AgreementSummary
    /// What is repeated.
    public var duplicates: DuplicateSummary
    /// What is shared with the training corpus.
    public var leakage: LeakageSummary?
}

/// The figures of a side of a corpus.
public struct SideSummary: Encodable, Sendable {
    /// The file.
    public var path: String
    /// The number of lines.
    public var lines: Int
    /// The unit in which its lines are counted against limits: words, or characters where words are not
    /// separated by spaces or are the whole line.
    public var unit: Unit
    /// Lengths in characters, white space not counted.
    public var characters: LengthHistogram
    /// Lengths in words, that is, in what stands between white space.
    public var words: LengthHistogram
    /// The number of lines mostly in each script.
    public var scripts: [String: Int]
    /// The number of lines with a letter and its accent as two characters.
    public var decomposedLines: Int
    /// The number of lines with characters of full width.
    public var fullWidthLines: Int

    /// What lengths are counted in.
    public enum Unit: String, Encodable, Sendable {
        /// What stands between white space.
        case words
        /// Characters that are not white space.
        case characters
    }
}
