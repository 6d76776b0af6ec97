/// Tells whether a text comes back from its tokens as it was.
///
/// A reference that does not can never be produced: metrics that compare characters count it as
/// wrong however well a model has learnt.
public struct TextRoundTrip: Sendable {
    /// Why a text does not come back.
    public enum Loss: String, Sendable, CaseIterable {
        /// It has white space at its ends, several spaces in a row, or other white space than spaces.
        case whitespace
        /// It has characters that Unicode form NFC writes in another way.
        case composition
        /// It has full-width forms, fractions, superscripts and the like, which NFKC replaces.
        case compatibility
        /// It has upper-case letters, and the tokenizer makes them lower case.
        case letterCase
        /// The tokenizer guesses where spaces were, or several of the above come together.
        case other
    }

    private let normalization: TextNormalization
    private let ignoresCase: Bool
    private let result: @Sendable (String) -> String

    /// Creates a test of what a codec makes of texts, however small its vocabulary is.
    ///
    /// - Parameter ignoresCase: whether a text in lower case counts as itself.
    public init(_ codec: TextCodec, ignoresCase: Bool = false) {
        normalization = codec.configuration.textNormalization
        self.ignoresCase = ignoresCase
        result = { codec.detokenize(codec.tokens($0)) }
    }

    /// Creates a test of what a codec with these settings will make of texts.
    ///
    /// Pieces are taken to keep whatever normalisation leaves, but for "▁", which is their space.
    ///
    /// - Throws: a ``Seq2SeqError`` where the language needs a dictionary and this build has none.
    public init(_ configuration: TokenizerConfiguration, ignoresCase: Bool = false) throws {
        let tokenizer: any Tokenizer =
            configuration.kind == .sentencepiece
            ? PieceSpaces() : try TextCodec.makeTokenizer(configuration)
        let normalization = configuration.textNormalization
        self.normalization = normalization
        self.ignoresCase = ignoresCase
        result = { text in
            TextCodec.finished(
                tokenizer.detokenize(tokenizer.tokenize(normalization.normalized(text))),
                configuration)
        }
    }

    /// Returns why a text does not come back; nil if it does.
    public func loss(of text: String) -> Loss? {
        let text = ignoresCase ? lowercased(text) : text
        var returned = result(text)
        if ignoresCase { returned = lowercased(returned) }
        if isEqual(text, returned) { return nil }
        let collapsed = changed(text, collapses: true)
        if isEqual(collapsed, returned) { return .whitespace }
        if isEqual(changed(text, lowercase: true), returned) { return .letterCase }
        if isEqual(changed(text, form: .nfc), returned) { return .composition }
        if isEqual(changed(text, form: .nfkc), returned) { return .compatibility }
        return .other
    }

    private func isEqual(_ left: String, _ right: String) -> Bool {
        left.utf8.elementsEqual(right.utf8)
    }

    private func lowercased(_ text: String) -> String { changed(text, lowercase: true) }

    private func changed(
        _ text: String, form: TextNormalization.Form = .none, lowercase: Bool = false,
        collapses: Bool = false
    ) -> String {
        TextNormalization(
            form: form, lowercase: lowercase, collapsesWhitespace: collapses,
            language: normalization.language
        ).normalized(text)
    }
}

/// What SentencePiece keeps of a text that it knows all characters of: it reads "▁" as a space.
private struct PieceSpaces: Tokenizer {
    func tokenize(_ text: String) -> [String] {
        text.unicodeScalars.split { $0 == " " || $0 == "\u{2581}" }.map { String($0) }
    }

    func detokenize(_ tokens: [String]) -> String { tokens.joined(separator: " ") }
}
