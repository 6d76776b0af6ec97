/// Pairs of source and target lines in files, plain or compressed with gzip.
public struct ParallelCorpus: Hashable, Sendable {
    /// Where the pairs stand.
    public enum Origin: Hashable, Sendable {
        /// Line by line in two files.
        case files(source: String, target: String)
        /// In two columns of a file of tab-separated values, counted from 1 as `cut -f` does.
        case table(path: String, sourceColumn: Int, targetColumn: Int)
    }

    /// Where the pairs stand.
    public let origin: Origin

    /// Creates the corpus of two files whose lines correspond.
    public init(source: String, target: String) {
        origin = .files(source: source, target: target)
    }

    /// Creates the corpus of two columns of a file of tab-separated values.
    ///
    /// - Parameters:
    ///   - table: The path of the file.
    ///   - sourceColumn: The column of the source, counted from 1.
    ///   - targetColumn: The column of the target, counted from 1.
    public init(table: String, sourceColumn: Int = 1, targetColumn: Int = 2) {
        origin = .table(path: table, sourceColumn: sourceColumn, targetColumn: targetColumn)
    }

    /// The files that hold the pairs.
    public var paths: [String] {
        switch origin {
        case .files(let source, let target): [source, target]
        case .table(let path, _, _): [path]
        }
    }

    /// Calls `body` with the two sides of each pair and the number of its line.
    ///
    /// - Returns: The files read, with their hashes.
    /// - Throws: ``Seq2SeqError`` when a file cannot be read or is no text, when the files have not the
    ///   same number of lines, or a line has not enough columns.
    @discardableResult
    public func forEachPair(
        _ body: (_ source: String, _ target: String, _ line: Int) throws -> Void
    ) throws -> [FileFingerprint] {
        let reader = try PairReader(self)
        while let (source, target) = try reader.next() { try body(source, target, reader.line) }
        return reader.fingerprints
    }
}

extension ParallelCorpus {
    /// Returns the corpus as token ids, and a report of what was dropped.
    ///
    /// Pairs with a side that is empty, white space only, or encoded as nothing are dropped first,
    /// then those that are overlong.
    ///
    /// - Parameters:
    ///   - isOverlong: Whether a pair is to be dropped, given the lengths of its two sides in tokens
    ///     as the closure below returns them.
    ///   - encode: The token ids of a pair of lines, and what else is known of it, given the number of
    ///     the line.
    /// - Throws: ``Seq2SeqError`` as ``forEachPair(_:)`` does, and when no pair is left.
    public func encoded(
        isOverlong: (_ sourceLength: Int, _ targetLength: Int) -> Bool = { _, _ in false },
        encode: (_ source: String, _ target: String, _ line: Int) throws -> EncodedPair
    ) throws -> (corpus: EncodedCorpus, report: CorpusReport) {
        var corpus = EncodedCorpus()
        var report = CorpusReport()
        report.files = try forEachPair { sourceLine, targetLine, line in
            if isBlank(sourceLine) || isBlank(targetLine) {
                report.count(.empty)
                return
            }
            let pair = try encode(sourceLine, targetLine, line)
            if pair.source.isEmpty || pair.target.isEmpty {
                report.count(.empty)
            } else if isOverlong(pair.source.count, pair.target.count) {
                report.count(.overlong)
            } else {
                report.count(nil)
                corpus.append(pair)
            }
        }
        try report.checkSomeKept()
        return (corpus, report)
    }

    /// Returns the corpus as token ids, each side by itself.
    ///
    /// - Parameters:
    ///   - isOverlong: Whether a pair is to be dropped, given the lengths of its two sides.
    ///   - encodeSource: The token ids of a source line.
    ///   - encodeTarget: The token ids of a target line.
    public func encoded(
        isOverlong: (_ sourceLength: Int, _ targetLength: Int) -> Bool = { _, _ in false },
        encodeSource: (String) throws -> [Int32],
        encodeTarget: (String) throws -> [Int32]
    ) throws -> (corpus: EncodedCorpus, report: CorpusReport) {
        try encoded(isOverlong: isOverlong) { source, target, _ in
            EncodedPair(
                source: try encodeSource(source)[...], target: try encodeTarget(target)[...])
        }
    }

    /// Returns the corpus as token ids, without the pairs that have too many of them.
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
    ) throws -> (corpus: EncodedCorpus, report: CorpusReport) {
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
