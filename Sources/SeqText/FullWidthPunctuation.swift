/// Gives Chinese and Japanese text the full-width punctuation back that form KC takes from it.
///
/// NFKC turns ，！？：；（） into their ASCII forms and … into three full stops. Text that is
/// generated from such tokens should read, and be scored, like what people write: so a mark that
/// stands next to a character of these scripts becomes full-width again.
enum FullWidthPunctuation {
    /// Whether texts of a language are written with these marks.
    static func isUsed(in language: String) -> Bool {
        LanguageTag(lenient: language).isChineseOrJapanese
    }

    /// Returns the text with the marks next to Chinese or Japanese characters in full width.
    static func restored(in text: String) -> String {
        let scalars = Array(text.unicodeScalars)
        var result = String.UnicodeScalarView()
        // Whether the last character was of these scripts; marks and quotes do not change it.
        var isWide = false
        var openings: [Bool] = []
        var index = 0
        while index < scalars.count {
            let scalar = scalars[index]
            let isBeforeWide = index + 1 < scalars.count && isCharacter(scalars[index + 1])
            switch scalar {
            case ",", "!", "?", ":", ";":
                result.append(isWide || isBeforeWide ? wide(scalar) : scalar)
            case "(":
                openings.append(isWide || isBeforeWide)
                result.append(isWide || isBeforeWide ? wide(scalar) : scalar)
            case ")":
                let closesWide = openings.popLast() ?? isWide
                result.append(closesWide ? wide(scalar) : scalar)
                isWide = isWide || closesWide
            case "." where isWide:
                let run = scalars[index...].prefix { $0 == "." }.count
                let isEllipsis = run.isMultiple(of: 3)
                for _ in 0..<(isEllipsis ? run / 3 : run) {
                    result.append(isEllipsis ? "\u{2026}" : ".")
                }
                index += run - 1
            case "\"", "'", "\u{2018}", "\u{2019}", "\u{201C}", "\u{201D}":
                result.append(scalar)
            default:
                isWide = isCharacter(scalar)
                result.append(scalar)
            }
            index += 1
        }
        return String(result)
    }

    private static func wide(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        Unicode.Scalar(scalar.value + 0xFEE0) ?? scalar
    }

    /// Letters of these scripts, and the marks that NFKC leaves alone such as 。 and 》.
    private static func isCharacter(_ scalar: Unicode.Scalar) -> Bool {
        CharacterClass.isDictionaryScript(scalar) || (0x3001...0x301F).contains(scalar.value)
    }
}
