import SeqFiles
import CSentencePiece

/// What a SentencePiece training is told.
public struct SentencePieceOptions: Sendable, Hashable {
    /// The kinds of model.
    public enum ModelType: String, Codable, Sendable, Hashable, CaseIterable {
        /// A unigram language model over pieces (Kudo 2018).
        case unigram
        /// Byte-pair encoding (Sennrich et al. 2016).
        case bpe
        /// Single characters.
        case char
        /// Words between spaces.
        case word
    }

    /// The rules for characters that the model stores and applies to every text.
    public enum NormalizationRule: String, Sendable, Hashable, CaseIterable {
        /// The characters as they are; only white space is collapsed.
        case identity
        /// Normalisation form KC.
        case nfkc
        /// Form KC, without control characters, and with more kinds of white space.
        case nmtNFKC = "nmt_nfkc"
    }

    /// The kind of model.
    public var modelType: ModelType
    /// The number of pieces, the three special ones included.
    public var vocabularySize: Int
    /// The share of characters that must be representable, 0.98 to 1.
    public var characterCoverage: Double
    /// The rules for characters.
    public var normalizationRule: NormalizationRule
    /// Symbols that always form one piece.
    public var userDefinedSymbols: [String]
    /// The seed of the choice of sentences where there are more than `sentenceLimit`.
    public var seed: UInt32
    /// The largest number of sentences that training looks at; more cost memory, not quality.
    public var sentenceLimit: Int
    /// The number of threads.
    ///
    /// It is a fixed number and not that of the machine's cores: sums are taken per thread, so
    /// that another number of threads may give another model.
    public var threads: Int

    /// Creates options.
    public init(
        modelType: ModelType = .unigram, vocabularySize: Int = 8000,
        characterCoverage: Double = 1, normalizationRule: NormalizationRule = .nfkc,
        userDefinedSymbols: [String] = [], seed: UInt32 = 1, sentenceLimit: Int = 2_000_000,
        threads: Int = 2
    ) {
        self.modelType = modelType
        self.vocabularySize = vocabularySize
        self.characterCoverage = characterCoverage
        self.normalizationRule = normalizationRule
        self.userDefinedSymbols = userDefinedSymbols
        self.seed = seed
        self.sentenceLimit = sentenceLimit
        self.threads = threads
    }
}

extension SentencePieceTokenizer {
    /// Returns a tokenizer learnt from texts; the same texts and options give the same bytes.
    ///
    /// Lines longer than 4,096 bytes are cut, preferably at spaces. Throws `badConfiguration` for
    /// a vocabulary that the texts cannot fill, or that cannot hold their characters, and
    /// `badData` where there is no text.
    public static func train(
        on texts: some Sequence<String>, options: SentencePieceOptions
    ) throws -> SentencePieceTokenizer {
        try check(options)
        let joined = JoinedText(texts)
        var model: UnsafeMutablePointer<CChar>?
        var length = 0
        var largest: Int32 = 0
        var smallest: Int32 = 0
        let message = joined.withCharacters { text in
            withSettings(options) { settings in
                seq_spm_train(
                    text.baseAddress, joined.ends, joined.ends.count, settings, &model, &length,
                    &largest, &smallest)
            }
        }
        defer { seq_spm_free(model) }
        if message != nil, largest > 0 || smallest > 0 {
            seq_spm_free(message)
            throw sizeError(options, largest: Int(largest), smallest: Int(smallest))
        }
        try SentencePieceModel.check(message, .badData, "SentencePiece cannot be trained")
        let bytes = UnsafeRawBufferPointer(start: model, count: length)
        return try SentencePieceTokenizer(modelBytes: Array(bytes))
    }

    private static func sizeError(
        _ options: SentencePieceOptions, largest: Int, smallest: Int
    ) -> Seq2SeqError {
        let size = options.vocabularySize
        if largest > 0 {
            return Seq2SeqError(
                option: "vocabulary_size",
                "\(size) is too large for this corpus; at most \(largest)",
                remedy: "set vocabulary_size to \(largest) or less, or train on more text")
        }
        return Seq2SeqError(
            .badConfiguration,
            reason: "vocabulary_size \(size) is too small: the characters of this corpus and "
                + "the special tokens need \(smallest)",
            remedy: "set vocabulary_size above \(smallest), or lower character_coverage, "
                + "for example to 0.9995")
    }

    private static func check(_ options: SentencePieceOptions) throws {
        let symbols = options.userDefinedSymbols
        let reserved = 3 + symbols.count
        if options.vocabularySize <= reserved || Int32(exactly: options.vocabularySize) == nil {
            throw Seq2SeqError(
                .badConfiguration,
                reason: "vocabulary_size is \(options.vocabularySize), and special tokens take "
                    + "\(reserved)",
                remedy: "set vocabulary_size to some thousands")
        }
        if !(0.98...1).contains(options.characterCoverage) {
            throw Seq2SeqError(
                option: "character_coverage",
                "is \(options.characterCoverage)",
                remedy: "set character_coverage between 0.98 and 1")
        }
        if !(1...128).contains(options.threads) || options.sentenceLimit < 100 {
            throw Seq2SeqError(
                .badConfiguration,
                reason: "\(options.threads) threads and \(options.sentenceLimit) sentences",
                remedy: "use 1 to 128 threads and at least 100 sentences")
        }
        let special = [Vocabulary.unknownToken, Vocabulary.startToken, Vocabulary.endToken]
        for (index, symbol) in symbols.enumerated()
        where symbol.isEmpty || symbol.utf8.contains(0) || special.contains(symbol)
            || symbols[..<index].contains(symbol)
        {
            throw Seq2SeqError(
                .badConfiguration,
                reason: "\"\(symbol)\" cannot be a user-defined symbol",
                remedy: "leave out empty, repeated and special symbols")
        }
    }

    private static func withSettings<Result>(
        _ options: SentencePieceOptions, _ body: (UnsafePointer<seq_spm_options>) -> Result
    ) -> Result {
        // The C side wants pointers that live until the training is over: all strings stand in
        // one array, each with its terminating zero.
        let strings =
            [options.modelType.rawValue, options.normalizationRule.rawValue]
            + options.userDefinedSymbols
        var characters: [CChar] = []
        var begins: [Int] = []
        for string in strings {
            begins.append(characters.count)
            characters.append(contentsOf: string.utf8CString)
        }
        return characters.withUnsafeBufferPointer { buffer in
            let pointers = begins.map { buffer.baseAddress?.advanced(by: $0) }
            return pointers.dropFirst(2).withContiguousPointers { symbols in
                var settings = seq_spm_options(
                    model_type: pointers[0], normalization: pointers[1],
                    vocabulary_size: Int32(options.vocabularySize),
                    character_coverage: options.characterCoverage, seed: options.seed,
                    threads: Int32(options.threads),
                    sentence_limit: UInt64(options.sentenceLimit),
                    user_symbols: symbols, user_symbol_count: options.userDefinedSymbols.count)
                return body(&settings)
            }
        }
    }
}

extension ArraySlice<UnsafePointer<CChar>?> {
    fileprivate func withContiguousPointers<Result>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
    ) -> Result {
        withUnsafeBufferPointer { body($0.baseAddress) }
    }
}
