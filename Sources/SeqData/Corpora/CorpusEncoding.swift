import SeqFiles
public import SeqText

/// How the records of a corpus become examples: everything that decides what is in its cache.
public struct CorpusEncoding: Sendable {
    /// Where the records stand.
    public var corpus: ParallelCorpus
    /// The file of known alignments, empty for none.
    public var alignment = ""
    /// The file of the weights of pairs in the loss, empty for none.
    public var weights = ""
    /// Records with a text of more tokens are dropped.
    public var maximumLength: Int
    /// Which other records are dropped.
    public var filters = FilterConfiguration()
    /// A name for everything that decides what `encode` returns, such as the hashes of tokenizers.
    public var tokenizers: String
    /// The columns of the examples that `encode` returns: inputs, outputs, and what stands beside them.
    ///
    /// A corpus with an ``alignment`` has a column `links` more, the last.
    public var columns: [ColumnDescription]
    /// Returns the example of the fields of a record, or why it is dropped; called by several threads at
    /// once.
    public var encode: @Sendable (_ fields: [Field]) throws -> EncodedRecord
    /// Returns whether the first input and the first output that are text are in the scripts they should be
    /// in; called likewise.
    public var isInScript: @Sendable (_ source: String, _ target: String) -> Bool = { _, _ in true }

    /// Creates the encoding of a corpus.
    ///
    /// - Parameters:
    ///   - corpus: Where the records stand.
    ///   - columns: What `encode` returns.
    ///   - maximumLength: Records with a text of more tokens are dropped.
    ///   - tokenizers: A name for everything that decides what `encode` returns.
    ///   - encode: Returns the example of the fields of a record.
    public init(
        _ corpus: ParallelCorpus, columns: [ColumnDescription], maximumLength: Int,
        tokenizers: String, encode: @escaping @Sendable (_ fields: [Field]) throws -> EncodedRecord
    ) {
        self.corpus = corpus
        self.columns = columns
        self.maximumLength = maximumLength
        self.tokenizers = tokenizers
        self.encode = encode
    }

    /// The columns of the cache.
    var cachedColumns: [ColumnDescription] {
        alignment.isEmpty
            ? columns : columns + [.ids("links", vocabulary: maximumLength, role: .aside)]
    }

    /// All files that are read.
    var paths: [String] { corpus.paths + [alignment, weights].filter { !$0.isEmpty } }

    /// The hash of everything that decides what is in the cache.
    ///
    /// - Parameter files: The files of ``paths``.
    func key(_ files: [FileStamp]) -> String {
        let parts = [
            "\(ExampleCache.formatVersion)", "\(alignment.isEmpty) \(weights.isEmpty)",
            corpus.fieldNames, "\(maximumLength)", "\(filters)", tokenizers, "\(columns)",
        ]
        var hash = ContentHash()
        hash.update(Array((files.map(\.sha256) + parts).joined(separator: "\n").utf8))
        return hash.hexadecimal
    }

    /// Encodes a record, or says why it is dropped.
    func encoded(_ record: Record) throws -> EncodedRecord {
        if record.fields.contains(where: \.isBlank) { return .dropped(.empty) }
        let texts = (
            source: text(.input, of: record.fields), target: text(.output, of: record.fields)
        )
        if filters.dropsIdentical, let (source, target) = both(texts),
            source.text.utf8.elementsEqual(target.text.utf8)
        {
            return .dropped(.identical)
        }
        if !isInScript(texts.source?.text ?? "", texts.target?.text ?? "") {
            return .dropped(.script)
        }
        let encoded = try record.locating { try encode(record.fields) }
        guard case .example(var example, let spellings) = encoded else { return encoded }
        precondition(
            example.columns.count == columns.count,
            "an example of \(example.columns.count) columns where \(columns.count) are described")
        if zip(example.columns, columns).contains(where: { $0.count == 0 && $1.role != .aside }) {
            return .dropped(.empty)
        }
        let lengths = [texts.source, texts.target].compactMap { $0 }.map {
            example.columns[$0.column].count
        }
        if lengths.contains(where: { $0 > maximumLength }) { return .dropped(.overlong) }
        if let problem = filters.problem(lengths) { return .dropped(problem) }
        if let alignment = record.alignment {
            let links = try AlignmentFile.links(
                alignment.get(), source: example.columns[0].count,
                target: example.columns[1].count)
            example.columns.append(.ids(links[...]))
        }
        if let weight = record.weight { example.weight = try weight.get().weight() }
        return .example(example, spellings: spellings)
    }

    private typealias Text = (column: Int, text: String)

    /// The first field of a role that is text.
    private func text(_ role: ColumnDescription.Role, of fields: [Field]) -> Text? {
        columns.firstIndex { $0.role == role && $0.isText }.map { ($0, fields[$0].text) }
    }

    private func both(_ texts: (source: Text?, target: Text?)) -> (Text, Text)? {
        guard let source = texts.source, let target = texts.target else { return nil }
        return (source, target)
    }

    /// The 64-bit hash of the fields of a record (FNV-1a, mixed).
    static func hash(_ fields: [Field]) -> UInt64 {
        var hash = FNV1a()
        for (number, field) in fields.enumerated() {
            if number > 0 { hash.add(0) }
            hash.add(field.text.utf8)
        }
        return SplitMix64.mixed(hash.value)
    }
}

/// What became of a record.
public enum EncodedRecord: Hashable, Sendable {
    /// It became an example. In columns that keep spellings the id -1 - n stands for the n-th of
    /// `spellings`, the words that the vocabulary lacks; in others -1 stands for what is not known.
    case example(Example, spellings: [String] = [])
    /// It is left out.
    case dropped(CorpusReport.Problem)
}
