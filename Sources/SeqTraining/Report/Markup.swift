#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Text in forms that mean nothing to a reader of markup.
enum Markup {
    /// A text within HTML or XML, also within quotes.
    ///
    /// Control characters, which XML does not allow, become U+FFFD.
    static func escaped(_ text: some StringProtocol) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\n", "\t": result.unicodeScalars.append(scalar)
            case "\u{0}"..<" ", "\u{7F}"..<"\u{A0}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// A text within one paragraph of Markdown.
    static func markdown(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\\", "`", "*", "_", "{", "}", "[", "]", "(", ")", "#", "!":
                result += "\\\(scalar)"
            case "\u{0}"..<" ": result += " "
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// A number for people: four digits that count.
    static func number(_ value: Double) -> String {
        guard value.isFinite else { return "-" }
        guard value != 0 else { return "0" }
        let digits = 3 - Int(floor(log10(abs(value))))
        guard (-11...7).contains(digits) else { return scientific(value) }
        let scale = pow(10, Double(max(0, digits)))
        let rounded = (value * scale).rounded() / scale
        return rounded == rounded.rounded() && abs(rounded) < 1e15
            ? "\(Int(rounded))" : "\(rounded)"
    }

    private static func scientific(_ value: Double) -> String {
        var exponent = Int(floor(log10(abs(value))))
        var mantissa = (value / pow(10, Double(exponent)) * 1000).rounded() / 1000
        if abs(mantissa) >= 10 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
        return "\(mantissa)e\(exponent)"
    }
}
