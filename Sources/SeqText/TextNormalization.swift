/// What is done to a text before it is cut into tokens.
///
/// In this order: a Unicode normalisation form, lower case, and white space. Texts that differ
/// only in what is removed here share their tokens.
public struct TextNormalization: Sendable, Hashable {
    /// The normalisation forms of Unicode (UAX #15).
    public enum Form: String, Codable, Sendable, Hashable, CaseIterable {
        /// The characters as they are.
        case none
        /// Canonical composition: one way to write an accented letter.
        case nfc
        /// Compatibility composition: also full-width forms, ligatures and the like.
        case nfkc
    }

    /// The normalisation form.
    public var form: Form
    /// Whether letters become lower case.
    public var lowercase: Bool
    /// Whether white space at the ends is removed and inside becomes single spaces.
    public var collapsesWhitespace: Bool
    /// The language whose rules for lower case apply, such as "tr", where I becomes ı.
    public var language: String

    /// Creates a normalisation.
    public init(
        form: Form = .nfkc, lowercase: Bool = false, collapsesWhitespace: Bool = true,
        language: String = "en"
    ) {
        self.form = form
        self.lowercase = lowercase
        self.collapsesWhitespace = collapsesWhitespace
        self.language = language
    }

    /// Returns the normalised text.
    public func normalized(_ text: String) -> String {
        let isASCII = text.utf8.allSatisfy { $0 < 0x80 }
        var result = text
        if form != .none, !isASCII {
            result = UnicodeText.normalized(result, compatibility: form == .nfkc)
        }
        if lowercase {
            result =
                isASCII && !hasOwnRulesForASCII
                ? result.lowercased() : UnicodeText.lowercased(result, language: language)
        }
        return collapsesWhitespace ? Self.collapsed(result) : result
    }

    /// Whether the language gives ASCII letters other lower-case forms than English does.
    private var hasOwnRulesForASCII: Bool {
        ["tr", "az", "lt"].contains { language == $0 || language.hasPrefix("\($0)-") }
    }

    private static func collapsed(_ text: String) -> String {
        if isCollapsed(text) { return text }
        var result = String.UnicodeScalarView()
        var pending = false
        for scalar in text.unicodeScalars {
            if scalar.properties.isWhitespace {
                pending = !result.isEmpty
            } else {
                if pending { result.append(" ") }
                pending = false
                result.append(scalar)
            }
        }
        return String(result)
    }

    /// Whether nothing is to be done, which is so for nearly every line and quickly seen: white
    /// space outside ASCII is U+0085, U+00A0 (after C2) or begins with E1, E2 or E3.
    private static func isCollapsed(_ text: String) -> Bool {
        var wasSpace = true
        for byte in text.utf8 {
            switch byte {
            case 0x20:
                if wasSpace { return false }
                wasSpace = true
            case 0x09...0x0D, 0xC2, 0xE1...0xE3: return false
            default: wasSpace = false
            }
        }
        return !wasSpace || text.isEmpty
    }
}
