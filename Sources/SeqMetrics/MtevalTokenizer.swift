/// The tokenizer of `mteval-v13a.pl` and its variant for Chinese.
///
/// Both follow sacreBLEU's regular expressions pass by pass: what a match consumes is not looked at
/// again in the same pass, which shows where punctuation stands in a row. The passes work on bytes,
/// since all patterns are ASCII or "any character but a digit", of which a lone byte of a longer
/// code point is one too.
enum MtevalTokenizer {
    /// Returns `line` with white space around the tokens of `13a`.
    static func separated13a(_ line: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(line.count + 2)
        text.append(space)
        text.append(contentsOf: line)
        text.append(space)
        if line.contains(UInt8(ascii: "<")) { text.replace("<skipped>", with: "") }
        if line.contains(UInt8(ascii: "\n")) {
            text.replace("-\n", with: "")
            text.replace("\n", with: " ")
        }
        replaceEntities(in: &text)
        return separatingPunctuation(text)
    }

    /// Replaces the four entities of XML that stand for characters of text.
    static func replaceEntities(in text: inout [UInt8]) {
        guard text.contains(UInt8(ascii: "&")) else { return }
        text.replace("&quot;", with: "\"")
        text.replace("&amp;", with: "&")
        text.replace("&lt;", with: "<")
        text.replace("&gt;", with: ">")
    }

    /// Returns `line` with white space around Chinese characters and around the tokens of `13a`.
    ///
    /// Unlike `13a` proper, neither entities nor `<skipped>` are replaced, and no space is added at
    /// the ends, so that a full stop after a final digit stays with it.
    static func separatedChinese(_ line: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(line.count * 5 / 3)
        let line = trimmingLeadingWhitespace(line)
        for scalar in String(decoding: line, as: UTF8.self).unicodeScalars {
            if scalar.isASCII {
                text.append(UInt8(scalar.value))
            } else if isChinese(scalar.value) {
                text.append(space)
                text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
                text.append(space)
            } else {
                text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            }
        }
        return separatingPunctuation(text)
    }

    private static let space = UInt8(ascii: " ")

    private static func separatingPunctuation(_ text: [UInt8]) -> [UInt8] {
        separatingStopsAndDashes(separatingSymbols(text))
    }

    /// Returns `text` with white space around full stops, commas and dashes, as far as digits beside
    /// them do not forbid it.
    static func separatingStopsAndDashes(_ text: [UInt8]) -> [UInt8] {
        var result = text
        if result.contains(where: isPeriodOrComma) {
            // Full stop and comma unless preceded by a digit.
            result = replacingPairs(in: result) { first, second in
                !isDigit(first) && isPeriodOrComma(second)
            } appending: { output, first, second in
                output.append(first)
                output.append(space)
                output.append(second)
                output.append(space)
            }
            // Full stop and comma unless followed by a digit.
            result = replacingPairs(in: result) { first, second in
                isPeriodOrComma(first) && !isDigit(second)
            } appending: { output, first, second in
                output.append(space)
                output.append(first)
                output.append(space)
                output.append(second)
            }
        }
        if result.contains(UInt8(ascii: "-")) {
            // Hyphen preceded by a digit.
            result = replacingPairs(in: result) { first, second in
                isDigit(first) && second == UInt8(ascii: "-")
            } appending: { output, first, second in
                output.append(first)
                output.append(space)
                output.append(second)
                output.append(space)
            }
        }
        return result
    }

    /// Returns `text` with white space around the other punctuation of ASCII, `'` left out.
    static func separatingSymbols(_ text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count + text.count / 4)
        for byte in text {
            if isSymbol(byte) {
                result.append(space)
                result.append(byte)
                result.append(space)
            } else {
                result.append(byte)
            }
        }
        return result
    }

    @inline(__always)
    private static func replacingPairs(
        in text: [UInt8],
        where matches: (UInt8, UInt8) -> Bool,
        appending: (inout [UInt8], UInt8, UInt8) -> Void
    ) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count + text.count / 4)
        var index = 0
        while index < text.count {
            if index + 1 < text.count, matches(text[index], text[index + 1]) {
                appending(&result, text[index], text[index + 1])
                index += 2
            } else {
                result.append(text[index])
                index += 1
            }
        }
        return result
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    private static func isPeriodOrComma(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ".") || byte == UInt8(ascii: ",")
    }

    /// sacreBLEU's `[\{-\~\[-\` -\&\(-\+\:-\@\/]`: ASCII punctuation but `'`, `,`, `-` and `.`; the
    /// space of that class can be left out, for around it more spaces change nothing.
    private static func isSymbol(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x21...0x26, 0x28...0x2B, 0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
        default: false
        }
    }

    /// Returns whether sacreBLEU's `zh` takes a code point for a Chinese character.
    ///
    /// The last range is what its two ranges beyond U+FFFF amount to: written `\u20000` and
    /// `\u2a6d6` in Python they are strings of two characters, and so compare like U+2001 and U+2A6D.
    /// It covers typographic quotes, arrows and mathematical signs, but no ideograph of the
    /// supplementary planes.
    private static func isChinese(_ value: UInt32) -> Bool {
        switch value {
        case 0x3400...0x4DB5, 0x4E00...0x9FBB, 0xF900...0xFA2D, 0xFA30...0xFA6A, 0xFA70...0xFAD9,
            0xFF00...0xFFEF, 0x2E80...0x2EFF, 0x3000...0x303F, 0x31C0...0x31EF, 0x2F00...0x2FDF,
            0x2FF0...0x2FFF, 0x3100...0x312F, 0x31A0...0x31BF, 0xFE10...0xFE1F, 0xFE30...0xFE4F,
            0x3200...0x33FF, 0x2001...0x2A6D, 0x2F81...0x2FA1:
            true
        default: false
        }
    }
}

extension [UInt8] {
    /// Replaces each occurrence of `pattern`, from left to right.
    mutating func replace(_ pattern: StaticString, with replacement: StaticString) {
        let pattern = UnsafeBufferPointer(
            start: pattern.utf8Start, count: pattern.utf8CodeUnitCount)
        let replacement = UnsafeBufferPointer(
            start: replacement.utf8Start, count: replacement.utf8CodeUnitCount)
        var result: [UInt8] = []
        result.reserveCapacity(count)
        var index = 0
        while index < count {
            if self[index...].starts(with: pattern) {
                result.append(contentsOf: replacement)
                index += pattern.count
            } else {
                result.append(self[index])
                index += 1
            }
        }
        self = result
    }
}
