/// A tokenizer whose tokens are words, numbers and punctuation marks.
///
/// Languages with spaces are cut like the Moses tokenizer does it (Koehn et al. 2007): marks
/// become tokens of their own and contractions are cut before the apostrophe (`don 't`), while
/// numbers (`3.14`, `1,000`, `10:30`), hyphenated words, abbreviations, initials and addresses of
/// the web stay together. The inverse puts spaces where the language has them; it restores
/// ordinary sentences, not every possible spacing of symbols.
///
/// In Chinese, Japanese, Thai, Lao, Khmer and Burmese, runs of letters are cut by ICU's
/// dictionary, and everything else as above. There the inverse is exact: two words of letters or
/// digits in another script have a space between them, everything else has none, and where the
/// text differs from that, the space is a token, "▁".
public struct WordTokenizer: Tokenizer {
    /// The language, such as "en".
    public let language: String

    private let splitter: WordSplitter
    private let joiner: WordJoiner
    private let breaker: WordBreaker?

    /// Creates a tokenizer for a language, given by its ISO 639 code.
    ///
    /// Throws where the language needs a dictionary and this build has none.
    public init(language: String) throws {
        self.language = language
        let code = String(language.prefix { $0 != "-" && $0 != "_" }).lowercased()
        splitter = WordSplitter(language: code)
        joiner = WordJoiner(language: code)
        let needsDictionary = ["zh", "ja", "th", "lo", "km", "my", "yue"].contains(code)
        breaker = needsDictionary ? try WordBreaker(language: code) : nil
    }

    /// Returns the words, numbers and marks of a text.
    public func tokenize(_ text: String) -> [String] {
        let scalars = Array(text.unicodeScalars)
        var tokens: [String] = []
        tokens.reserveCapacity(scalars.count / 4)
        var position = 0
        while true {
            while position < scalars.count, CharacterClass(scalars[position]) == .space {
                position += 1
            }
            if position == scalars.count { return tokens }
            let begin = position
            while position < scalars.count, CharacterClass(scalars[position]) != .space {
                position += 1
            }
            if let breaker {
                if let last = tokens.last,
                    !(Self.endsInWord(last) && Self.isWord(scalars[begin]))
                {
                    tokens.append(CharacterTokenizer.space)
                }
                appendRuns(of: scalars, begin..<position, breaker, to: &tokens)
            } else {
                splitter.appendTokens(
                    of: scalars, begin..<position, isLast: isBlank(scalars[position...]),
                    to: &tokens)
            }
        }
    }

    /// Returns the text of a sequence of words, numbers and marks.
    public func detokenize(_ tokens: [String]) -> String {
        guard breaker != nil else { return joiner.text(of: tokens) }
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

    private func appendRuns(
        of scalars: [Unicode.Scalar], _ range: Range<Int>, _ breaker: WordBreaker,
        to tokens: inout [String]
    ) {
        var begin = range.lowerBound
        while begin < range.upperBound {
            let isDictionary = CharacterClass.isDictionaryScript(scalars[begin])
            var end = begin + 1
            while end < range.upperBound,
                CharacterClass.isDictionaryScript(scalars[end]) == isDictionary
            {
                end += 1
            }
            if isDictionary {
                breaker.appendWords(of: scalars[begin..<end], to: &tokens)
            } else {
                splitter.appendTokens(of: scalars, begin..<end, isLast: false, to: &tokens)
            }
            begin = end
        }
    }

    private func isBlank(_ rest: ArraySlice<Unicode.Scalar>) -> Bool {
        rest.allSatisfy { CharacterClass($0) == .space }
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
