import SeqFiles

/// How text becomes tokens: the settings of a `TextCodec`.
///
/// Every key is always encoded. A key that is missing when decoding takes its default, so that
/// files of earlier versions stay readable.
public struct TokenizerConfiguration: Codable, Sendable, Hashable {
    /// The kinds of tokens.
    public enum Kind: String, Codable, Sendable, Hashable, CaseIterable {
        /// Words, numbers and punctuation marks.
        case word
        /// Single characters.
        case character
        /// Pieces of words, learnt from the text.
        case sentencepiece
        /// What stands between white space, for text that is tokenized already.
        case whitespace
    }

    /// The ways to learn pieces of words.
    public enum SentencePieceType: String, Codable, Sendable, Hashable, CaseIterable {
        /// A unigram language model.
        case unigram
        /// Byte-pair encoding.
        case bpe
    }

    /// The kind of tokens; `word` by default.
    public var kind: Kind
    /// The language as a tag of BCP 47 such as `zh-TW`; "en" by default.
    ///
    /// It decides how words are found and what lower case is.
    public var language: String
    /// Whether letters become lower case; false by default.
    public var lowercase: Bool
    /// The Unicode normalisation form; `nfc` by default, which keeps what characters mean: NFKC makes
    /// 1⁄2 of ½ and 2 of ².
    public var normalization: TextNormalization.Form
    /// The size of the vocabulary with its three special tokens; 8000 by default.
    ///
    /// The largest size for words and characters, the exact one for pieces.
    public var vocabularySize: Int
    /// How often a word or character must occur to enter the vocabulary; 1 by default.
    public var minimumCount: Int
    /// How pieces are learnt; `unigram` by default.
    public var sentencepieceType: SentencePieceType
    /// The share of the characters of a text that pieces must cover; 1 by default.
    ///
    /// For Chinese and Japanese 0.9995 keeps rare characters from filling the vocabulary.
    public var characterCoverage: Double

    /// Creates a configuration.
    public init(
        kind: Kind = .word, language: String = "en", lowercase: Bool = false,
        normalization: TextNormalization.Form = .nfc, vocabularySize: Int = 8000,
        minimumCount: Int = 1, sentencepieceType: SentencePieceType = .unigram,
        characterCoverage: Double = 1
    ) {
        self.kind = kind
        self.language = language
        self.lowercase = lowercase
        self.normalization = normalization
        self.vocabularySize = vocabularySize
        self.minimumCount = minimumCount
        self.sentencepieceType = sentencepieceType
        self.characterCoverage = characterCoverage
    }

    /// The names of the settings in files.
    public enum CodingKeys: String, CodingKey, CaseIterable {
        /// `kind`.
        case kind
        /// `language`.
        case language
        /// `lowercase`.
        case lowercase
        /// `normalization`.
        case normalization
        /// `vocabulary_size`.
        case vocabularySize = "vocabulary_size"
        /// `minimum_count`.
        case minimumCount = "minimum_count"
        /// `sentencepiece_type`.
        case sentencepieceType = "sentencepiece_type"
        /// `character_coverage`.
        case characterCoverage = "character_coverage"
    }

    /// Decodes a configuration; missing keys take their defaults.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func value<Value: Decodable>(_ key: CodingKeys, _ fallback: Value) throws -> Value {
            try container.decodeIfPresent(Value.self, forKey: key) ?? fallback
        }
        func choice<Value: RawRepresentable<String> & CaseIterable>(
            _ key: CodingKeys, _ fallback: Value
        ) throws -> Value {
            let name = try value(key, fallback.rawValue)
            guard let choice = Value(rawValue: name) else {
                let names = Value.allCases.map(\.rawValue).joined(separator: ", ")
                throw DecodingError.dataCorruptedError(
                    forKey: key, in: container,
                    debugDescription: "\(key.rawValue) is \"\(name)\"; it must be one of \(names)")
            }
            return choice
        }
        let defaults = TokenizerConfiguration()
        kind = try choice(.kind, defaults.kind)
        language = try value(.language, defaults.language)
        lowercase = try value(.lowercase, defaults.lowercase)
        normalization = try choice(.normalization, defaults.normalization)
        vocabularySize = try value(.vocabularySize, defaults.vocabularySize)
        minimumCount = try value(.minimumCount, defaults.minimumCount)
        sentencepieceType = try choice(.sentencepieceType, defaults.sentencepieceType)
        characterCoverage = try value(.characterCoverage, defaults.characterCoverage)
    }

    /// The language, whatever an older file may hold for it.
    public var languageTag: LanguageTag { LanguageTag(lenient: language) }

    /// Returns the settings with the canonical tag of their language.
    ///
    /// - Throws: a ``Seq2SeqError`` about the option `language` where there is no such language.
    public func canonical() throws -> TokenizerConfiguration {
        var result = self
        result.language = try LanguageTag(language).description
        return result
    }

    /// Throws if a setting has a value that cannot work.
    ///
    /// A language that no code has is accepted, since models of earlier versions may hold one; see
    /// ``canonical()``.
    public func validate() throws {
        func require(
            _ condition: Bool, _ option: String, _ problem: String, _ remedy: String
        ) throws {
            if !condition { throw Seq2SeqError(option: option, problem, remedy: remedy) }
        }
        let isCode =
            !language.isEmpty
            && language.utf8.allSatisfy { byte in
                (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte)
                    || byte == 0x2D || byte == 0x5F
            }
        // The parser knows what was probably meant.
        if !isCode { _ = try LanguageTag(language) }
        try require(
            isCode, "language", "is \"\(language)\"", "give an ISO 639 code such as en, zh or de")
        try require(
            vocabularySize > Vocabulary.specialTokens.count,
            "vocabulary_size",
            "is \(vocabularySize), and special tokens take "
                + "\(Vocabulary.specialTokens.count)", "set vocabulary_size to some thousands")
        try require(
            minimumCount >= 1, "minimum_count", "is \(minimumCount)",
            "set minimum_count to 1 or more")
        try require(
            (0.98...1).contains(characterCoverage), "character_coverage", "is \(characterCoverage)",
            "set character_coverage between 0.98 and 1")
    }

    /// What is done to a text before it is cut into tokens.
    public var textNormalization: TextNormalization {
        TextNormalization(form: normalization, lowercase: lowercase, language: language)
    }
}
