/// Reads columns of a file of tab-separated values: a record a line.
final class TableReader: ExampleReader {
    private let reader: TextLineReader
    /// Counted from 0.
    private let columns: [Int]

    /// Opens a table, plain or compressed with gzip.
    ///
    /// - Parameters:
    ///   - path: The path of the file.
    ///   - columns: The columns of the fields, counted from 1 as `cut -f` does.
    /// - Throws: ``DataError`` for a column below 1, and for what is no regular file.
    init(path: String, columns: [Int]) throws {
        try requireRegularFile(path)
        for column in columns where column < 1 {
            throw DataError(
                kind: .badConfiguration, path: path,
                reason: "there is no column \(column)", remedy: "columns are counted from 1")
        }
        self.columns = columns.map { $0 - 1 }
        reader = try TextLineReader(path: path, hashing: true)
    }

    var storedBytesRead: Int { reader.storedBytesRead }

    var fingerprints: [FileFingerprint] { [reader.fingerprint].compactMap { $0 } }

    func next() throws -> Record? {
        guard let line = try reader.next() else { return nil }
        let needed = (columns.max() ?? 0) + 1
        let cells = line.utf8.split(
            separator: UInt8(ascii: "\t"), maxSplits: needed, omittingEmptySubsequences: false)
        if cells.count < needed {
            throw DataError(
                kind: .badData, path: reader.path, line: reader.lineNumber,
                reason: "the line has \(cells.count) of at least \(needed) columns",
                remedy: "columns are separated by tabs")
        }
        return Record(
            columns.map { .text(String(Substring(cells[$0]))) }, path: reader.path,
            line: reader.lineNumber)
    }
}
