import SeqFiles
import SeqData

/// Translations of single words.
public struct Lexicon: Sendable {
    /// By the bytes of the source word: Swift takes other spellings of it for the same word.
    private let translations: [[UInt8]: String]

    /// Creates a lexicon from pairs; of two for one source word the first counts.
    public init(_ entries: [(source: String, target: String)]) {
        translations = Dictionary(
            entries.map { (Array($0.source.utf8), $0.target) },
            uniquingKeysWith: { first, _ in first })
    }

    /// Reads a file of lines `source<TAB>target` in UTF-8; of two lines for one source word the first
    /// counts.
    ///
    /// - Throws: a `Seq2SeqError` that names the line which is not of that form, has nothing or spaces around
    ///   a word, or is not UTF-8.
    public init(contentsOf path: String) throws {
        let reader = try TextLineReader(path: path)
        var entries: [(source: String, target: String)] = []
        var size = 0
        while let line = try reader.next() {
            size += line.utf8.count + 1
            guard size <= Self.maximumBytes else {
                throw Seq2SeqError(
                    .badData, path: path, line: reader.lineNumber,
                    reason: "the file has more than \(Self.maximumBytes) bytes of text",
                    remedy: "keep the words that occur")
            }
            func failure(_ reason: String) -> Seq2SeqError {
                Seq2SeqError(
                    .badData, path: path, line: reader.lineNumber, reason: reason,
                    remedy: "write SOURCE, tab, TARGET")
            }
            // By scalars: a combining mark after the tab would make one character of both.
            let fields = line.unicodeScalars.split(
                separator: "\t", omittingEmptySubsequences: false)
            guard fields.count == 2 else {
                throw failure("the line has \(fields.count - 1) tabs instead of 1")
            }
            for (name, field) in zip(["source", "target"], fields) {
                guard let first = field.first, let last = field.last else {
                    throw failure("the \(name) is empty")
                }
                if first.properties.isWhitespace || last.properties.isWhitespace {
                    throw failure(
                        "the \(name) \(String(field).debugDescription) has a space before or after it"
                    )
                }
            }
            entries.append((String(fields[0]), String(fields[1])))
        }
        self.init(entries)
    }

    /// The most bytes of a file of translations, 256 MiB.
    private static let maximumBytes = 1 << 28

    /// The number of source words.
    public var count: Int { translations.count }

    /// The translation of a source word, if the lexicon has it.
    public subscript(word: String) -> String? { translations[Array(word.utf8)] }
}
