import SeqFiles
import SeqText

/// Reads columns of a file with a word a line and a blank line behind each sentence, as the shared tasks of
/// CoNLL write them: a record a sentence, with a token for each word.
///
/// Columns are separated by tabs, or by white space where the first word of the file has no tab. They are
/// given by number, counted from 1, or by the names of CoNLL-U. A field `# key` is text, the value of the
/// comment `# key = value` above a sentence.
///
/// Comments start with `#` and stand before the first word of a sentence; a first cell without white space
/// before a tab is a word. Of ten columns separated by tabs, which is CoNLL-U, multiword tokens (`3-4`) and empty
/// nodes (`3.1`) are passed over.
final class CoNLLReader: ExampleReader {
    /// The names of the columns of CoNLL-U.
    static let names = [
        "ID", "FORM", "LEMMA", "UPOS", "XPOS", "FEATS", "HEAD", "DEPREL", "DEPS", "MISC",
    ]

    private enum Source {
        /// Counted from 0.
        case column(Int)
        case comment(String)
    }

    private let reader: TextLineReader
    private let sources: [Source]
    /// The number of columns that a word must have.
    private let needed: Int
    /// Whether columns are separated by tabs, once a word has been read.
    private var hasTabs: Bool?

    /// Opens a file, plain or compressed with gzip.
    ///
    /// - Parameters:
    ///   - path: The path of the file.
    ///   - fields: The columns and comments of the fields.
    /// - Throws: ``Seq2SeqError`` for a field that is neither, and for what is no regular file.
    init(path: String, fields: [String]) throws {
        try requireRegularFile(path)
        reader = try TextLineReader(path: path, hashing: true)
        sources = try fields.map { field in
            if field.hasPrefix("#") {
                return .comment(String(field.dropFirst().drop { $0 == " " }))
            }
            if let index = Self.names.firstIndex(of: field) { return .column(index) }
            guard let number = Int(field), number >= 1 else {
                throw Seq2SeqError(
                    .badConfiguration, path: path, reason: "there is no column \(field)",
                    remedy:
                        "give a number from 1, \(Self.names.joined(separator: ", ")), or '# key' for a comment"
                )
            }
            return .column(number - 1)
        }
        needed =
            sources.map { source in
                if case .column(let index) = source { index + 1 } else { 1 }
            }.max() ?? 1
    }

    var storedBytesRead: Int { reader.storedBytesRead }

    var fingerprints: [FileFingerprint] { [reader.fingerprint].compactMap { $0 } }

    /// A sentence that is being read.
    private struct Sentence {
        var line = 0
        var comments: [Substring] = []
        var words: [[Substring]] = []
        /// Whether all lines of words were passed over or there were none.
        var hasWords = false
        var bytes = 0
    }

    func next() throws -> Record? {
        var sentence = Sentence()
        while let line = try reader.next() {
            if line.utf8.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) {
                if sentence.hasWords { return try record(sentence) }
                sentence = Sentence()
                continue
            }
            if sentence.line == 0 { sentence.line = reader.lineNumber }
            sentence.bytes += line.utf8.count
            guard sentence.bytes <= TextLineReader.defaultLimit else {
                throw error(
                    sentence.line,
                    "the sentence is longer than \(TextLineReader.defaultLimit) bytes",
                    "write a blank line behind each sentence")
            }
            if !sentence.hasWords, isComment(line) {
                sentence.comments.append(line.dropFirst())
            } else {
                sentence.hasWords = true
                if let cells = try cells(of: line) { sentence.words.append(cells) }
            }
        }
        return sentence.hasWords ? try record(sentence) : nil
    }

    private func isComment(_ line: String) -> Bool {
        guard line.hasPrefix("#") else { return false }
        guard let tab = line.firstIndex(of: "\t") else { return true }
        return line[..<tab].contains(" ")
    }

    /// The columns of a word; `nil` for what is none.
    private func cells(of line: String) throws -> [Substring]? {
        let hasTabs = hasTabs ?? line.contains("\t")
        self.hasTabs = hasTabs
        let cells =
            hasTabs
            ? line.split(separator: "\t", omittingEmptySubsequences: false)
            : line.split { $0 == " " || $0 == "\t" }
        if hasTabs, cells.count == Self.names.count, isNoWord(cells[0]) { return nil }
        guard cells.count >= needed else {
            throw error(
                reader.lineNumber, "the word has \(cells.count) of at least \(needed) columns",
                "columns are separated by \(hasTabs ? "tabs" : "spaces"), sentences by blank lines")
        }
        for case .column(let index) in sources
        where cells[index].allSatisfy({ $0 == " " || $0.isNewline }) {
            throw error(
                reader.lineNumber, "column \(index + 1) of the word is empty",
                "write _ where there is nothing to say")
        }
        return cells
    }

    /// Whether an ID of CoNLL-U is that of a multiword token or of an empty node.
    private func isNoWord(_ id: Substring) -> Bool {
        let parts = id.split(
            maxSplits: 1, omittingEmptySubsequences: false, whereSeparator: { "-.".contains($0) })
        return parts.count == 2
            && parts.allSatisfy { part in
                !part.isEmpty && part.utf8.allSatisfy { (0x30...0x39).contains($0) }
            }
    }

    private func record(_ sentence: Sentence) throws -> Record {
        let fields = try sources.map { source -> Field in
            switch source {
            case .column(let index): .tokens(sentence.words.map { String($0[index]) })
            case .comment(let key): .text(try comment(key, of: sentence))
            }
        }
        return Record(fields, path: reader.path, line: sentence.line)
    }

    private func comment(_ key: String, of sentence: Sentence) throws -> String {
        for comment in sentence.comments {
            let parts = comment.split(separator: "=", maxSplits: 1)
            if parts.count == 2, trimmed(parts[0]) == key { return String(trimmed(parts[1])) }
        }
        throw error(
            sentence.line, "the sentence has no comment # \(key) = …",
            "write one above its first word, or give another field")
    }

    private func trimmed(_ text: Substring) -> Substring {
        let rest = text.drop { $0 == " " || $0 == "\t" }
        let end = rest.lastIndex { $0 != " " && $0 != "\t" }
        return end.map { rest[...$0] } ?? ""
    }

    private func error(_ line: Int, _ reason: String, _ remedy: String) -> Seq2SeqError {
        Seq2SeqError(.badData, path: reader.path, line: line, reason: reason, remedy: remedy)
    }
}
