/// The scripts of Unicode that corpora are written in (UAX #24), as far as checks tell them apart.
///
/// Han, kana and Bopomofo are one, since Japanese mixes them within a sentence.
public enum Script: String, Codable, Sendable, Hashable, CaseIterable {
    /// Latin letters, also of phonetic alphabets.
    case latin
    /// Greek.
    case greek
    /// Cyrillic.
    case cyrillic
    /// Armenian.
    case armenian
    /// Hebrew.
    case hebrew
    /// Arabic.
    case arabic
    /// Devanagari.
    case devanagari
    /// The other scripts of India: Bengali to Sinhala.
    case indic
    /// Thai.
    case thai
    /// Lao.
    case lao
    /// Tibetan.
    case tibetan
    /// Burmese.
    case burmese
    /// Georgian.
    case georgian
    /// Hangul.
    case hangul
    /// Ethiopic.
    case ethiopic
    /// Khmer.
    case khmer
    /// Mongolian.
    case mongolian
    /// Han characters, kana and Bopomofo.
    case han

    /// Creates the script of a character; nil for what belongs to none, such as digits and marks.
    public init?(_ scalar: Unicode.Scalar) {
        let value = scalar.value
        switch value {
        case 0x41...0x5A, 0x61...0x7A: self = .latin
        case 0..<0xAA: return nil
        case 0x4E00...0x9FFF: self = .han
        default:
            guard let found = Script.ranges.first(where: { $0.range.contains(value) }) else {
                return nil
            }
            self = found.script
        }
    }

    /// Returns the script that a language is written in, where there is one.
    ///
    /// - Parameter language: an ISO 639 code such as `zh`, with or without a region.
    public init?(language: String) {
        let code = language.prefix { $0 != "-" && $0 != "_" }.lowercased()
        guard let script = Script.languages.first(where: { $0.value.contains(code) })?.key else {
            return nil
        }
        self = script
    }

    private static let languages: [Script: [String]] = [
        .latin: [
            "en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "no", "nb", "nn", "fi", "is",
            "pl", "cs", "sk", "sl", "hr", "hu", "ro", "et", "lv", "lt", "tr", "vi", "id", "ms",
            "sw", "ca", "eu", "gl", "ga", "cy", "mt", "sq", "la", "af", "tl",
        ],
        .cyrillic: ["ru", "uk", "bg", "be", "mk"], .greek: ["el"], .hebrew: ["he", "yi"],
        .arabic: ["ar", "fa", "ur", "ps"], .armenian: ["hy"], .georgian: ["ka"],
        .devanagari: ["hi", "mr", "ne", "sa"], .indic: ["bn", "ta", "te", "gu", "kn", "ml", "si"],
        .thai: ["th"], .lao: ["lo"], .burmese: ["my"], .khmer: ["km"], .tibetan: ["bo"],
        .ethiopic: ["am", "ti"], .hangul: ["ko"], .han: ["zh", "ja", "yue", "wuu", "lzh"],
    ]

    /// The blocks of each script, the frequent ones first.
    private static let ranges: [(range: ClosedRange<UInt32>, script: Script)] = [
        (0xC0...0xD6, .latin), (0xD8...0xF6, .latin), (0xF8...0x2AF, .latin),
        (0x400...0x52F, .cyrillic), (0x3041...0x30FF, .han), (0xAC00...0xD7FF, .hangul),
        (0x600...0x6FF, .arabic), (0x370...0x3FF, .greek), (0x590...0x5FF, .hebrew),
        (0x900...0x97F, .devanagari), (0x980...0xDFF, .indic), (0xE00...0xE7F, .thai),
        (0xE80...0xEFF, .lao), (0xF00...0xFFF, .tibetan), (0x1000...0x109F, .burmese),
        (0x10A0...0x10FF, .georgian), (0x1100...0x11FF, .hangul), (0x1200...0x139F, .ethiopic),
        (0x1780...0x17FF, .khmer), (0x1800...0x18AF, .mongolian), (0x530...0x58F, .armenian),
        (0x750...0x77F, .arabic), (0x8A0...0x8FF, .arabic), (0x1C80...0x1C8F, .cyrillic),
        (0x1C90...0x1CBF, .georgian), (0x1D00...0x1DBF, .latin), (0x1E00...0x1EFF, .latin),
        (0x1F00...0x1FFF, .greek), (0x2C60...0x2C7F, .latin), (0x2D00...0x2D2F, .georgian),
        (0x2DE0...0x2DFF, .cyrillic), (0x2E80...0x2FDF, .han), (0x3005...0x3007, .han),
        (0x3100...0x312F, .han), (0x3130...0x318F, .hangul), (0x31A0...0x31BF, .han),
        (0x31F0...0x31FF, .han), (0x3400...0x4DBF, .han), (0xA640...0xA69F, .cyrillic),
        (0xA720...0xA7FF, .latin), (0xA960...0xA97F, .hangul), (0xAB30...0xAB6F, .latin),
        (0xF900...0xFAFF, .han), (0xFB00...0xFB06, .latin), (0xFB1D...0xFB4F, .hebrew),
        (0xFB50...0xFDFF, .arabic), (0xFE70...0xFEFE, .arabic), (0xFF21...0xFF3A, .latin),
        (0xFF41...0xFF5A, .latin), (0xFF66...0xFF9F, .han), (0x20000...0x3FFFF, .han),
    ]
}
