/// How TER prepares text: the normalizations of Tercom, as sacreBLEU has them.
enum TercomTokenizer {
    /// Returns the tokens of `text` under the settings of `metric`.
    static func tokens(of text: String, _ metric: TranslationEditRate) -> TokenList {
        var text = metric.caseSensitive ? text : pythonLowercased(text)
        var bytes = text.withUTF8 { Array(trimmingTrailingWhitespace($0)) }
        if metric.normalized {
            bytes = normalized(bytes)
            if metric.asianSupport { bytes = separatingAsian(bytes) }
        }
        if !metric.punctuation {
            bytes.removeAll { ".,?:;!\"()".utf8.contains($0) }
            if metric.asianSupport { bytes = removing(isAsianPunctuation, from: bytes) }
        }
        return TokenList(splitting: bytes)
    }

    /// The general and the Western normalization.
    private static func normalized(_ line: [UInt8]) -> [UInt8] {
        let space = UInt8(ascii: " ")
        var text = line
        if text.contains(UInt8(ascii: "\n")) {
            text.replace("\n-", with: "")
            text.replace("\n", with: " ")
        }
        MtevalTokenizer.replaceEntities(in: &text)
        text = MtevalTokenizer.separatingSymbols([space] + text + [space])
        if text.contains(UInt8(ascii: "'")) { text.replace("'s ", with: " 's ") }
        return MtevalTokenizer.separatingStopsAndDashes(text)
    }

    /// Puts white space around Chinese characters and Asian punctuation.
    ///
    /// Tercom's patterns for Hiragana and Katakana match at the start of a line only, where
    /// ``normalized(_:)`` has put a space: they never do anything.
    private static func separatingAsian(_ text: [UInt8]) -> [UInt8] {
        var result = ""
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            if isIdeograph(scalar.value) || isAsianPunctuation(scalar.value) {
                result += " \(scalar) "
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return Array(result.utf8)
    }

    private static func removing(
        _ isUnwanted: (UInt32) -> Bool, from text: [UInt8]
    ) -> [UInt8] {
        var scalars = String(decoding: text, as: UTF8.self).unicodeScalars
        scalars.removeAll { isUnwanted($0.value) }
        return Array(String(scalars).utf8)
    }

    /// The last range is sacreBLEU's, which has U+3F22 where U+32FF is meant.
    private static func isIdeograph(_ value: UInt32) -> Bool {
        switch value {
        case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x31C0...0x31EF, 0x2E80...0x2EFF, 0x3300...0x33FF,
            0xF900...0xFAFF, 0xFE30...0xFE4F, 0x3200...0x3F22:
            true
        default: false
        }
    }

    private static func isAsianPunctuation(_ value: UInt32) -> Bool {
        switch value {
        case 0x3001, 0x3002, 0x3008...0x3011, 0x3014...0x301F, 0xFF61...0xFF65, 0x30FB, 0xFF0E,
            0xFF0C, 0xFF1F, 0xFF1A, 0xFF1B, 0xFF01, 0xFF02, 0xFF08, 0xFF09:
            true
        default: false
        }
    }
}
