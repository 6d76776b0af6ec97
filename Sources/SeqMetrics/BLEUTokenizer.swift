/// How BLEU cuts a text into tokens; the names are those of sacreBLEU.
///
/// Scores made with different tokenizers cannot be compared, so the signature of a score names it.
public enum BLEUTokenizer: String, CaseIterable, Codable, Hashable, Sendable {
    /// The tokenizer of `mteval-v13a.pl`, used by WMT: the default.
    case mteval13a = "13a"
    /// Each Chinese character is a token; the rest is cut as `13a` does.
    case chinese = "zh"
    /// Each code point is a token.
    case characters = "char"
    /// The tokenizer of `mteval-v14.pl`: cuts at all punctuation and symbols of Unicode.
    case international = "intl"
    /// Cuts at white space only, for text that is tokenized already.
    case none

    /// Returns the tokens of `text`.
    public func tokenize(_ text: String) -> [String] {
        let tokens = tokens(of: text)
        return (0..<tokens.count).map { String(decoding: tokens[$0], as: UTF8.self) }
    }

    /// Returns the tokens of `text` as ranges of bytes.
    func tokens(of text: String) -> TokenList {
        var text = text
        return text.withUTF8 { bytes in
            let line = trimmingTrailingWhitespace(bytes)
            switch self {
            case .mteval13a: return TokenList(splitting: MtevalTokenizer.separated13a(line))
            case .chinese: return TokenList(splitting: MtevalTokenizer.separatedChinese(line))
            case .characters: return TokenList(charactersOf: line)
            case .international: return TokenList(splitting: InternationalTokenizer.separated(line))
            case .none: return TokenList(splitting: Array(line))
            }
        }
    }
}

/// Tokens as ranges of one buffer of UTF-8.
struct TokenList {
    private var bytes: [UInt8]
    private var bounds: [Range<Int>] = []

    /// Creates the list of what stands between white space in `bytes`.
    init(splitting bytes: [UInt8]) {
        self.bytes = bytes
        bounds.reserveCapacity(bytes.count / 4)
        bytes.withUnsafeBufferPointer { buffer in
            var start = 0
            var index = 0
            while index < buffer.count {
                let length = whitespaceLength(in: buffer, at: index)
                if length == 0 {
                    index += 1
                } else {
                    if index > start { bounds.append(start..<index) }
                    index += length
                    start = index
                }
            }
            if index > start { bounds.append(start..<index) }
        }
    }

    /// Creates the list of the code points of `bytes`, white space left out.
    init(charactersOf bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = Array(bytes)
        var index = 0
        while index < bytes.count {
            var end = index + 1
            while end < bytes.count && bytes[end] & 0xC0 == 0x80 { end += 1 }
            if whitespaceLength(in: bytes, at: index) == 0 { bounds.append(index..<end) }
            index = end
        }
    }

    /// The number of tokens.
    var count: Int { bounds.count }

    /// Accesses the bytes of a token.
    subscript(index: Int) -> ArraySlice<UInt8> { bytes[bounds[index]] }

    /// Calls `body` with the bytes of each token in turn.
    func forEachToken(_ body: (UnsafeRawBufferPointer) -> Void) {
        bytes.withUnsafeBytes { buffer in
            for range in bounds { body(UnsafeRawBufferPointer(rebasing: buffer[range])) }
        }
    }
}
