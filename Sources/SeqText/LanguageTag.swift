import SeqFiles
import CICU

/// A language as text handling needs it, read from a tag of BCP 47.
///
/// Either case, `-` or `_`, and codes of three letters are the same language: `ZH_cn`, `zh-CN` and `zho-CN`
/// all are `zh-CN`. The Chinese languages stand below `zh`, as the extended form of BCP 47 has it: `yue` is
/// `zh-yue`, and `cmn` is `zh` itself.
public struct LanguageTag: Sendable, Hashable, CustomStringConvertible {
    /// The language in its shortest code, in lower case, such as `zh`.
    public let language: String
    /// The member of a group of languages, such as `yue`.
    public let member: String?
    /// The script, such as `Hant`.
    public let script: String?
    /// The region, such as `TW` or `419`.
    public let region: String?
    /// What follows, such as variants and extensions, in lower case.
    public let rest: [String]

    /// Reads a tag.
    ///
    /// - Throws: a ``Seq2SeqError`` that begins with `language is`, for what is no tag or no code of a
    ///   language; it names the code that was probably meant.
    public init(_ tag: String) throws {
        self = try LanguageTag(tag, isStrict: true)
    }

    /// Reads a tag of an older file, which may hold what ``init(_:)`` refuses; such a language has the rules
    /// of no language in particular.
    public init(lenient tag: String) {
        let parsed = try? LanguageTag(tag, isStrict: false)
        self = parsed ?? LanguageTag(language: "und")
    }

    private init(language: String) {
        self.language = language
        (member, script, region, rest) = (nil, nil, nil, [])
    }

    private init(_ tag: String, isStrict: Bool) throws {
        func refusal(_ remedy: String) -> Seq2SeqError {
            Seq2SeqError(option: "language", "is \"\(tag)\"", remedy: remedy)
        }
        var parts = tag.split(omittingEmptySubsequences: false) { $0 == "-" || $0 == "_" }
            .map { $0.lowercased() }
        guard let first = parts.first, first.utf8.allSatisfy(Self.isLetter),
            parts.allSatisfy({ (1...8).contains($0.utf8.count) && $0.utf8.allSatisfy(Self.isPart) })
        else {
            throw refusal(Self.namesMeant(tag) ?? "give a code of ISO 639 such as en, zh or pt-BR")
        }
        if isStrict, let meant = Self.mistaken(first) { throw refusal(meant) }
        guard (2...3).contains(first.count) else {
            throw refusal(
                Self.namesMeant(tag)
                    ?? "a language has a code of two or three letters: give one of ISO 639 such as en, zh or pt-BR"
            )
        }
        var code = Self.shortest(first)
        if isStrict, code.count == 2, !Self.isKnown(code) {
            throw refusal("ISO 639 has no such language: give its code, such as en, zh or ja")
        }
        parts.removeFirst()
        var member: String?
        if Self.chinese.contains(code) { (code, member) = ("zh", code) }
        if let next = parts.first, next.count == 3, next.utf8.allSatisfy(Self.isLetter) {
            let isMember =
                code == "zh"
                ? Self.chinese.contains(next) || next == "cmn" : Self.groups.contains(code)
            if isStrict, !isMember {
                throw refusal(
                    "\"\(next)\" is no part of a tag: give a region by two letters, as in pt-BR")
            }
            member = next == "cmn" ? nil : next
            parts.removeFirst()
        }
        language = code
        self.member = member
        if let next = parts.first, next.count == 4, next.utf8.allSatisfy(Self.isLetter) {
            script = next.prefix(1).uppercased() + next.dropFirst()
            parts.removeFirst()
        } else {
            script = nil
        }
        if let next = parts.first,
            next.count == 2 && next.utf8.allSatisfy(Self.isLetter)
                || next.count == 3 && !next.utf8.contains(where: Self.isLetter)
        {
            region = next.uppercased()
            parts.removeFirst()
        } else {
            region = nil
        }
        if isStrict, let next = parts.first, next.count < 5, next.count > 1,
            next.utf8.first.map(Self.isLetter) == true
        {
            throw refusal("\"\(next)\" is neither a script of four letters nor a region of two")
        }
        rest = parts
    }

    /// The tag in its canonical form, such as `zh-Hant-TW`.
    public var description: String {
        ([language] + [member, script, region].compactMap { $0 } + rest).joined(separator: "-")
    }

    // MARK: What follows from it

    /// Whether the text is in Han characters or kana, where each character may be taken for a word.
    public var isChineseOrJapanese: Bool {
        ["zh", "ja"].contains(language) && script != "Latn"
    }

    /// Whether the text has no spaces between its words.
    public var isWithoutSpaces: Bool {
        isChineseOrJapanese
            || ["th", "lo", "km", "my", "bo", "dz"].contains(language) && script != "Latn"
    }

    // MARK: Codes

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) }

    private static func isPart(_ byte: UInt8) -> Bool {
        isLetter(byte) || (0x30...0x39).contains(byte)
    }

    /// The languages of China that the tag `zh` spans (ISO 639-3).
    private static let chinese: Set<String> = [
        "cdo", "cjy", "cpx", "czh", "czo", "gan", "hak", "hsn", "lzh", "mnp", "nan", "wuu", "yue",
    ]

    /// Other languages whose tags may name a member (the prefixes of extended languages of BCP 47).
    private static let groups: Set<String> = ["ar", "kok", "lv", "ms", "sgn", "sw", "uz"]

    /// Codes of three letters that ICU does not make shorter: those for bibliographies (ISO 639-2/B), and
    /// the usual members of groups that have a code of two letters.
    private static let shorter = [
        "alb": "sq", "arm": "hy", "baq": "eu", "bur": "my", "chi": "zh", "cze": "cs", "dut": "nl",
        "fre": "fr", "geo": "ka", "ger": "de", "gre": "el", "ice": "is", "mac": "mk", "may": "ms",
        "mao": "mi", "per": "fa", "rum": "ro", "slo": "sk", "tib": "bo", "wel": "cy", "cmn": "zh",
        "arb": "ar", "azj": "az", "ekk": "et", "khk": "mn", "lvs": "lv", "npi": "ne", "ory": "or",
        "pes": "fa", "swh": "sw", "uzn": "uz", "zsm": "ms", "als": "sq", "mol": "ro",
        // Those whose text has rules of its own, for builds without ICU.
        "zho": "zh", "jpn": "ja", "kor": "ko", "tha": "th", "lao": "lo", "khm": "km", "mya": "my",
        "bod": "bo", "eng": "en", "deu": "de", "fra": "fr", "spa": "es", "ita": "it", "por": "pt",
        "nld": "nl", "rus": "ru", "tur": "tr", "aze": "az", "lit": "lt", "cat": "ca", "oci": "oc",
        "gle": "ga", "dan": "da", "dzo": "dz",
        // Codes that ISO 639 has withdrawn.
        "iw": "he", "in": "id", "ji": "yi", "jw": "jv", "mo": "ro",
    ]

    private static func shortest(_ code: String) -> String {
        if let short = shorter[code] { return short }
        guard code.count == 3 else { return code }
        var short = [CChar](repeating: 0, count: 4)
        guard seq_icu_short_language(code, &short, 4) == 2 else { return code }
        let found = String(decoding: short.prefix(2).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return countries[found] == nil ? found : code
    }

    /// Whether ISO 639-1 has a code of two letters; without ICU every one counts.
    private static func isKnown(_ code: String) -> Bool {
        // ICU has no data under these, but ISO 639 has them, or had.
        ["tl", "sh", "bh"].contains(code) || seq_icu_is_language(code) != 0
    }

    /// What was probably meant by a code that is one of a country.
    private static func mistaken(_ code: String) -> String? {
        guard let (country, languages) = countries[code] else { return nil }
        let remedy =
            languages.count == 1
            ? "the language is \(languages[0])"
            : "its languages are \(languages.joined(separator: ", "))"
        let namesakes = ["kr": "; Kanuri is kau", "se": "; Northern Sami is sme"]
        return "\(code) is the code of a country, \(country): \(remedy)\(namesakes[code] ?? "")"
    }

    /// Countries whose code is that of no language, and two whose code is that of a language with few
    /// writers, Kanuri and Northern Sami, which are `kau` and `sme`.
    private static let countries: [String: (String, [String])] = [
        "at": ("Austria", ["de"]), "au": ("Australia", ["en"]),
        "bd": ("Bangladesh", ["bn"]), "by": ("Belarus", ["be"]), "ck": ("the Cook Islands", ["mi"]),
        "cl": ("Chile", ["es"]), "cn": ("China", ["zh"]), "cz": ("Czechia", ["cs"]),
        "dk": ("Denmark", ["da"]), "eg": ("Egypt", ["ar"]), "gb": ("Britain", ["en"]),
        "gr": ("Greece", ["el"]), "hk": ("Hong Kong", ["zh-HK"]), "il": ("Israel", ["he"]),
        "iq": ("Iraq", ["ar", "ku"]), "ir": ("Iran", ["fa"]), "jo": ("Jordan", ["ar"]),
        "jp": ("Japan", ["ja"]), "ke": ("Kenya", ["sw", "en"]), "kp": ("North Korea", ["ko"]),
        "kr": ("Korea", ["ko"]), "se": ("Sweden", ["sv"]), "kz": ("Kazakhstan", ["kk"]),
        "mm": ("Myanmar", ["my"]), "mx": ("Mexico", ["es"]),
        "nz": ("New Zealand", ["en", "mi"]), "ph": ("the Philippines", ["tl"]),
        "pk": ("Pakistan", ["ur"]), "rs": ("Serbia", ["sr"]), "sy": ("Syria", ["ar"]),
        "tj": ("Tajikistan", ["tg"]), "tm": ("Turkmenistan", ["tk"]), "tw": ("Taiwan", ["zh-TW"]),
        "ua": ("Ukraine", ["uk"]), "us": ("the United States", ["en"]),
        "vn": ("Vietnam", ["vi"]), "al": ("Albania", ["sq"]), "ma": ("Morocco", ["ar"]),
        "np": ("Nepal", ["ne"]), "lk": ("Sri Lanka", ["si", "ta"]),
        "md": ("Moldova", ["ro"]), "me": ("Montenegro", ["sr"]), "pe": ("Peru", ["es"]),
        "ec": ("Ecuador", ["es"]), "uy": ("Uruguay", ["es"]), "ge": ("Georgia", ["ka"]),
        "kh": ("Cambodia", ["km"]),
    ]

    /// What was meant where the name of a language stands, or a code with space around it.
    private static func namesMeant(_ tag: String) -> String? {
        let word = tag.lowercased().filter { $0.isLetter }
        if let code = names[word] { return "the code of \(word) is \(code)" }
        let trimmed = tag.split(whereSeparator: \.isWhitespace).joined()
        if trimmed != tag, let meant = try? LanguageTag(trimmed) {
            return "there is white space in it: give \(meant)"
        }
        return nil
    }

    private static let names = [
        "arabic": "ar", "bengali": "bn", "bulgarian": "bg", "burmese": "my", "cantonese": "yue",
        "catalan": "ca", "chinese": "zh", "croatian": "hr", "czech": "cs", "danish": "da",
        "dutch": "nl", "english": "en", "estonian": "et", "finnish": "fi", "french": "fr",
        "georgian": "ka", "german": "de", "greek": "el", "hebrew": "he", "hindi": "hi",
        "hungarian": "hu", "indonesian": "id", "irish": "ga", "italian": "it", "japanese": "ja",
        "khmer": "km", "korean": "ko", "lao": "lo", "latin": "la", "latvian": "lv",
        "lithuanian": "lt", "malay": "ms", "mandarin": "zh", "norwegian": "no", "persian": "fa",
        "polish": "pl", "portuguese": "pt", "romanian": "ro", "russian": "ru", "serbian": "sr",
        "slovak": "sk", "slovenian": "sl", "spanish": "es", "swahili": "sw", "swedish": "sv",
        "tamil": "ta", "thai": "th", "tibetan": "bo", "turkish": "tr", "ukrainian": "uk",
        "urdu": "ur", "vietnamese": "vi", "welsh": "cy", "icelandic": "is", "albanian": "sq",
        "armenian": "hy", "basque": "eu",
    ]
}
