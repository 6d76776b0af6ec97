import SeqFiles

/// A file beside a corpus that has a line for each of its pairs, such as alignments or weights.
final class SideFile {
    /// A line of the file.
    struct Line {
        var text: String
        var path: String
        var number: Int

        func error(_ reason: String, _ remedy: String) -> Seq2SeqError {
            Seq2SeqError(
                .badData, path: path, line: number, reason: reason, remedy: remedy)
        }

        /// The line as the weight of its pair in the loss.
        func weight() throws -> Float {
            let parts = text.split(separator: " ")
            guard parts.count == 1, let weight = Float(parts[0]), weight >= 0, weight.isFinite
            else {
                throw error("\(text) is no weight", "write one number of at least 0 a line")
            }
            return weight
        }
    }

    private let reader: TextLineReader

    /// Opens a file, plain or compressed with gzip; `nil` for an empty path.
    init?(path: String) throws {
        if path.isEmpty { return nil }
        try requireRegularFile(path)
        reader = try TextLineReader(path: path)
    }

    /// Returns the next line.
    ///
    /// - Throws: ``Seq2SeqError`` when the file has no more lines.
    func next() throws -> Line {
        guard let text = try reader.next() else {
            let count = reader.lineNumber
            throw mismatch("has \(count) lines, but the corpus has a pair in line \(count + 1)")
        }
        return Line(text: text, path: reader.path, number: reader.lineNumber)
    }

    /// Refuses a file that goes on behind the last pair.
    func end(pairs: Int) throws {
        if try reader.next() == nil { return }
        while try reader.next() != nil {}
        throw mismatch("has \(reader.lineNumber) lines, but the corpus has \(pairs) pairs")
    }

    private func mismatch(_ reason: String) -> Seq2SeqError {
        Seq2SeqError(
            .badData, path: reader.path, reason: reason,
            remedy: "line n must belong to pair n")
    }
}
