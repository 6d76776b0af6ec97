import SeqFiles
import SeqText

/// Reads columns of a file of tab-separated values: a record a line.
///
/// Columns are given by number, counted from 1 as `cut -f` does; or by name, and then the first line of the
/// file names them. Where any column is given by name, all that are no names of the first line are refused.
final class TableReader: ExampleReader {
    private let reader: TextLineReader
    /// Counted from 0.
    private let columns: [Int]

    /// Opens a table, plain or compressed with gzip.
    ///
    /// - Parameters:
    ///   - path: The path of the file.
    ///   - fields: The columns of the fields.
    /// - Throws: ``Seq2SeqError`` for a column that there is not, and for what is no regular file.
    init(path: String, fields: [String]) throws {
        try requireRegularFile(path)
        reader = try TextLineReader(path: path, hashing: true)
        let numbers = fields.compactMap { Int($0) }
        if numbers.count == fields.count {
            for column in numbers where column < 1 {
                throw Seq2SeqError(
                    .badConfiguration, path: path,
                    reason: "there is no column \(column)", remedy: "columns are counted from 1")
            }
            columns = numbers.map { $0 - 1 }
            return
        }
        guard let header = try reader.next() else {
            throw Seq2SeqError(
                .badData, path: path, reason: "the table is empty",
                remedy: "its first line must name the columns")
        }
        let names = header.split(separator: "\t", omittingEmptySubsequences: false)
        columns = try fields.map { field in
            let places = names.indices.filter { names[$0] == field }
            guard let place = places.first, places.count == 1 else {
                throw Seq2SeqError(
                    .badData, path: path, line: 1,
                    reason: places.isEmpty
                        ? "no column is named \(field)"
                        : "\(places.count) columns are named \(field)",
                    remedy:
                        "the first line names \(names.prefix(20).joined(separator: ", ")); give such names, or numbers for a table whose first line is data"
                )
            }
            return place
        }
    }

    var storedBytesRead: Int { reader.storedBytesRead }

    var fingerprints: [FileFingerprint] { [reader.fingerprint].compactMap { $0 } }

    func next() throws -> Record? {
        guard let line = try reader.next() else { return nil }
        let needed = (columns.max() ?? 0) + 1
        let cells = line.utf8.split(
            separator: UInt8(ascii: "\t"), maxSplits: needed, omittingEmptySubsequences: false)
        if cells.count < needed {
            throw Seq2SeqError(
                .badData, path: reader.path, line: reader.lineNumber,
                reason: "the line has \(cells.count) of at least \(needed) columns",
                remedy: "columns are separated by tabs")
        }
        return Record(
            columns.map { .text(String(Substring(cells[$0]))) }, path: reader.path,
            line: reader.lineNumber)
    }
}
