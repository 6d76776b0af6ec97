import Yams

/// What an option makes of a plain or quoted word of YAML.
///
/// The type of the option decides what the word is, never its look: `no` is a language where a language is
/// wanted, and `1:30` is a text. Numbers are those of the core schema of YAML 1.2, so `010` is ten;
/// `yes`, `no`, `on`, `off` and `1_000` are read as before, where a truth value or a number is wanted.
protocol ConfigurationValue {
    /// Reads a word; nil when it is no such value.
    init?(word: Node.Scalar)
}

extension Node.Scalar {
    /// The word without quotes, without blanks around it; nil if it is quoted.
    fileprivate var plain: Substring? {
        guard style == .plain || style == .any else { return nil }
        let blanks: Set<Character> = [" ", "\t"]
        let start = string.drop { blanks.contains($0) }
        return start.prefix(start.count - start.reversed().prefix { blanks.contains($0) }.count)
    }

    /// Whether it stands for no value.
    var isNull: Bool { plain.map { ["", "~", "null", "Null", "NULL"].contains($0) } ?? false }

    /// The word as a decimal number without `_` between its digits, and with at least one digit.
    fileprivate var digits: String? {
        guard let plain else { return nil }
        let isSeparated = plain.split(separator: "_", omittingEmptySubsequences: false).allSatisfy {
            $0.first?.isASCIIDigit == true && $0.last?.isASCIIDigit == true
        }
        return plain.contains("_") && !isSeparated
            ? nil : String(plain.replacing("_", with: ""))
    }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { isASCII && isWholeNumber }
}

extension String: ConfigurationValue {
    init?(word: Node.Scalar) { self = word.string }
}

extension Bool: ConfigurationValue {
    init?(word: Node.Scalar) {
        switch word.plain?.lowercased() {
        case "true", "yes", "on": self = true
        case "false", "no", "off": self = false
        default: return nil
        }
    }
}

extension FixedWidthInteger {
    /// `12`, `-012`, `+1_000`, `0o14` or `0xC`.
    init?(word: Node.Scalar) {
        guard let plain = word.plain else { return nil }
        for (prefix, radix) in [("0x", 16), ("0o", 8)] where plain.hasPrefix(prefix) {
            guard plain.dropFirst(2).first.map({ !"+-".contains($0) }) == true else { return nil }
            self.init(plain.dropFirst(2), radix: radix)
            return
        }
        guard let digits = word.digits else { return nil }
        self.init(digits, radix: 10)
    }
}

extension Int: ConfigurationValue {}
extension UInt64: ConfigurationValue {}

extension BinaryFloatingPoint where Self: LosslessStringConvertible {
    /// `1`, `-1.5`, `.5`, `1e-3`, `.inf`, `.nan`, or a whole number in any form that ``Int`` has.
    init?(word: Node.Scalar) {
        guard let plain = word.plain else { return nil }
        let isNegative = plain.first == "-"
        let unsigned = plain.drop { "+-".contains($0) }
        if [".inf", ".Inf", ".INF"].contains(unsigned), plain.count <= 5 {
            self = isNegative ? -.infinity : .infinity
        } else if [".nan", ".NaN", ".NAN"].contains(plain) {
            self = .nan
        } else if plain.hasPrefix("0x") || plain.hasPrefix("0o") {
            guard let whole = UInt64(word: word) else { return nil }
            self.init(whole)
        } else {
            // Swift also reads `inf`, `nan` and hexadecimal fractions, which are texts in YAML.
            let isDecimal = plain.allSatisfy { $0.isASCIIDigit || "+-._eE".contains($0) }
            guard isDecimal, let digits = word.digits else { return nil }
            self.init(digits)
        }
    }
}

extension Float: ConfigurationValue {}
extension Double: ConfigurationValue {}
