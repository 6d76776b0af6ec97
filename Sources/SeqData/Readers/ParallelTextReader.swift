import SeqFiles
import SeqText

/// Reads files whose lines correspond: line n of each is a field of record n.
final class ParallelTextReader: ExampleReader {
    private let readers: [TextLineReader]

    /// Opens the files, plain or compressed with gzip.
    ///
    /// - Throws: ``Seq2SeqError`` also for what is no regular file: training and checks read a corpus more than
    ///   once.
    init(_ paths: [String]) throws {
        for path in paths { try requireRegularFile(path) }
        readers = try paths.map { try TextLineReader(path: $0, hashing: true) }
    }

    var storedBytesRead: Int { readers.reduce(0) { $0 + $1.storedBytesRead } }

    var fingerprints: [FileFingerprint] { readers.compactMap(\.fingerprint) }

    func next() throws -> Record? {
        let lines = try readers.map { try $0.next() }
        let fields = lines.compactMap { $0.map(Field.text) }
        if fields.count == readers.count {
            return Record(fields, path: readers[0].path, line: readers[0].lineNumber)
        }
        if fields.isEmpty { return nil }
        // One has ended: the others are read on to name both counts.
        for reader in readers { while try reader.next() != nil {} }
        let first = readers[0]
        let other = readers.first { $0.lineNumber != first.lineNumber } ?? first
        throw Seq2SeqError(
            .badData, path: other.path,
            reason: "has \(other.lineNumber) lines, but \(first.path) has \(first.lineNumber)",
            remedy: "line n of one must be the translation of line n of the other")
    }
}

extension TextLineReader {
    /// The file with its hash, after the last line.
    var fingerprint: FileFingerprint? {
        contentHash.map { FileFingerprint(path: path, sha256: $0) }
    }
}
