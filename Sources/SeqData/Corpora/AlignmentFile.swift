/// Known alignments, a line for each pair of a corpus: links `source-target` between token
/// positions, counted from 0 and separated by spaces, as fast_align and GIZA++ tools write them (the
/// Pharaoh format).
enum AlignmentFile {
    /// Returns the links of a line, source and target position by turns.
    ///
    /// - Parameters:
    ///   - line: the line of the file.
    ///   - source: the number of tokens of the source.
    ///   - target: the number of tokens of the target.
    /// - Throws: ``Seq2SeqError`` when a link cannot be read, or it names a position that the pair does not
    ///   have.
    static func links(_ line: SideFile.Line, source: Int, target: Int) throws -> [Int32] {
        try line.text.split(separator: " ").flatMap { link in
            let parts = link.split(separator: "-", omittingEmptySubsequences: false)
            guard parts.count == 2, let first = Int32(parts[0]), let second = Int32(parts[1]),
                first >= 0, second >= 0
            else { throw line.error("\(link) is no link", "write 0-0 1-2 and so on") }
            guard first < source, second < target else {
                throw line.error(
                    "the link \(link) is outside the pair of \(source) and \(target) tokens",
                    "align the corpus as the tokenizer cuts it, for example with tokenizer kind whitespace on both sides"
                )
            }
            return [first, second]
        }
    }
}
