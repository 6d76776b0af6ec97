/// What a character is to a tokenizer.
enum CharacterClass {
    /// White space.
    case space
    /// A letter, or a mark that belongs to the letter before it.
    case letter
    /// A digit of any script.
    case digit
    /// Anything else: punctuation, symbols, emoji.
    case symbol

    /// Creates the class of a character.
    init(_ scalar: Unicode.Scalar) {
        switch scalar.value {
        case 0x09...0x0D, 0x20: self = .space
        case 0x30...0x39: self = .digit
        case 0x41...0x5A, 0x61...0x7A, 0x5F, 0xB0: self = .letter
        case 0..<0x80: self = .symbol
        case 0x4E00...0x9FFF, 0x3041...0x3096, 0xAC00...0xD7A3: self = .letter
        default:
            switch scalar.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter,
                .otherLetter, .nonspacingMark, .spacingMark, .enclosingMark, .format,
                .letterNumber:
                self = .letter
            case .decimalNumber, .otherNumber: self = .digit
            default: self = scalar.properties.isWhitespace ? .space : .symbol
            }
        }
    }

    /// Whether a character is part of a word.
    var isWord: Bool { self == .letter || self == .digit }

    /// Whether a mark, joiner or modifier belongs to the symbol before it, as in most emoji.
    static func extendsSymbol(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return false }
        if (0x1F3FB...0x1F3FF).contains(scalar.value) { return true }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return true
        default: return false
        }
    }

    /// Whether a letter is of a script that is written without spaces between words: Han,
    /// Bopomofo, kana, Thai, Lao, Burmese, Khmer.
    static func isDictionaryScript(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x0E00: false
        case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0xF900...0xFAFF, 0x20000...0x323AF: true
        case 0x3005...0x3007, 0x3041...0x3096, 0x3099...0x309F, 0x30A1...0x30FA: true
        case 0x30FC...0x30FF, 0x3105...0x312F, 0x31A0...0x31BF, 0x31F0...0x31FF: true
        case 0xFF66...0xFF9F: true
        case 0x0E01...0x0E3A, 0x0E40...0x0E4E, 0x0E81...0x0EBD, 0x0EC0...0x0ECD: true
        case 0x1000...0x103F, 0x1050...0x108F, 0x1780...0x17D3: true
        default: false
        }
    }
}
