import SeqText

/// A corpus in files, plain or compressed with gzip: records of two or more fields, those of inputs before
/// those of outputs.
public struct ParallelCorpus: Hashable, Sendable {
    /// Where the records stand.
    public enum Origin: Hashable, Sendable {
        /// Line by line in files, one for each field.
        case files([String])
        /// In columns of a file of tab-separated values, by their numbers, counted from 1 as `cut -f` does;
        /// or by the names in its first line.
        case table(path: String, fields: [String])
        /// In fields of a file with a JSON object a line; `a.b` is the field b of the object a.
        case jsonl(path: String, fields: [String])
        /// In columns of a file with a word a line and a blank line behind each sentence, by their numbers,
        /// or by the names of CoNLL-U; `# key` is the comment `# key = value`.
        case conll(path: String, fields: [String])
    }

    /// Where the records stand.
    public let origin: Origin

    /// Creates a corpus of records that stand somewhere, with two fields at least.
    public init(_ origin: Origin) { self.origin = origin }

    /// Creates the corpus of two files whose lines correspond.
    public init(source: String, target: String) {
        origin = .files([source, target])
    }

    /// Creates the corpus of two columns of a file of tab-separated values.
    ///
    /// - Parameters:
    ///   - table: The path of the file.
    ///   - sourceColumn: The column of the source, counted from 1.
    ///   - targetColumn: The column of the target, counted from 1.
    public init(table: String, sourceColumn: Int = 1, targetColumn: Int = 2) {
        origin = .table(path: table, fields: ["\(sourceColumn)", "\(targetColumn)"])
    }

    /// The files that hold the records.
    public var paths: [String] {
        switch origin {
        case .files(let paths): paths
        case .table(let path, _), .jsonl(let path, _), .conll(let path, _): [path]
        }
    }

    /// The number of fields of each record.
    public var fieldCount: Int {
        switch origin {
        case .files(let paths): paths.count
        case .table(_, let fields), .jsonl(_, let fields), .conll(_, let fields): fields.count
        }
    }

    /// Where each field stands, for people.
    var places: [String] {
        switch origin {
        case .files(let paths): paths
        case .table(let path, let fields), .conll(let path, let fields):
            fields.map { "\(path), \($0.hasPrefix("#") ? "comment" : "column") \($0)" }
        case .jsonl(let path, let fields): fields.map { "\(path), field \($0)" }
        }
    }

    /// Which fields of the files are read, as part of the key of a cache.
    var fieldNames: String {
        switch origin {
        case .files(let paths): "files \(paths.count)"
        case .table(_, let fields): "table \(fields)"
        case .jsonl(_, let fields): "jsonl \(fields)"
        case .conll(_, let fields): "conll \(fields)"
        }
    }

    /// Opens the files.
    ///
    /// - Throws: ``Seq2SeqError`` when a file cannot be read, or is no regular one: training and checks read a
    ///   corpus more than once.
    public func reader() throws -> any ExampleReader {
        switch origin {
        case .files(let paths): try ParallelTextReader(paths)
        case .table(let path, let fields): try TableReader(path: path, fields: fields)
        case .jsonl(let path, let fields): try JSONLinesReader(path: path, fields: fields)
        case .conll(let path, let fields): try CoNLLReader(path: path, fields: fields)
        }
    }

    /// Calls `body` with each record.
    ///
    /// - Returns: The files read, with their hashes.
    /// - Throws: ``Seq2SeqError`` when a file cannot be read or is no text, when the files have not the
    ///   same number of lines, or a line has not the fields.
    @discardableResult
    public func forEachRecord(_ body: (Record) throws -> Void) throws -> [FileFingerprint] {
        let reader = try reader()
        while let record = try reader.next() { try body(record) }
        return reader.fingerprints
    }

    /// Calls `body` with the texts of the first two fields of each record and the number of its line.
    ///
    /// - Returns: The files read, with their hashes.
    /// - Throws: ``Seq2SeqError`` as ``forEachRecord(_:)`` does.
    @discardableResult
    public func forEachPair(
        _ body: (_ source: String, _ target: String, _ line: Int) throws -> Void
    ) throws -> [FileFingerprint] {
        try forEachRecord { try body($0.fields[0].text, $0.fields[1].text, $0.line) }
    }
}

extension ParallelCorpus {
    /// Returns the examples of the corpus, and a report of what was dropped.
    ///
    /// Records with a field that is empty, white space only, or encoded as nothing are dropped.
    ///
    /// - Parameter encode: The example of a record, or why it is dropped.
    /// - Throws: ``Seq2SeqError`` as ``forEachRecord(_:)`` does, and when nothing is left.
    public func encoded(
        _ encode: (Record) throws -> EncodedRecord
    ) throws -> (examples: [Example], report: CorpusReport) {
        var examples: [Example] = []
        var report = CorpusReport()
        report.files = try forEachRecord { record in
            guard !record.fields.contains(where: \.isBlank) else { return report.count(.empty) }
            switch try encode(record) {
            case .dropped(let problem): report.count(problem)
            case .example(let example, _):
                guard example.columns.prefix(record.fields.count).allSatisfy({ $0.count > 0 })
                else { return report.count(.empty) }
                report.count(nil)
                examples.append(example)
            }
        }
        try report.checkSomeKept()
        return (examples, report)
    }

    /// Returns the examples of a corpus of pairs, each side encoded by itself.
    ///
    /// - Parameters:
    ///   - isOverlong: Whether a pair is to be dropped, given the lengths of its two sides in tokens as the
    ///     closures below return them.
    ///   - encodeSource: The token ids of a source line.
    ///   - encodeTarget: The token ids of a target line.
    /// - Throws: ``Seq2SeqError`` as ``forEachRecord(_:)`` does, and when nothing is left.
    public func encoded(
        isOverlong: (_ sourceLength: Int, _ targetLength: Int) -> Bool = { _, _ in false },
        encodeSource: (String) throws -> [Int32],
        encodeTarget: (String) throws -> [Int32]
    ) throws -> (examples: [Example], report: CorpusReport) {
        try encoded { record in
            let source = try encodeSource(record.fields[0].text)
            let target = try encodeTarget(record.fields[1].text)
            if source.isEmpty || target.isEmpty { return .dropped(.empty) }
            if isOverlong(source.count, target.count) { return .dropped(.overlong) }
            return .example(Example(source: source[...], target: target[...]))
        }
    }

    /// Returns the examples of a corpus of pairs, without those that have too many token ids.
    ///
    /// - Parameters:
    ///   - maximumSourceLength: The most token ids of a source that is kept.
    ///   - maximumTargetLength: The most token ids of a target that is kept.
    ///   - encodeSource: The token ids of a source line.
    ///   - encodeTarget: The token ids of a target line.
    public func encoded(
        maximumSourceLength: Int,
        maximumTargetLength: Int,
        encodeSource: (String) throws -> [Int32],
        encodeTarget: (String) throws -> [Int32]
    ) throws -> (examples: [Example], report: CorpusReport) {
        try encoded(
            isOverlong: { $0 > maximumSourceLength || $1 > maximumTargetLength },
            encodeSource: encodeSource, encodeTarget: encodeTarget)
    }
}

/// Returns whether a line holds nothing that can be seen: white space, controls, byte order marks, soft
/// hyphens and other characters without width at most.
///
/// Whatever reads text asks this function: such a line is empty in training, checks and translation.
public func isBlank(_ line: String) -> Bool {
    line.unicodeScalars.allSatisfy { scalar in
        if scalar.isASCII { return scalar.value <= 0x20 || scalar.value == 0x7F }
        let properties = scalar.properties
        return properties.isWhitespace || properties.isDefaultIgnorableCodePoint
            || properties.generalCategory == .control || properties.generalCategory == .format
    }
}
