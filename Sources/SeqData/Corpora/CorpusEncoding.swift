import SeqFiles

/// How the pairs of a corpus become token ids: everything that decides what is in its cache.
public struct CorpusEncoding: Sendable {
    /// Where the pairs stand.
    public var corpus: ParallelCorpus
    /// The file of known alignments, empty for none.
    public var alignment = ""
    /// The file of the weights of pairs in the loss, empty for none.
    public var weights = ""
    /// Pairs with a side of more tokens are dropped.
    public var maximumLength: Int
    /// Which other pairs are dropped.
    public var filters = FilterConfiguration()
    /// A name for everything that decides what `encode` returns, such as the hashes of tokenizers.
    public var tokenizers: String
    /// The number of ids of the source and of the target.
    public var vocabularies: (source: Int, target: Int)
    /// Whether `encode` finds words that the source vocabulary lacks.
    public var findsUnknownWords = false
    /// Whether `encode` returns ``EncodedPair/copies``.
    public var copies = false
    /// Returns the token ids of a pair of lines; called by several threads at once.
    public var encode: @Sendable (_ source: String, _ target: String) throws -> EncodedPair
    /// Returns whether both lines are in the scripts they should be in; called likewise.
    public var isInScript: @Sendable (_ source: String, _ target: String) -> Bool = { _, _ in true }

    /// Creates the encoding of a corpus.
    ///
    /// - Parameters:
    ///   - corpus: Where the pairs stand.
    ///   - maximumLength: Pairs with a side of more tokens are dropped.
    ///   - tokenizers: A name for everything that decides what `encode` returns.
    ///   - vocabularies: The number of ids of the source and of the target.
    ///   - encode: Returns the token ids of a pair of lines.
    public init(
        _ corpus: ParallelCorpus, maximumLength: Int, tokenizers: String,
        vocabularies: (source: Int, target: Int),
        encode: @escaping @Sendable (_ source: String, _ target: String) throws -> EncodedPair
    ) {
        self.corpus = corpus
        self.maximumLength = maximumLength
        self.tokenizers = tokenizers
        self.vocabularies = vocabularies
        self.encode = encode
    }

    /// All files that are read.
    var paths: [String] { corpus.paths + [alignment, weights].filter { !$0.isEmpty } }

    /// The hash of everything that decides what is in the cache.
    ///
    /// - Parameter files: The files of ``paths``.
    func key(_ files: [FileStamp]) -> String {
        let columns =
            switch corpus.origin {
            case .files: ""
            case .table(_, let source, let target): "\(source) \(target)"
            }
        let parts = [
            "\(TokenCache.formatVersion)", "\(alignment.isEmpty) \(weights.isEmpty)", columns,
            "\(maximumLength)", "\(filters)", tokenizers, "\(vocabularies)",
            "\(findsUnknownWords) \(copies)",
        ]
        var hash = ContentHash()
        hash.update(Array((files.map(\.sha256) + parts).joined(separator: "\n").utf8))
        return hash.hexadecimal
    }

    /// Encodes a pair, or says why it is dropped.
    func encoded(_ line: PairLine) throws -> EncodedLine {
        let (source, target) = (line.source, line.target)
        if isBlank(source) || isBlank(target) { return .dropped(.empty) }
        if filters.dropsIdentical, source.utf8.elementsEqual(target.utf8) {
            return .dropped(.identical)
        }
        if !isInScript(source, target) { return .dropped(.script) }
        var pair = try encode(source, target)
        let lengths = (source: pair.source.count, target: pair.target.count)
        if lengths.source == 0 || lengths.target == 0 { return .dropped(.empty) }
        if max(lengths.source, lengths.target) > maximumLength { return .dropped(.overlong) }
        if let problem = filters.problem(source: lengths.source, target: lengths.target) {
            return .dropped(problem)
        }
        if let alignment = line.alignment {
            pair.links =
                try AlignmentFile.links(
                    alignment.get(), source: lengths.source, target: lengths.target)[...]
        }
        if let weight = line.weight { pair.weight = try weight.get().weight() }
        return .kept(pair, hash: filters.dropsDuplicates ? Self.hash(source, target) : 0)
    }

    /// The 64-bit hash of a pair of lines (FNV-1a, mixed).
    private static func hash(_ source: String, _ target: String) -> UInt64 {
        var hash = FNV1a()
        hash.add(source.utf8)
        hash.add(0)
        hash.add(target.utf8)
        return SplitMix64.mixed(hash.value)
    }
}

/// A pair as it stands in its files, with its lines of the files beside them.
struct PairLine {
    var source: String
    var target: String
    var alignment: Result<SideFile.Line, any Error>?
    var weight: Result<SideFile.Line, any Error>?
}

/// What became of a pair.
enum EncodedLine {
    case kept(EncodedPair, hash: UInt64)
    case dropped(CorpusReport.Problem)
}
