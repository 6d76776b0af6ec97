// The two operations on text in which sacreBLEU relies on Python's definition rather than Swift's.

/// Returns the length in bytes of the white space at `index`, or 0 when there is none.
///
/// White space is what Python's `str.isspace` accepts: the space separators (Zs) and the characters
/// of bidirectional class WS, B or S. `bytes` must be well-formed UTF-8.
@inline(__always)
func whitespaceLength(in bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Int {
    let byte = bytes[index]
    if byte < 0x80 {
        return byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) || (byte >= 0x1C && byte <= 0x1F)
            ? 1 : 0
    }
    return nonASCIIWhitespaceLength(in: bytes, at: index)
}

private func nonASCIIWhitespaceLength(in bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Int {
    switch bytes[index] {
    case 0xC2:
        // U+0085, U+00A0
        return bytes[index + 1] == 0x85 || bytes[index + 1] == 0xA0 ? 2 : 0
    case 0xE1:
        // U+1680
        return bytes[index + 1] == 0x9A && bytes[index + 2] == 0x80 ? 3 : 0
    case 0xE2:
        // U+2000 to U+200A, U+2028, U+2029, U+202F; U+205F
        let last = bytes[index + 2]
        if bytes[index + 1] == 0x80 {
            return last <= 0x8A || last == 0xA8 || last == 0xA9 || last == 0xAF ? 3 : 0
        }
        return bytes[index + 1] == 0x81 && last == 0x9F ? 3 : 0
    case 0xE3:
        // U+3000
        return bytes[index + 1] == 0x80 && bytes[index + 2] == 0x80 ? 3 : 0
    default:
        return 0
    }
}

/// Returns `bytes` without the white space at its end.
func trimmingTrailingWhitespace(
    _ bytes: UnsafeBufferPointer<UInt8>
) -> UnsafeBufferPointer<UInt8> {
    var end = bytes.count
    while end > 0 {
        var start = end - 1
        while start > 0 && bytes[start] & 0xC0 == 0x80 { start -= 1 }
        if whitespaceLength(in: bytes, at: start) == 0 { break }
        end = start
    }
    return UnsafeBufferPointer(rebasing: bytes[..<end])
}

/// Returns `bytes` without the white space at its start.
func trimmingLeadingWhitespace(
    _ bytes: UnsafeBufferPointer<UInt8>
) -> UnsafeBufferPointer<UInt8> {
    var start = 0
    while start < bytes.count {
        let length = whitespaceLength(in: bytes, at: start)
        if length == 0 { break }
        start += length
    }
    return UnsafeBufferPointer(rebasing: bytes[start...])
}

/// Returns `text` in lower case as Python's `str.lower` has it.
///
/// Unlike `String.lowercased()`, this applies the one rule of Unicode that looks at the context: a
/// capital sigma at the end of a word becomes a final sigma.
func pythonLowercased(_ text: String) -> String {
    if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.lowercased() }
    let scalars = Array(text.unicodeScalars)
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for (index, scalar) in scalars.enumerated() {
        if scalar == "\u{3A3}" {
            result += isFinalSigma(scalars, at: index) ? "\u{3C2}" : "\u{3C3}"
        } else {
            result += scalar.properties.lowercaseMapping
        }
    }
    return result
}

/// Returns whether a cased letter stands before and none after, case-ignorable ones passed over
/// (Final_Sigma of the Unicode standard, section 3.13).
private func isFinalSigma(_ scalars: [Unicode.Scalar], at index: Int) -> Bool {
    func significant(_ scalar: Unicode.Scalar) -> Bool { !scalar.properties.isCaseIgnorable }
    let before = scalars[..<index].last(where: significant)
    let after = scalars[(index + 1)...].first(where: significant)
    return before?.properties.isCased == true && after?.properties.isCased != true
}
