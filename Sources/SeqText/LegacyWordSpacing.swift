/// The spacing of tokens without marks, as models of format 1 of the tokenizer have it.
///
/// Languages with spaces get them by the rules of ``LegacyWordJoiner``, which restore ordinary
/// sentences of some languages. In languages without spaces two words of letters or digits in
/// another script have a space between them, everything else has none, and where the text differs
/// from that, the space is a token, "▁".
struct LegacyWordSpacing {
    private let joiner: LegacyWordJoiner
    private let hasDictionary: Bool

    init(language: String, hasDictionary: Bool) {
        joiner = LegacyWordJoiner(language: language)
        self.hasDictionary = hasDictionary
    }

    func tokens(of pieces: WordPieces) -> [String] {
        guard hasDictionary else { return pieces.texts }
        var tokens: [String] = []
        tokens.reserveCapacity(pieces.texts.count)
        for (text, followsSpace) in zip(pieces.texts, pieces.followsSpace) {
            if followsSpace, let last = tokens.last, let first = text.unicodeScalars.first,
                !(Self.endsInWord(last) && Self.isWord(first))
            {
                tokens.append(CharacterTokenizer.space)
            }
            tokens.append(text)
        }
        return tokens
    }

    func text(of tokens: [String]) -> String {
        guard hasDictionary else { return joiner.text(of: tokens) }
        var text = ""
        var follows = false
        for token in tokens {
            if token == CharacterTokenizer.space {
                text += " "
                follows = false
                continue
            }
            if follows, let first = token.unicodeScalars.first, Self.isWord(first) { text += " " }
            text += token
            follows = Self.endsInWord(token)
        }
        return text
    }

    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        CharacterClass(scalar).isWord && !CharacterClass.isDictionaryScript(scalar)
    }

    /// Whether a token ends in a word: the marks of an emoji do not count as letters.
    private static func endsInWord(_ token: String) -> Bool {
        let scalars = token.unicodeScalars
        let base = scalars.last { !CharacterClass.extendsSymbol($0) }
        guard let last = base ?? scalars.last else { return false }
        return isWord(last)
    }
}
