/// A tokenizer whose tokens are words, numbers and punctuation marks.
///
/// Languages with spaces are cut like the Moses tokenizer does it (Koehn et al. 2007): marks
/// become tokens of their own and contractions are cut before the apostrophe (`don 't`), while
/// numbers (`3.14`, `1,000`, `10:30`), hyphenated words, abbreviations, initials and addresses of
/// the web stay together. In Chinese, Japanese, Thai, Lao, Khmer and Burmese, runs of letters are
/// cut by ICU's dictionary, and everything else as above.
///
/// The language decides where text is cut, and nothing else. ``SpacingMarks`` say where there was
/// a space, so that the inverse is exact for every text of every language, except that white
/// space at the ends is removed and every other stretch of it becomes one space.
public struct WordTokenizer: Tokenizer {
    /// How tokens tell where there was a space.
    public enum Spacing: Sendable, Hashable {
        /// Not at all: rules for some languages guess it. Models saved before there were marks
        /// have these tokens.
        case rules
        /// By marks, as ``SpacingMarks`` puts them.
        case marks
    }

    /// The language, such as "en".
    public let language: String
    /// How tokens tell where there was a space.
    public let spacing: Spacing

    private let splitter: WordSplitter
    private let rules: LegacyWordSpacing
    private let breaker: WordBreaker?

    /// Creates a tokenizer for a language, given by its ISO 639 code.
    ///
    /// Throws where the language needs a dictionary and this build has none.
    public init(language: String, spacing: Spacing = .marks) throws {
        self.language = language
        self.spacing = spacing
        let code = String(language.prefix { $0 != "-" && $0 != "_" }).lowercased()
        splitter = WordSplitter(language: code)
        let needsDictionary = ["zh", "ja", "th", "lo", "km", "my", "yue"].contains(code)
        breaker = needsDictionary ? try WordBreaker(language: code) : nil
        rules = LegacyWordSpacing(language: code, hasDictionary: needsDictionary)
    }

    /// Returns the words, numbers and marks of a text.
    public func tokenize(_ text: String) -> [String] {
        let pieces = pieces(of: text)
        return switch spacing {
        case .marks: SpacingMarks.tokens(of: pieces)
        case .rules: rules.tokens(of: pieces)
        }
    }

    /// Returns the text of a sequence of words, numbers and marks.
    public func detokenize(_ tokens: [String]) -> String {
        switch spacing {
        case .marks: SpacingMarks.text(of: tokens)
        case .rules: rules.text(of: tokens)
        }
    }

    private func pieces(of text: String) -> WordPieces {
        let scalars = Array(text.unicodeScalars)
        var pieces = WordPieces()
        pieces.texts.reserveCapacity(scalars.count / 4)
        var position = 0
        while true {
            while position < scalars.count, CharacterClass(scalars[position]) == .space {
                position += 1
            }
            if position == scalars.count { return pieces }
            let begin = position
            while position < scalars.count, CharacterClass(scalars[position]) != .space {
                position += 1
            }
            pieces.addStretch { texts in
                if let breaker {
                    appendRuns(of: scalars, begin..<position, breaker, to: &texts)
                } else {
                    splitter.appendTokens(
                        of: scalars, begin..<position, isLast: isBlank(scalars[position...]),
                        to: &texts)
                }
            }
        }
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
}

/// What a text was cut into: together, its characters without white space.
struct WordPieces {
    /// The pieces; none is empty.
    var texts: [String] = []
    /// For each piece, whether there was white space between it and the one before.
    private(set) var followsSpace: [Bool] = []

    /// Adds the pieces of a stretch of text without white space.
    mutating func addStretch(_ append: (inout [String]) -> Void) {
        let first = texts.count
        append(&texts)
        for index in first..<texts.count { followsSpace.append(index == first && first > 0) }
    }
}
