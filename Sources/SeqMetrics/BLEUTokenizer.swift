/// How BLEU cuts a text into tokens; the names are those of sacreBLEU.
///
/// Scores made with different tokenizers cannot be compared, so the signature of a score names it.
public enum BLEUTokenizer: String, CaseIterable, Codable, Hashable, Sendable {
    /// The tokenizer of `mteval-v13a.pl`, used by WMT: the default.
    case mteval13a = "13a"
    /// Each Chinese character is a token; the rest is cut as `13a` does.
    case chinese = "zh"
    /// Each code point is a token.
    case characters = "char"
    /// The tokenizer of `mteval-v14.pl`: cuts at all punctuation and symbols of Unicode.
    case international = "intl"
    /// Cuts at white space only, for text that is tokenized already.
    case none

    /// Returns the tokens of `text`.
    public func tokenize(_ text: String) -> [String] {
        let tokens = tokens(of: text)
        return (0..<tokens.count).map { String(decoding: tokens[$0], as: UTF8.self) }
    }

    /// Returns the tokens of `text` as ranges of bytes.
    func tokens(of text: String) -> TokenList {
        var text = text
        return text.withUTF8 { bytes in
            let line = trimmingTrailingWhitespace(bytes)
            switch self {
            case .mteval13a: return TokenList(splitting: MtevalTokenizer.separated13a(line))
            case .chinese: return TokenList(splitting: MtevalTokenizer.separatedChinese(line))
            case .characters: return TokenList(charactersOf: line)
            case .international: return TokenList(splitting: InternationalTokenizer.separated(line))
            case .none: return TokenList(splitting: Array(line))
            }
        }
    }
}
