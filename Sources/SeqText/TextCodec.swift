import SeqFiles

/// Turns text into the ids of tokens and back: normalisation, tokenizer and vocabulary in one.
///
/// A codec is what a model was trained with; its files are part of the model's folder, and its
/// `fingerprint` tells whether two models speak of the same ids.
public struct TextCodec: Sendable {
    /// The settings.
    public let configuration: TokenizerConfiguration
    /// A hash of everything that decides which ids a text gets, 16 hexadecimal digits.
    public let fingerprint: String
    /// The share of the tokens of the training text that have no id of their own.
    ///
    /// For pieces it is measured on the first 10,000 texts.
    public let unknownRate: Double

    /// How words tell where there was a space; a model keeps the way that it was trained with.
    let spacing: WordTokenizer.Spacing
    private let normalization: TextNormalization
    private let restoresFullWidth: Bool
    private let tokenizer: any Tokenizer
    private let source: Source

    /// Where ids come from.
    enum Source: Sendable {
        case vocabulary(Vocabulary)
        case pieces(SentencePieceTokenizer, LazyVocabulary)
    }

    /// Creates a codec of words, characters or pre-tokenized text from its vocabulary.
    public init(configuration: TokenizerConfiguration, vocabulary: Vocabulary) throws {
        try self.init(configuration, vocabulary, spacing: .marks)
    }

    init(
        _ configuration: TokenizerConfiguration, _ vocabulary: Vocabulary,
        spacing: WordTokenizer.Spacing
    ) throws {
        // A damaged file may hold counts whose sum overflows a whole number.
        let total = vocabulary.counts.reduce(0.0) { $0 + Double($1) }
        let unknown = Double(vocabulary.counts[Int(Vocabulary.unknownID)])
        try self.init(
            configuration, try Self.makeTokenizer(configuration, spacing: spacing),
            .vocabulary(vocabulary), unknownRate: total > 0 ? unknown / total : 0,
            spacing: spacing)
    }

    /// Creates a codec of pieces from a SentencePiece model.
    ///
    /// Throws unless the ids of the model's special pieces are unk 0, bos 1 and eos 2.
    public init(configuration: TokenizerConfiguration, sentencePiece: SentencePieceTokenizer) throws
    {
        try self.init(configuration, sentencePiece, unknownRate: 0)
    }

    init(
        _ configuration: TokenizerConfiguration, _ pieces: SentencePieceTokenizer,
        unknownRate: Double
    ) throws {
        let ids = [pieces.unknownID, pieces.startID, pieces.endID]
        guard ids == [Vocabulary.unknownID, Vocabulary.startID, Vocabulary.endID] else {
            throw Seq2SeqError(
                .badData,
                reason: "the SentencePiece model has unk, bos and eos at \(ids[0]), \(ids[1]) and "
                    + "\(ids[2])",
                remedy: "use a model that was trained with --unk_id=0 --bos_id=1 --eos_id=2")
        }
        try self.init(
            configuration, pieces, .pieces(pieces, LazyVocabulary(pieces)),
            unknownRate: unknownRate, spacing: .marks)
    }

    private init(
        _ configuration: TokenizerConfiguration, _ tokenizer: any Tokenizer, _ source: Source,
        unknownRate: Double, spacing: WordTokenizer.Spacing
    ) throws {
        try configuration.validate()
        self.configuration = configuration
        self.tokenizer = tokenizer
        self.source = source
        self.unknownRate = unknownRate
        self.spacing = spacing
        normalization = configuration.textNormalization
        restoresFullWidth = Self.restoresFullWidth(configuration)
        if normalization.form != .none, !UnicodeText.isAvailable {
            throw Seq2SeqError(
                .badConfiguration,
                reason: "normalization \(normalization.form.rawValue) needs ICU",
                remedy: "build with ICU (libicu-dev), or set normalization to none")
        }
        fingerprint = Self.fingerprint(of: configuration, spacing, source)
    }

    static func makeTokenizer(
        _ configuration: TokenizerConfiguration, spacing: WordTokenizer.Spacing = .marks
    ) throws -> any Tokenizer {
        switch configuration.kind {
        case .word: return try WordTokenizer(language: configuration.language, spacing: spacing)
        case .character: return CharacterTokenizer()
        case .whitespace: return WhitespaceTokenizer()
        case .sentencepiece:
            throw Seq2SeqError(
                .badConfiguration, reason: "kind sentencepiece needs a model, not a vocabulary",
                remedy: "train, or load the .sentencepiece.model file")
        }
    }

    // MARK: Training

    /// Returns the codec whose vocabulary is learnt from texts.
    public static func train(
        on texts: some Sequence<String>, configuration: TokenizerConfiguration
    ) throws -> TextCodec {
        try configuration.validate()
        let configuration = try configuration.canonical()
        let normalization = configuration.textNormalization
        if configuration.kind == .sentencepiece {
            let normalized = texts.map(normalization.normalized)
            return try trainPieces(on: normalized, configuration)
        }
        return try learnt(
            from: try count(try makeTokenizer(configuration), texts, normalization), configuration)
    }

    /// Returns the codec whose vocabulary is learnt from fields: of text its tokens count, of what is cut
    /// already each token by itself.
    ///
    /// SentencePiece learns from the text of either.
    public static func train(
        onFields fields: some Sequence<Field>, configuration: TokenizerConfiguration
    ) throws -> TextCodec {
        if configuration.kind == .sentencepiece {
            return try train(on: fields.map(\.text), configuration: configuration)
        }
        try configuration.validate()
        let configuration = try configuration.canonical()
        let normalization = configuration.textNormalization
        let tokenizer = try makeTokenizer(configuration)
        var counter = TokenCounter()
        for field in fields {
            switch field {
            case .text(let text):
                for token in tokenizer.tokenize(normalization.normalized(text)) {
                    counter.add(token)
                }
            case .tokens(let tokens):
                for token in tokens { counter.add(normalization.normalized(token)) }
            }
        }
        if counter.counts.isEmpty { throw noText }
        return try learnt(from: counter, configuration)
    }

    private static func learnt(
        from counter: TokenCounter, _ configuration: TokenizerConfiguration
    ) throws -> TextCodec {
        let vocabulary = try Vocabulary(
            counter, minimumCount: configuration.minimumCount,
            maximumSize: configuration.vocabularySize)
        guard vocabulary.count > Vocabulary.specialTokens.count else {
            throw noWords(counter, configuration)
        }
        return try TextCodec(configuration: configuration, vocabulary: vocabulary)
    }

    /// Returns two codecs with one vocabulary, learnt from the texts of both, each for texts of its language.
    ///
    /// - Parameters:
    ///   - sources: The texts of the language of `configuration`.
    ///   - targets: Those of the other language.
    ///   - configuration: The settings of both, but for the language.
    ///   - targetLanguage: The language of `targets`.
    public static func trainJoint(
        on sources: [String], _ targets: [String], configuration: TokenizerConfiguration,
        targetLanguage: String
    ) throws -> (source: TextCodec, target: TextCodec) {
        try configuration.validate()
        let settings = try configuration.canonical()
        var other = settings
        other.language = targetLanguage
        other = try other.canonical()
        if other == settings {
            let codec = try train(on: sources + targets, configuration: settings)
            return (codec, codec)
        }
        let (first, second) = (settings.textNormalization, other.textNormalization)
        let codec: TextCodec
        if settings.kind == .sentencepiece {
            codec = try trainPieces(
                on: sources.map(first.normalized) + targets.map(second.normalized), settings)
        } else {
            var counter = try count(try makeTokenizer(settings), sources, first)
            counter.add(try count(try makeTokenizer(other), targets, second))
            codec = try learnt(from: counter, settings)
        }
        return (codec, try codec.inLanguage(other.language))
    }

    /// Returns the codec with the same vocabulary for texts of another language.
    public func inLanguage(_ language: String) throws -> TextCodec {
        var configuration = configuration
        configuration.language = language
        switch source {
        case .vocabulary(let vocabulary):
            return try TextCodec(configuration, vocabulary, spacing: spacing)
        case .pieces(let pieces, _):
            return try TextCodec(configuration, pieces, unknownRate: unknownRate)
        }
    }

    /// Whether an id means the same token here and in another codec.
    public func sharesVocabulary(with other: TextCodec) -> Bool {
        if fingerprint == other.fingerprint { return true }
        guard let same = try? other.inLanguage(configuration.language) else { return false }
        return fingerprint == same.fingerprint
    }

    /// Returns the codec that also knows the tokens of further texts; old ids stay, new ones follow.
    ///
    /// - Parameters:
    ///   - texts: What new tokens are learnt from.
    ///   - minimumCount: How often a new token must occur in them.
    ///   - maximumSize: The largest size of the vocabulary; a larger one stays as it is.
    /// - Throws: a ``Seq2SeqError`` for pieces, whose model cannot grow.
    public func extended(
        by texts: some Sequence<String>, minimumCount: Int, maximumSize: Int
    ) throws -> TextCodec {
        guard case .vocabulary(let vocabulary) = source else {
            throw Seq2SeqError(
                .badConfiguration, reason: "a SentencePiece model cannot take further pieces",
                remedy: "keep the vocabulary, or start a new model")
        }
        var configuration = configuration
        configuration.minimumCount = minimumCount
        configuration.vocabularySize = maximumSize
        return try TextCodec(
            configuration,
            Vocabulary(
                extending: vocabulary, by: Self.count(tokenizer, texts, normalization),
                minimumCount: minimumCount, maximumSize: maximumSize), spacing: spacing)
    }

    private static func count(
        _ tokenizer: any Tokenizer, _ texts: some Sequence<String>,
        _ normalization: TextNormalization
    ) throws -> TokenCounter {
        var counter = TokenCounter()
        for text in texts {
            for token in tokenizer.tokenize(normalization.normalized(text)) { counter.add(token) }
        }
        if counter.counts.isEmpty { throw noText }
        return counter
    }

    private static func trainPieces(on texts: [String], _ configuration: TokenizerConfiguration)
        throws -> TextCodec
    {
        if texts.allSatisfy(\.isEmpty) { throw noText }
        let pieces = try SentencePieceTokenizer.train(
            on: texts,
            options: SentencePieceOptions(
                modelType: configuration.sentencepieceType == .bpe ? .bpe : .unigram,
                vocabularySize: configuration.vocabularySize,
                characterCoverage: configuration.characterCoverage,
                // With the rule in the model, SentencePiece itself gives the same ids.
                normalizationRule: configuration.normalization == .nfkc ? .nfkc : .identity))
        let sample = texts.prefix(10_000).map(pieces.encode)
        let unknown = sample.reduce(0) { $0 + $1.count { $0 == Vocabulary.unknownID } }
        let total = sample.reduce(0) { $0 + $1.count }
        return try TextCodec(
            configuration, pieces, unknownRate: total > 0 ? Double(unknown) / Double(total) : 0)
    }

    private static func noWords(
        _ counter: TokenCounter, _ configuration: TokenizerConfiguration
    ) -> Seq2SeqError {
        let most = counter.counts.values.max() ?? 0
        guard most < configuration.minimumCount else {
            return Seq2SeqError(
                .badConfiguration,
                reason:
                    "the vocabulary has no word: vocabulary_size \(configuration.vocabularySize) "
                    + "has room for the special tokens only",
                remedy: "raise vocabulary_size")
        }
        return Seq2SeqError(
            .badConfiguration,
            reason:
                "the vocabulary has no word: minimum_count is \(configuration.minimumCount), and "
                + "the most frequent of \(counter.counts.count) tokens occurs \(most) times",
            remedy: "lower minimum_count, or train on more text")
    }

    private static var noText: Seq2SeqError {
        Seq2SeqError(
            .badData, reason: "there is no text to learn a vocabulary from",
            remedy: "check the training file")
    }

    // MARK: Text to ids and back

    /// The tokens with their ids and counts.
    public var vocabulary: Vocabulary {
        switch source {
        case .vocabulary(let vocabulary): vocabulary
        case .pieces(_, let vocabulary): vocabulary.value
        }
    }

    /// The number of ids.
    public var count: Int {
        switch source {
        case .vocabulary(let vocabulary): vocabulary.count
        case .pieces(let pieces, _): pieces.count
        }
    }

    /// Returns the ids of the tokens of a text, without start and end.
    ///
    /// A text that spells out a special token gets the unknown id, never the special one.
    public func encode(_ text: String) -> [Int32] {
        let text = normalization.normalized(text)
        switch source {
        case .vocabulary(let vocabulary): return ids(of: tokenizer.tokenize(text), in: vocabulary)
        case .pieces(let pieces, _): return pieces.encode(text)
        }
    }

    /// Returns the ids of the tokens of a text, as ``encode(_:)`` does.
    ///
    /// - Throws: a ``Seq2SeqError`` when SentencePiece fails, as when memory runs out.
    public func ids(of text: String) throws -> [Int32] {
        guard case .pieces(let pieces, _) = source else { return encode(text) }
        return try pieces.ids(of: normalization.normalized(text))
    }

    private func ids(of tokens: [String], in vocabulary: Vocabulary) -> [Int32] {
        tokens.map { token in
            let id = vocabulary.id(of: token)
            return Self.isMarker(id) ? Vocabulary.unknownID : id
        }
    }

    /// Returns an id for each of the tokens that a text was cut into by somebody else.
    func ids(ofTokens tokens: [String]) -> [Int32] {
        switch source {
        case .vocabulary(let vocabulary): ids(of: tokens.map(normalized), in: vocabulary)
        case .pieces(let pieces, _):
            tokens.map { token in
                let id = pieces.id(of: normalized(token))
                return Self.isMarker(id) ? Vocabulary.unknownID : id
            }
        }
    }

    /// Returns a token in the form that vocabularies know.
    func normalized(_ token: String) -> String { normalization.normalized(token) }

    // MARK: Outputs

    /// Returns the ids of an output that ``decode(_:)`` has spelt: `<unk>` is the unknown id, and so is
    /// " ⁇ " in pieces.
    ///
    /// For words, characters and tokens between white space these are the ids that were spelt. A text
    /// may be cut into pieces in several ways; that which SentencePiece prefers is returned.
    ///
    /// - Parameter copies: The source, for models that copy its words.
    /// - Throws: a ``Seq2SeqError`` when SentencePiece fails, as when memory runs out.
    public func outputIDs(of text: String, copying copies: CopyEncoding? = nil) throws -> [Int32] {
        let normalized = normalization.normalized(text)
        switch source {
        case .vocabulary(let vocabulary):
            let tokens = outputTokens(normalized)
            let ids = ids(of: tokens, in: vocabulary)
            return copies.map { extended(ids, of: tokens, by: $0) } ?? ids
        case .pieces(let pieces, _):
            let ids = try Self.outputIDs(of: normalized, pieces)
            guard let copies else { return ids }
            let tokens = tokenizer.tokenize(normalized)
            return tokens.count == ids.count ? extended(ids, of: tokens, by: copies) : ids
        }
    }

    /// The tokens of an output, among them `<unk>`, which a tokenizer of words or characters cuts up.
    private func outputTokens(_ text: String) -> [String] {
        let unknown = Vocabulary.unknownToken
        guard configuration.kind != .whitespace, text.contains(unknown),
            let letter = Self.rareLetters.first(where: { !text.unicodeScalars.contains($0) })
        else { return tokenizer.tokenize(text) }
        // A letter stands in for the word, so that what is beside it is cut as beside any word.
        return tokenizer.tokenize(text.replacing(unknown, with: String(letter))).flatMap { token in
            let parts = token.unicodeScalars.split(
                separator: letter, omittingEmptySubsequences: false)
            return parts.enumerated().flatMap { index, part in
                (index > 0 ? [unknown] : []) + (part.isEmpty ? [] : [String(part)])
            }
        }
    }

    /// Letters without case or other forms that hardly a text has.
    private static let rareLetters: [Unicode.Scalar] = ["\u{A7F7}", "\u{A78F}", "\u{1DF0A}"]

    private static func outputIDs(of text: String, _ pieces: SentencePieceTokenizer) throws
        -> [Int32]
    {
        let parts = text.components(separatedByMark: " \u{2047} ")
        return try parts.enumerated().reduce(into: []) { ids, part in
            if part.offset > 0 { ids.append(Vocabulary.unknownID) }
            var found = try pieces.ids(of: part.element)
            let continuesWord = part.offset > 0 && part.element.first != " "
            if continuesWord, let first = found.first,
                let piece = pieces.piece(first), piece.unicodeScalars.first == "\u{2581}"
            {
                let rest = String(piece.unicodeScalars.dropFirst())
                let inner = rest.isEmpty ? [] : [pieces.id(of: rest)]
                if inner != [Vocabulary.unknownID] { found.replaceSubrange(..<1, with: inner) }
            }
            ids += found
        }
    }

    /// Returns the tokens of a text as they are spelt, also those without an id.
    public func tokens(_ text: String) -> [String] {
        tokenizer.tokenize(normalization.normalized(text))
    }

    /// Whether tokens bear ``SpacingMarks``.
    var hasMarks: Bool { configuration.kind == .word && spacing == .marks }

    /// Returns the tokens of a text as a target has them that takes them over.
    ///
    /// Marks of spaces stay where the target has such marks too, and are left out where it has not.
    public func tokens(_ text: String, copiedBy target: TextCodec) -> [String] {
        let tokens = tokens(text)
        if hasMarks, !target.hasMarks { return tokens.map(SpacingMarks.content) }
        if configuration.kind == .whitespace, target.hasMarks {
            return tokens.map(SpacingMarks.escaping)
        }
        return tokens
    }

    /// Returns what a token stands for in a text: a word or mark without the marks of its spaces.
    public func content(of token: String) -> String {
        hasMarks ? SpacingMarks.content(of: token) : token
    }

    /// Returns the text of a sequence of ids.
    ///
    /// Start and end are left out. The unknown id, and any id outside the vocabulary, reads
    /// `<unk>`, or " ⁇ " in pieces as SentencePiece has it. In Chinese and Japanese under
    /// `nfkc`, punctuation gets its full width back.
    public func decode(_ ids: [Int32]) -> String {
        let ids = ids.filter { !Self.isMarker($0) }
        let text =
            switch source {
            case .vocabulary(let vocabulary):
                tokenizer.detokenize(ids.map(vocabulary.token))
            case .pieces(let pieces, _): pieces.decode(ids)
            }
        return finished(text)
    }

    /// Returns the text of a sequence of ids, as ``decode(_:)`` does.
    ///
    /// - Throws: a ``Seq2SeqError`` when SentencePiece fails, as when memory runs out.
    public func text(of ids: [Int32]) throws -> String {
        guard case .pieces(let pieces, _) = source else { return decode(ids) }
        let known = ids.filter { !Self.isMarker($0) }.map {
            $0 >= 0 && $0 < Int32(count) ? $0 : Vocabulary.unknownID
        }
        return finished(try pieces.text(of: known))
    }

    /// Returns the text of a sequence of tokens, such as `tokens(_:)` returns.
    public func detokenize(_ tokens: [String]) -> String {
        finished(tokenizer.detokenize(tokens))
    }

    /// Returns the token with an id, `<unk>` for an id outside the vocabulary.
    public func token(of id: Int32) -> String {
        switch source {
        case .vocabulary(let vocabulary): vocabulary.token(of: id)
        case .pieces(let pieces, _): pieces.piece(id) ?? Vocabulary.unknownToken
        }
    }

    /// Returns the share of the tokens of texts that have no id of their own.
    public func unknownRate(on texts: some Sequence<String>) -> Double {
        var unknown = 0
        var total = 0
        for text in texts {
            for id in encode(text) {
                total += 1
                if id == Vocabulary.unknownID { unknown += 1 }
            }
        }
        return total > 0 ? Double(unknown) / Double(total) : 0
    }

    private func finished(_ text: String) -> String {
        restoresFullWidth ? FullWidthPunctuation.restored(in: text) : text
    }

    /// Returns a text put together from tokens with the marks that normalisation took from it.
    static func finished(_ text: String, _ configuration: TokenizerConfiguration) -> String {
        restoresFullWidth(configuration) ? FullWidthPunctuation.restored(in: text) : text
    }

    private static func restoresFullWidth(_ configuration: TokenizerConfiguration) -> Bool {
        configuration.normalization == .nfkc && configuration.kind != .whitespace
            && FullWidthPunctuation.isUsed(in: configuration.language)
    }

    private static func isMarker(_ id: Int32) -> Bool {
        id == Vocabulary.startID || id == Vocabulary.endID
    }

    // MARK: Identity

    /// Returns the hash of what decides on ids: settings of the text, then tokens or model.
    private static func fingerprint(
        of configuration: TokenizerConfiguration, _ spacing: WordTokenizer.Spacing, _ source: Source
    ) -> String {
        var hash = FNV1a()
        let settings = [
            configuration.kind.rawValue, configuration.language,
            configuration.lowercase ? "lowercase" : "", configuration.normalization.rawValue,
        ]
        for setting in settings { hash.add("\(setting)\n".utf8) }
        if configuration.kind == .word, spacing == .marks { hash.add("spacing marks\n".utf8) }
        switch source {
        case .vocabulary(let vocabulary):
            for token in vocabulary.tokens {
                hash.add(token.utf8)
                hash.add(0x0A)
            }
        case .pieces(let pieces, _): hash.add(pieces.modelBytes)
        }
        return hash.hexadecimal
    }

    /// The SentencePiece model, if tokens are pieces.
    var pieces: SentencePieceTokenizer? {
        guard case .pieces(let pieces, _) = source else { return nil }
        return pieces
    }
}

extension String {
    /// What stands between occurrences of a mark, compared by scalars.
    fileprivate func components(separatedByMark mark: String) -> [String] {
        split(separator: mark, omittingEmptySubsequences: false).map(String.init)
    }
}
