import SeqFiles

/// Reads the pairs of a corpus one after the other, in constant memory.
final class PairReader {
    private let source: TextLineReader
    /// `nil` for a table.
    private let target: TextLineReader?
    private let columns: (source: Int, target: Int)

    /// Opens the files of a corpus.
    ///
    /// - Throws: ``Seq2SeqError`` also for what is no regular file: training and checks read a corpus more than
    ///   once.
    init(_ corpus: ParallelCorpus) throws {
        for path in corpus.paths { try requireRegularFile(path) }
        switch corpus.origin {
        case .files(let source, let target):
            self.source = try TextLineReader(path: source, hashing: true)
            self.target = try TextLineReader(path: target, hashing: true)
            columns = (1, 1)
        case .table(let path, let sourceColumn, let targetColumn):
            for column in [sourceColumn, targetColumn] where column < 1 {
                throw Seq2SeqError(
                    .badConfiguration, path: path,
                    reason: "there is no column \(column)", remedy: "columns are counted from 1")
            }
            source = try TextLineReader(path: path, hashing: true)
            target = nil
            columns = (sourceColumn, targetColumn)
        }
    }

    /// The number of the line returned last, counted from 1.
    var line: Int { source.lineNumber }

    /// How many bytes of the files as they are stored have been read.
    var storedBytesRead: Int { source.storedBytesRead + (target?.storedBytesRead ?? 0) }

    /// The files with their hashes, after the last pair.
    var fingerprints: [FileFingerprint] {
        [source, target].compactMap { reader in
            guard let reader, let hash = reader.contentHash else { return nil }
            return FileFingerprint(path: reader.path, sha256: hash)
        }
    }

    /// Returns the two sides of the next pair, `nil` after the last.
    func next() throws -> (source: String, target: String)? {
        guard let target else { return try nextOfTable() }
        switch (try source.next(), try target.next()) {
        case (let sourceLine?, let targetLine?): return (sourceLine, targetLine)
        case (nil, nil): return nil
        default:
            // One has ended: the other is read on to name both counts.
            while try source.next() != nil {}
            while try target.next() != nil {}
            throw Seq2SeqError(
                .badData, path: target.path,
                reason: "has \(target.lineNumber) lines, but \(source.path) has "
                    + "\(source.lineNumber)",
                remedy: "line n of one must be the translation of line n of the other")
        }
    }

    private func nextOfTable() throws -> (source: String, target: String)? {
        guard let line = try source.next() else { return nil }
        let needed = max(columns.source, columns.target)
        let fields = line.utf8.split(
            separator: UInt8(ascii: "\t"), maxSplits: needed, omittingEmptySubsequences: false)
        if fields.count < needed {
            throw Seq2SeqError(
                .badData, path: source.path, line: source.lineNumber,
                reason: "the line has \(fields.count) of at least \(needed) columns",
                remedy: "columns are separated by tabs")
        }
        return (
            String(Substring(fields[columns.source - 1])),
            String(Substring(fields[columns.target - 1]))
        )
    }
}
