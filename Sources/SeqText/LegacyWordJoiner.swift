/// Puts words and marks together with the spaces that a language with spaces has, by its rules: how
/// models of format 1 of the tokenizer do it, whose tokens have no ``SpacingMarks``.
struct LegacyWordJoiner {
    private let elides: Bool
    private let spacesMarks: Bool
    private let pointsInwards: Bool

    init(language: String) {
        elides = WordSplitter.elides(language)
        // French sets a space before these marks, and inside its quotation marks.
        spacesMarks = language == "fr"
        // German and Danish quotation marks point at what they enclose: »so«.
        pointsInwards = ["de", "da"].contains(language)
    }

    /// How a token stands to its neighbours.
    private struct Attachment {
        var toLeft = false
        var toRight = false
    }

    /// Which quotation marks are open.
    private struct OpenQuotes {
        var double = false
        var single = false
        var low = false
        /// How many single marks are still to come.
        var singlesAhead = 0
    }

    /// Returns the text of a sequence of tokens.
    func text(of tokens: [String]) -> String {
        var text = ""
        var quotes = OpenQuotes()
        quotes.singlesAhead = tokens.count { $0 == "'" }
        var isGlued = true
        for (index, token) in tokens.enumerated() {
            let next = index + 1 < tokens.count ? tokens[index + 1].unicodeScalars.first : nil
            let previous = index > 0 ? tokens[index - 1] : nil
            let attachment = attachment(of: token, after: previous, before: next, &quotes)
            if !isGlued, !attachment.toLeft { text += " " }
            text += token
            isGlued = attachment.toRight
        }
        return text
    }

    private func attachment(
        of token: String, after previous: String?, before next: Unicode.Scalar?,
        _ quotes: inout OpenQuotes
    ) -> Attachment {
        let scalars = token.unicodeScalars
        guard let first = scalars.first else { return Attachment() }
        if let second = scalars.dropFirst().first, second != first {
            if WordSplitter.isApostrophe(first), CharacterClass(second) == .letter {
                return Attachment(
                    toLeft: !WordSplitter.clipped.contains(scalars.dropFirst().lowercase))
            }
            let endsInApostrophe = scalars.last.map(WordSplitter.isApostrophe) ?? false
            return Attachment(toRight: elides && endsInApostrophe)
        }
        let isBeforeDigit = next.map { CharacterClass($0) == .digit } ?? false
        switch first {
        case ".", ",", "%", ")", "]", "}", "\u{2026}", "\u{203A}":
            return Attachment(toLeft: true)
        case "!", "?", ";", ":": return Attachment(toLeft: !spacesMarks)
        case "(", "[", "{", "\u{BF}", "\u{A1}", "\u{2018}", "\u{2039}":
            return Attachment(toRight: true)
        case "$", "\u{A3}", "\u{A5}", "\u{20AC}", "\u{20B9}", "#", "@":
            let binds = first == "#" || first == "@" ? next != nil : isBeforeDigit
            return Attachment(toRight: binds && scalars.count == 1)
        case "/", "\u{2014}", "\u{2015}":
            return Attachment(toLeft: scalars.count == 1, toRight: scalars.count == 1)
        default: return quoteAttachment(of: first, after: previous, &quotes)
        }
    }

    private func quoteAttachment(
        of mark: Unicode.Scalar, after previous: String?, _ quotes: inout OpenQuotes
    ) -> Attachment {
        switch mark {
        case "\"":
            quotes.double.toggle()
            return Attachment(toLeft: !quotes.double, toRight: quotes.double)
        case "'":
            quotes.singlesAhead -= 1
            if !quotes.single, isApostrophe(after: previous, ahead: quotes.singlesAhead) {
                return Attachment(toLeft: true)
            }
            quotes.single.toggle()
            return Attachment(toLeft: !quotes.single, toRight: quotes.single)
        case "\u{201E}", "\u{201A}":
            quotes.low = true
            return Attachment(toRight: true)
        case "\u{201C}":
            let closes = quotes.low
            quotes.low = false
            return Attachment(toLeft: closes, toRight: !closes)
        case "\u{201D}", "\u{2019}":
            quotes.low = false
            return Attachment(toLeft: true)
        case "\u{AB}":
            return spacesMarks
                ? Attachment() : Attachment(toLeft: pointsInwards, toRight: !pointsInwards)
        case "\u{BB}":
            return spacesMarks
                ? Attachment() : Attachment(toLeft: !pointsInwards, toRight: pointsInwards)
        default: return Attachment()
        }
    }

    /// Whether a single mark that closes nothing is an apostrophe, as in "the dogs' house": if no
    /// mark is left to close what it would open, or if those left pair up among themselves.
    private func isApostrophe(after previous: String?, ahead: Int) -> Bool {
        guard ahead > 0 else { return true }
        guard let previous, let first = previous.unicodeScalars.first else { return false }
        return ahead.isMultiple(of: 2) && previous.unicodeScalars.last == "s"
            && !WordSplitter.isApostrophe(first)
    }
}

extension Substring.UnicodeScalarView {
    fileprivate var lowercase: String { String(self).lowercased() }
}
