/// Something that cuts text into tokens and puts tokens together again.
public protocol Tokenizer: Sendable {
    /// Returns the tokens of a text; none for an empty text.
    func tokenize(_ text: String) -> [String]

    /// Returns the text of a sequence of tokens.
    func detokenize(_ tokens: [String]) -> String
}

/// A tokenizer for text that is tokenized already: tokens are what stands between white space.
public struct WhitespaceTokenizer: Tokenizer {
    /// Creates a tokenizer.
    public init() {}

    /// Returns what stands between white space.
    public func tokenize(_ text: String) -> [String] {
        text.unicodeScalars.split { $0.properties.isWhitespace }.map { String($0) }
    }

    /// Returns the tokens with a space between them.
    public func detokenize(_ tokens: [String]) -> String {
        tokens.joined(separator: " ")
    }
}

/// A tokenizer whose tokens are single characters.
///
/// A character here is a Unicode scalar, as in Python and SentencePiece, and not a grapheme
/// cluster: the set of clusters has no end (an emoji with a modifier, a syllable with its marks)
/// and changes with every version of Unicode, so that one text could have other tokens on another
/// machine. A space is written "▁", and "▁" itself "▁▁", so that the inverse is exact.
public struct CharacterTokenizer: Tokenizer {
    /// The token for a space.
    static let space = "\u{2581}"
    private static let escapedSpace = "\u{2581}\u{2581}"

    /// Creates a tokenizer.
    public init() {}

    /// Returns the characters of a text.
    public func tokenize(_ text: String) -> [String] {
        text.unicodeScalars.map { scalar in
            switch scalar {
            case " ": Self.space
            case "\u{2581}": Self.escapedSpace
            default: String(scalar)
            }
        }
    }

    /// Returns the text that has these characters.
    public func detokenize(_ tokens: [String]) -> String {
        var text = ""
        for token in tokens {
            switch token {
            case Self.space: text += " "
            case Self.escapedSpace: text += Self.space
            default: text += token
            }
        }
        return text
    }
}
