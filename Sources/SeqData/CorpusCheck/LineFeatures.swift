import SeqFiles

/// What the checks of a corpus need to know of a line, found in one pass over its characters.
struct LineFeatures {
    /// The characters that are not white space.
    var characters = 0
    /// What stands between white space.
    var words = 0
    /// A hash of the text in lower case with single spaces.
    var hash: UInt64 = 0
    /// A hash of the numbers of the text, in any order; 0 when there are none.
    var numbers: UInt64 = 0
    /// How the text ends.
    var endMark = EndMark.none
    /// The script of most of its letters, if it has any.
    var script: Script?
    /// What is odd in it.
    var oddities: TextOddities = []

    /// The mark at the end of a text, the same for full-width and other forms.
    enum EndMark: UInt8, CaseIterable {
        case none, stop, question, exclamation, comma, colon, ellipsis, other

        /// Creates the mark that a character is; nil for what may follow a mark: quotes and brackets.
        init?(_ scalar: Unicode.Scalar) {
            switch scalar {
            case ".", "。", "．", "।", "۔", "｡": self = .stop
            case "?", "？", "؟": self = .question
            case "!", "！": self = .exclamation
            case ",", "，", "、", "،": self = .comma
            case ":", ";", "：", "；": self = .colon
            case "…": self = .ellipsis
            case "\"", "'", ")", "]", "»", "”", "’", "“", "」", "』", "）", "】", "›": return nil
            default:
                self = scalar.isASCII && !LineFeatures.isWordCharacter(scalar) ? .other : .none
            }
        }
    }

    static func isWordCharacter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "0"..."9", "A"..."Z", "a"..."z": true
        default: !scalar.isASCII
        }
    }

    init(_ text: String) {
        var hash = FNV1a()
        var number: UInt64 = 0
        var isInWord = false
        var previous: UInt32 = 0
        // The letters of the first two scripts that occur; more do not decide.
        var first: (script: Script, count: Int)?
        var second: (script: Script, count: Int)?
        for scalar in text.unicodeScalars {
            let value = scalar.value
            oddities.formUnion(TextOddities(value, after: previous))
            previous = value
            if LineFeatures.isSpace(scalar) {
                isInWord = false
                numbers &+= number == 0 ? 0 : SplitMix64.mixed(number)
                number = 0
                continue
            }
            if !isInWord {
                if words > 0 { hash.add(0x20) }
                words += 1
                isInWord = true
            }
            characters += 1
            hash.add(word: UInt64(CaseTable.lowercased(value)))
            if let digit = LineFeatures.digit(value) {
                number = (number ^ UInt64(digit + 1)) &* 0x100_0000_01B3
            } else if number != 0 {
                numbers &+= SplitMix64.mixed(number)
                number = 0
            }
            if let mark = EndMark(scalar) { endMark = mark }
            guard let script = Script(scalar) else { continue }
            if first == nil || first?.script == script {
                first = (script, (first?.count ?? 0) + 1)
            } else if second == nil || second?.script == script {
                second = (script, (second?.count ?? 0) + 1)
            }
        }
        if number != 0 { numbers &+= SplitMix64.mixed(number) }
        self.hash = SplitMix64.mixed(hash.value)
        script = (second?.count ?? 0) > (first?.count ?? 0) ? second?.script : first?.script
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20, 0x09...0x0D: true
        case 0..<0x85: false
        case 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
        default: false
        }
    }

    private static func digit(_ value: UInt32) -> UInt32? {
        switch value {
        case 0x30...0x39: value - 0x30
        case 0x660...0x669: value - 0x660
        case 0x6F0...0x6F9: value - 0x6F0
        case 0x966...0x96F: value - 0x966
        case 0xFF10...0xFF19: value - 0xFF10
        default: nil
        }
    }
}

/// What is odd in a line of text, though it is valid.
struct TextOddities: OptionSet {
    let rawValue: UInt8

    /// A control character other than tab and line end.
    static let control = TextOddities(rawValue: 1)
    /// A character that other programs take for the end of a line: CR, VT, FF, NEL, LS or PS.
    static let lineSeparator = TextOddities(rawValue: 2)
    /// A character that is not seen: zero-width space, soft hyphen, byte order mark, direction marks.
    static let invisible = TextOddities(rawValue: 4)
    /// The mark of text that was lost in a conversion, or UTF-8 that was read as another encoding.
    static let mojibake = TextOddities(rawValue: 8)
    /// A letter and its accent as two characters.
    static let decomposed = TextOddities(rawValue: 16)
    /// A Latin letter, digit or mark of full width.
    static let fullWidth = TextOddities(rawValue: 32)
    /// NUL, at which reading fails.
    static let null = TextOddities(rawValue: 64)

    init(rawValue: UInt8) { self.rawValue = rawValue }

    /// What a character shows, given the one before it.
    init(_ value: UInt32, after previous: UInt32) {
        switch value {
        case 0x20..<0x7F, 0x09: self = []
        case 0: self = .null
        case 0x0B...0x0D, 0x85, 0x2028, 0x2029: self = .lineSeparator
        case 0x01..<0x20, 0x7F: self = .control
        // Ã, Â or â€ before what a byte of UTF-8 looks like in Latin-1 or Windows-1252.
        case 0x80...0xBF where previous == 0xC3 || previous == 0xC2: self = .mojibake
        case 0x20AC where previous == 0xE2: self = .mojibake
        case 0x80...0x9F: self = .control
        case 0xAD, 0x200B, 0x200E, 0x200F, 0x202A...0x202E, 0x2060, 0x2066...0x2069, 0xFEFF:
            self = .invisible
        case 0xFFFD, 0xE000...0xF8FF: self = .mojibake
        case 0x300...0x36F: self = .decomposed
        case 0xFF01...0xFF5E: self = .fullWidth
        default: self = []
        }
    }
}

/// The lower case of single characters, for hashes.
enum CaseTable {
    private static let table: [UInt32] = (0..<0x2000).map { value in
        guard let scalar = Unicode.Scalar(UInt32(value)) else { return UInt32(value) }
        return scalar.properties.lowercaseMapping.unicodeScalars.first?.value ?? scalar.value
    }

    static func lowercased(_ value: UInt32) -> UInt32 {
        switch value {
        case 0x41...0x5A: value + 0x20
        case 0..<0x80: value
        case 0..<0x2000: table[Int(value)]
        case 0xFF21...0xFF3A: value + 0x20
        default: value
        }
    }
}
