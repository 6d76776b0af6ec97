/// Tells with the tokens of a text where it had spaces, so that they can be put together again.
///
/// Between two tokens there is a space, except next to a letter or mark of a script that is
/// written without spaces (Chinese, Japanese, Thai, Lao, Khmer, Burmese), where there is none.
/// The characters on both sides decide that, and no language. Where a text differs, it is said:
///
/// - no space, and one is expected: "￭" stands on that side of a punctuation mark or symbol
///   (`Hello ￭, (￭ you ￭)`) or of the part of a contraction with the apostrophe (`don ￭'t`), so
///   that a word is the same token wherever it stands. Between two words it is a token.
/// - a space, and none is expected: it is a token, "▁".
///
/// The idea of joiner marks is OpenNMT's (Klein et al. 2017). Where a text has "￭", "▁" or "￮"
/// itself, a token has "￮" and a digit instead.
enum SpacingMarks {
    private static let glue: Unicode.Scalar = "\u{FFED}"
    private static let glueToken = "\u{FFED}"
    private static let spaceToken = "\u{2581}"
    private static let escape: Unicode.Scalar = "\u{FFEE}"
    /// What is escaped; the position is the digit.
    private static let escaped: [Unicode.Scalar] = ["\u{FFEE}", "\u{FFED}", "\u{2581}"]

    // MARK: Marking

    /// Returns the tokens of a text that was cut into pieces.
    static func tokens(of pieces: WordPieces) -> [String] {
        var tokens: [String] = []
        tokens.reserveCapacity(pieces.texts.count + pieces.texts.count / 8)
        var last: (shape: TokenShape, opens: Bool)?
        for (text, followsSpace) in zip(pieces.texts, pieces.followsSpace) {
            let shape = TokenShape(text)
            var token = escaping(text)
            var opens = true
            if let last {
                opens = followsSpace
                let isExpected = TokenShape.expectsSpace(between: last.shape, and: shape)
                if followsSpace, !isExpected { tokens.append(spaceToken) }
                if !followsSpace, isExpected {
                    switch TokenShape.bearer(last.shape, opens: last.opens, shape) {
                    case .left:
                        tokens[tokens.count - 1].unicodeScalars.append(glue)
                        opens = true
                    case .right: token = glueToken + token
                    case nil: tokens.append(glueToken)
                    }
                }
            }
            tokens.append(token)
            last = (shape, opens)
        }
        return tokens
    }

    /// Returns the token for a piece of text, without marks.
    static func escaping(_ text: String) -> String {
        // All of them are in UTF-8 E2 96 81 or EF BF AD and AE: few texts have one of the bytes.
        guard text.utf8.contains(where: { $0 == 0xE2 || $0 == 0xEF }) else { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            guard let digit = escaped.firstIndex(of: scalar) else {
                result.append(scalar)
                continue
            }
            result.append(escape)
            result.append(contentsOf: "\(digit)".unicodeScalars)
        }
        return String(result)
    }

    // MARK: Reading marks

    /// Returns the text of tokens; every sequence of tokens has one.
    static func text(of tokens: [String]) -> String {
        var text = ""
        var last: TokenShape?
        // What was said about the place before the next token.
        var isSpaced: Bool?
        for token in tokens {
            if token == spaceToken {
                isSpaced = true
                continue
            }
            let (content, marks) = reading(token)
            if marks.left { isSpaced = false }
            // A lone mark has nothing between its sides.
            guard !content.isEmpty else { continue }
            let shape = TokenShape(content)
            if let last,
                isSpaced ?? TokenShape.expectsSpace(between: last, and: shape)
            {
                text += " "
            }
            text += content
            isSpaced = marks.right ? false : nil
            last = shape
        }
        return text
    }

    /// Returns what a token stands for in a text, without its marks.
    static func content(of token: String) -> String {
        token == spaceToken ? " " : reading(token).content
    }

    private static func reading(
        _ token: String
    ) -> (content: String, marks: (left: Bool, right: Bool)) {
        guard token.utf8.contains(0xEF) else { return (token, (false, false)) }
        var scalars = token.unicodeScalars[...]
        let left = scalars.first == glue
        if left { scalars = scalars.dropFirst() }
        let right = scalars.last == glue
        if right { scalars = scalars.dropLast() }
        return (unescaping(scalars), (left, right))
    }

    private static func unescaping(_ scalars: Substring.UnicodeScalarView) -> String {
        var result = String.UnicodeScalarView()
        var isEscaped = false
        for scalar in scalars {
            if isEscaped {
                isEscaped = false
                let digit = Int(scalar.value) - 0x30
                if escaped.indices.contains(digit) {
                    result.append(escaped[digit])
                    continue
                }
                result.append(escape)
            }
            if scalar == escape { isEscaped = true } else { result.append(scalar) }
        }
        if isEscaped { result.append(escape) }
        return String(result)
    }
}

/// What the characters of a token say about the spaces beside it.
struct TokenShape {
    /// Whether it is made of punctuation marks or symbols.
    private let isSymbol: Bool
    private let first: Unicode.Scalar
    private let last: Unicode.Scalar
    private let startsUnspaced: Bool
    private let endsUnspaced: Bool

    /// Creates the shape of a token without its marks, which is not empty.
    init(_ text: String) {
        let scalars = text.unicodeScalars
        first = scalars.first ?? " "
        last = scalars.last ?? " "
        isSymbol =
            CharacterClass(first) == .symbol
            && scalars.allSatisfy {
                CharacterClass($0) == .symbol || CharacterClass.extendsSymbol($0)
            }
        startsUnspaced = CharacterClass.isUnspaced(first)
        // A mark above or a variation selector is no character of its own.
        let base = scalars.last { !CharacterClass.extendsSymbol($0) }
        endsUnspaced = CharacterClass.isUnspaced(base ?? last)
    }

    /// Whether there is a space between two tokens where nothing else is said.
    static func expectsSpace(between left: TokenShape, and right: TokenShape) -> Bool {
        !left.endsUnspaced && !right.startsUnspaced
    }

    enum Side {
        case left, right
    }

    /// Which of two tokens without a space between them bears the mark that says so; nil if none may.
    ///
    /// - Parameter opens: whether the left token is at the beginning of what it stands with.
    static func bearer(_ left: TokenShape, opens: Bool, _ right: TokenShape) -> Side? {
        switch (left.isSymbol, right.isSymbol) {
        case (true, false): return .left
        case (false, true): return .right
        case (false, false):
            if WordSplitter.isApostrophe(right.first) { return .right }
            return WordSplitter.isApostrophe(left.last) ? .left : nil
        case (true, true):
            // Brackets and quotation marks go with what they enclose.
            if left.isOpening { return .left }
            if right.isClosing { return .right }
            return opens ? .left : .right
        }
    }

    private var isOpening: Bool {
        last.properties.generalCategory == .openPunctuation || last == "\u{BF}" || last == "\u{A1}"
    }

    private var isClosing: Bool {
        switch first.properties.generalCategory {
        case .closePunctuation, .finalPunctuation: true
        case .otherPunctuation: !"\"'\u{BF}\u{A1}".unicodeScalars.contains(first)
        default: false
        }
    }
}

extension CharacterClass {
    /// Whether a character is written without spaces beside it: letters of the scripts that have
    /// none, and the punctuation and full-width forms of Chinese and Japanese.
    static func isUnspaced(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x0E00: false
        case 0x3001...0x303F, 0xFF01...0xFF65, 0xFFE0...0xFFE6: true
        default: isDictionaryScript(scalar)
        }
    }
}
