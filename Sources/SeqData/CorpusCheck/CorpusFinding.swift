/// Something about a corpus that whoever trains on it should know.
public struct CorpusFinding: Encodable, Hashable, Sendable {
    /// How bad it is.
    public enum Severity: String, Codable, Sendable, CaseIterable {
        /// Training would fail or be wasted.
        case error
        /// It costs quality, or hides what was meant.
        case warning
        /// Worth knowing.
        case note
    }

    /// What it is; the raw values are the stable names in JSON and on the command line.
    public enum Code: String, Codable, Sendable, CaseIterable {
        /// The files have different numbers of lines.
        case unequalLines = "unequal_lines"
        /// Lines of a table lack columns.
        case missingColumns = "missing_columns"
        /// There are no pairs.
        case noPairs = "no_pairs"
        /// Bytes are not UTF-8, or NUL.
        case invalidText = "invalid_text"
        /// Lines end in CR LF.
        case carriageReturns = "carriage_returns"
        /// A byte order mark begins the file.
        case byteOrderMark = "byte_order_mark"
        /// There are control characters.
        case controlCharacters = "control_characters"
        /// There are characters that other programs take for line ends.
        case lineSeparators = "line_separators"
        /// There are characters that are not seen.
        case invisibleCharacters = "invisible_characters"
        /// Text was damaged by a wrong encoding.
        case mojibake
        /// A side is empty.
        case emptyLines = "empty_lines"
        /// A side is too long for training.
        case overlongLines = "overlong_lines"
        /// The lengths of the sides do not fit each other.
        case lengthRatio = "length_ratio"
        /// From a line on, one file is shifted against the other.
        case shifted
        /// Pairs of a part of the corpus do not belong together.
        case unrelatedLines = "unrelated_lines"
        /// The pairs agree no better than random ones.
        case misaligned
        /// The sides of pairs are the same.
        case identicalSides = "identical_sides"
        /// Source and target are exchanged.
        case swappedColumns = "swapped_columns"
        /// A side is written in another script than it should be.
        case wrongScript = "wrong_script"
        /// Lines of a side are in another script than most.
        case otherScript = "other_script"
        /// Pairs occur several times.
        case duplicatePairs = "duplicate_pairs"
        /// Sources have several different targets.
        case ambiguousSources = "ambiguous_sources"
        /// Held-out pairs are in the training corpus.
        case leakedPairs = "leaked_pairs"
        /// Held-out sources are in the training corpus.
        case leakedSources = "leaked_sources"
        /// Tokens are not in the vocabulary.
        case unknownTokens = "unknown_tokens"
        /// Text and vocabulary differ in upper and lower case.
        case caseMismatch = "case_mismatch"
        /// Text and vocabulary differ in their Unicode normalisation.
        case normalizationMismatch = "normalization_mismatch"
        /// Targets do not come back from their tokens as they are.
        case lossyTargets = "lossy_targets"
        /// Entries of the vocabulary do not occur.
        case unseenVocabulary = "unseen_vocabulary"
        /// A tokenizer cannot be trained on the corpus.
        case tokenizer
    }

    /// A corpus of a training run.
    public enum Corpus: String, Codable, Sendable, CaseIterable {
        /// What the model learns from.
        case training
        /// What it is judged by in training.
        case validation
        /// What it is judged by in the end.
        case test
    }

    /// A side of the pairs.
    public enum Side: String, Codable, Sendable, CaseIterable {
        /// What is given.
        case source
        /// What is to be produced.
        case target
    }

    /// What it is.
    public var code: Code
    /// How bad it is.
    public var severity: Severity
    /// The corpus concerned.
    public var corpus: Corpus
    /// The side concerned; nil for both.
    public var side: Side?
    /// The file concerned, or both.
    public var path: String
    /// What was found, in a sentence.
    public var message: String
    /// What to do about it.
    public var remedy: String
    /// How often it was found.
    public var count: Int
    /// Its share, where it has a limit.
    public var share: Double?
    /// The limit of the share.
    public var limit: Double?
    /// Some of the lines, counted from 1.
    public var lines: [Int]
    /// What stands in them, shortened.
    public var examples: [String] = []
    /// Whether there is no doubt that training would be wasted, so that `train` refuses.
    public var isCertain = false

    /// Creates a finding.
    public init(
        _ code: Code, _ severity: Severity, _ corpus: Corpus, _ side: Side? = nil, path: String,
        _ message: String, remedy: String, count: Int = 1, share: Double? = nil,
        limit: Double? = nil, lines: [Int] = [], isCertain: Bool = false
    ) {
        self.code = code
        self.severity = severity
        self.corpus = corpus
        self.side = side
        self.path = path
        self.message = message
        self.remedy = remedy
        self.count = count
        self.share = share
        self.limit = limit
        self.lines = lines
        self.isCertain = isCertain
    }
}
