/// Cuts a stretch of text without white space into words, numbers and marks.
struct WordSplitter {
    /// Words whose full stop belongs to them, without it and in lower case.
    private let abbreviations: Set<String>
    /// Whether a full stop after a number makes it an ordinal.
    private let hasOrdinals: Bool
    /// Whether an apostrophe belongs to the word before it, as in "l'eau".
    private let elides: Bool
    private let isEnglish: Bool

    init(language: String) {
        abbreviations = Abbreviations.of(language)
        hasOrdinals = [
            "de", "cs", "da", "et", "fi", "hr", "hu", "is", "nb", "nn", "no", "pl", "sk", "sl",
            "sr", "tr",
        ].contains(language)
        elides = Self.elides(language)
        isEnglish = language == "en"
    }

    /// Whether a language elides vowels before an apostrophe.
    static func elides(_ language: String) -> Bool {
        ["fr", "it", "ca", "oc", "ga"].contains(language)
    }

    /// English words that begin with an apostrophe, without it.
    static let clipped: Set<String> = ["tis", "twas", "em", "cause", "til", "bout", "cos"]

    static func isApostrophe(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "'" || scalar == "\u{2019}"
    }

    /// Appends the tokens of `scalars[range]`, which has no white space.
    ///
    /// `isLast` says that nothing follows in the text.
    func appendTokens(
        of scalars: [Unicode.Scalar], _ range: Range<Int>, isLast: Bool,
        to tokens: inout [String]
    ) {
        var begin = range.lowerBound
        while begin < range.upperBound {
            let end =
                beginsWord(scalars, begin, in: range)
                ? wordEnd(scalars, begin, in: range, isLast: isLast)
                : symbolEnd(scalars, begin, in: range)
            var token = String.UnicodeScalarView()
            token.append(contentsOf: scalars[begin..<end])
            tokens.append(String(token))
            begin = end
        }
    }

    // MARK: Where a word begins

    private func beginsWord(_ scalars: [Unicode.Scalar], _ begin: Int, in range: Range<Int>)
        -> Bool
    {
        if CharacterClass(scalars[begin]).isWord { return true }
        guard begin + 1 < range.upperBound, CharacterClass(scalars[begin + 1]).isWord else {
            return false
        }
        let isFirst =
            begin == range.lowerBound || "([{\"".unicodeScalars.contains(scalars[begin - 1])
        let isBeforeDigit = CharacterClass(scalars[begin + 1]) == .digit
        switch scalars[begin] {
        case "-": return isFirst
        case ".", "\u{2212}": return isFirst && isBeforeDigit
        case "'", "\u{2019}":
            if isFirst { return isBeforeDigit || isClipped(scalars, begin + 1, in: range) }
            let before = CharacterClass(scalars[begin - 1])
            return before == .letter
                ? !isBeforeDigit : before == .digit && scalars[begin + 1] == "s"
        default: return false
        }
    }

    private func isClipped(_ scalars: [Unicode.Scalar], _ begin: Int, in range: Range<Int>)
        -> Bool
    {
        guard isEnglish else { return false }
        let word = scalars[begin..<range.upperBound].prefix(6).prefix {
            CharacterClass($0) == .letter
        }
        return Self.clipped.contains(Self.lowercased(word))
    }

    // MARK: Where a word ends

    private func wordEnd(
        _ scalars: [Unicode.Scalar], _ begin: Int, in range: Range<Int>, isLast: Bool
    ) -> Int {
        if let end = addressEnd(scalars, begin, in: range) { return end }
        var end = begin + 1
        while end < range.upperBound {
            if CharacterClass(scalars[end]).isWord {
                end += 1
                continue
            }
            guard end + 1 < range.upperBound, CharacterClass(scalars[end + 1]).isWord else { break }
            if Self.isApostrophe(scalars[end]) {
                let isElision =
                    elides && CharacterClass(scalars[end - 1]) == .letter
                    && CharacterClass(scalars[end + 1]) == .letter
                return isElision ? end + 1 : end
            }
            guard joins(scalars, at: end) else { break }
            end += 2
        }
        return suffixEnd(scalars, begin..<end, in: range, isLast: isLast)
    }

    /// Whether a mark between two characters of words keeps them together.
    private func joins(_ scalars: [Unicode.Scalar], at index: Int) -> Bool {
        switch scalars[index] {
        case "-", "\u{2010}", "\u{2011}", "@", "&", ".": true
        case ",", ":", "/", "\u{2013}", "\u{2019}":
            CharacterClass(scalars[index - 1]) == .digit
                && CharacterClass(scalars[index + 1]) == .digit
        default: false
        }
    }

    /// The end of a word with what may follow its last letter: the full stop of an abbreviation,
    /// a hyphen that stands for the rest of the word, the signs of C++ and C#.
    private func suffixEnd(
        _ scalars: [Unicode.Scalar], _ word: Range<Int>, in range: Range<Int>, isLast: Bool
    ) -> Int {
        let end = word.upperBound
        guard end < range.upperBound else { return end }
        let next = end + 1 < range.upperBound ? scalars[end + 1] : nil
        switch scalars[end] {
        case "." where next != ".":
            let isTextEnd = isLast && next == nil
            return keepsFullStop(scalars[word], isTextEnd: isTextEnd, isSpaced: next == nil)
                ? end + 1 : end
        case "-" where next != "-": return end + 1
        case "#" where word.count == 1 && CharacterClass(scalars[end - 1]) == .letter:
            return end + 1
        case "+" where next == "+" && CharacterClass(scalars[end - 1]) == .letter: return end + 2
        default: return end
        }
    }

    private func keepsFullStop(
        _ word: ArraySlice<Unicode.Scalar>, isTextEnd: Bool, isSpaced: Bool
    ) -> Bool {
        if word.allSatisfy({ CharacterClass($0) == .digit }) {
            return hasOrdinals && isSpaced && !isTextEnd && word.count <= 2
        }
        // No abbreviation is longer, and looking further would cost for every letter of a line.
        guard word.count <= 16 else { return false }
        let parts = word.split(separator: ".", omittingEmptySubsequences: false)
        if parts.count > 1 {
            return parts.allSatisfy { $0.count == 1 && $0.allSatisfy(\.properties.isAlphabetic) }
        }
        if word.count == 1, let initial = word.first, initial.properties.isUppercase {
            return !isTextEnd && initial != "I"
        }
        return abbreviations.contains(Self.lowercased(word))
    }

    /// The end of an address such as https://example.org/a?b=c, without the marks that follow it.
    private func addressEnd(_ scalars: [Unicode.Scalar], _ begin: Int, in range: Range<Int>)
        -> Int?
    {
        var mark = begin
        while mark < range.upperBound, mark < begin + 8, scalars[mark].properties.isAlphabetic {
            mark += 1
        }
        let rest = scalars[mark..<range.upperBound]
        let isAddress =
            rest.starts(with: "://".unicodeScalars)
            || (rest.starts(with: ".".unicodeScalars)
                && Self.lowercased(scalars[begin..<mark]) == "www")
        guard mark > begin, isAddress else { return nil }
        var end = range.upperBound
        while end > mark, !CharacterClass(scalars[end - 1]).isWord, scalars[end - 1] != "/" {
            end -= 1
        }
        return end > mark + 1 ? end : nil
    }

    private static func lowercased(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return String(text).lowercased()
    }

    // MARK: Marks

    private func symbolEnd(_ scalars: [Unicode.Scalar], _ begin: Int, in range: Range<Int>) -> Int {
        let symbol = scalars[begin]
        var end = begin + 1
        if ",!?\"'()[]{};:%\u{2019}\u{201C}\u{201D}".unicodeScalars.contains(symbol) { return end }
        if symbol.value < 0x2190 || (0x3001...0x303F).contains(symbol.value) {
            // Runs such as ... and -- are one mark.
            while end < range.upperBound, scalars[end] == symbol { end += 1 }
            return end
        }
        while end < range.upperBound, CharacterClass.extendsSymbol(scalars[end]) {
            // A zero-width joiner ties two emoji to one.
            let ties = scalars[end] == "\u{200D}" && end + 1 < range.upperBound
            end += ties && !CharacterClass(scalars[end + 1]).isWord ? 2 : 1
        }
        return end
    }
}
