/// Reads known alignments, a line for each pair of a corpus: links `source-target` between token
/// positions, counted from 0 and separated by spaces, as fast_align and GIZA++ tools write them (the
/// Pharaoh format).
public final class AlignmentFile {
    private let reader: TextLineReader

    /// Opens a file, plain or compressed with gzip.
    public init(path: String) throws { reader = try TextLineReader(path: path) }

    /// Returns the links of a line, source and target position by turns; lines must be asked for in
    /// rising order.
    ///
    /// - Parameters:
    ///   - line: the number of the line, counted from 1.
    ///   - source: the number of tokens of the source.
    ///   - target: the number of tokens of the target.
    /// - Throws: ``DataError`` when the file is too short, a link cannot be read, or it names a position
    ///   that the pair does not have.
    public func links(line: Int, source: Int, target: Int) throws -> [Int32] {
        var text: String?
        while reader.lineNumber < line {
            text = try reader.next()
            if text == nil { break }
        }
        guard let text else {
            throw DataError(
                kind: .badData, path: reader.path,
                reason: "has \(reader.lineNumber) lines, but the corpus has a pair in line \(line)",
                remedy: "line n must hold the alignment of pair n")
        }
        return try text.split(separator: " ").flatMap { link in
            let parts = link.split(separator: "-", omittingEmptySubsequences: false)
            guard parts.count == 2, let first = Int32(parts[0]), let second = Int32(parts[1]),
                first >= 0, second >= 0
            else {
                throw DataError(
                    kind: .badData, path: reader.path, line: line,
                    reason: "\(link) is no link", remedy: "write 0-0 1-2 and so on")
            }
            guard first < source, second < target else {
                throw DataError(
                    kind: .badData, path: reader.path, line: line,
                    reason:
                        "the link \(link) is outside the pair of \(source) and \(target) tokens",
                    remedy:
                        "align the corpus as the tokenizer cuts it, for example with tokenizer kind whitespace on both sides"
                )
            }
            return [first, second]
        }
    }
}
