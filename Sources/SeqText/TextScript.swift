import SeqFiles
import CICU

/// Tells whether a text is written in a script of Unicode, such as Latin or Han.
public struct TextScript: Sendable {
    private let scripts: Set<Int32>

    /// The scripts whose characters stand in texts of any script.
    private static let shared: Set<Int32> = [seq_icu_script("Common"), seq_icu_script("Inherited")]

    /// Creates a test for one script or several.
    ///
    /// - Parameter names: Names or four-letter codes of scripts, separated by spaces.
    /// - Throws: ``Seq2SeqError`` of kind `badConfiguration` for an unknown script, and where ICU is not
    ///   built in.
    public init(_ names: String) throws {
        guard UnicodeText.isAvailable else {
            throw Seq2SeqError(
                .badConfiguration, reason: "is \(names), which needs ICU",
                remedy: "build with ICU (libicu-dev), or leave it empty")
        }
        scripts = Set(
            try names.split(separator: " ").map { name in
                let number = seq_icu_script(String(name))
                if number >= 0 { return number }
                throw Seq2SeqError(
                    .badConfiguration, reason: "is \(names), and \(name) is no script",
                    remedy: "give names of Unicode scripts such as Latin, Cyrillic or Han")
            })
    }

    /// Returns whether more than half of the letters of a text are in the script.
    ///
    /// A text without letters of any script, such as a number, is in every one.
    public func isMost(of text: String) -> Bool {
        var (inside, all) = (0, 0)
        for scalar in text.unicodeScalars {
            let script = seq_icu_script_of(scalar.value)
            if Self.shared.contains(script) { continue }
            all += 1
            if scripts.contains(script) { inside += 1 }
        }
        return all == 0 || 2 * inside > all
    }
}
