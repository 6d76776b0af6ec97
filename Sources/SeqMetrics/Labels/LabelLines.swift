/// How a line of a file holds labels.
public enum LabelLines: Sendable, Hashable {
    /// A label for each step, between white space.
    case steps
    /// One label, which is the whole line without white space around it.
    case whole

    /// The labels of a line.
    func labels(of line: String) -> [String] {
        let tokens = TokenList(splitting: Array(line.utf8))
        let words = tokens.bounds.map { String(decoding: tokens.bytes[$0], as: UTF8.self) }
        switch self {
        case .steps: return words
        case .whole: return [words.joined(separator: " ")]
        }
    }
}
