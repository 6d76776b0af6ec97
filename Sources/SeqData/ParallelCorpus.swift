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

    /// Calls `body` with the two sides of each pair and the number of its line.
    ///
    /// - Returns: The files read, with their hashes.
    /// - Throws: ``DataError`` when a file cannot be read or is no text, when the files have not the
    ///   same number of lines, or a line has not enough columns.
    @discardableResult
    public func forEachPair(
        _ body: (_ source: String, _ target: String, _ line: Int) throws -> Void
    ) throws -> [FileFingerprint] {
        switch origin {
        case .files(let source, let target):
            let sourceReader = try TextLineReader(path: source, hashing: true)
            let targetReader = try TextLineReader(path: target, hashing: true)
            try readPairs(sourceReader, targetReader, body)
            return [sourceReader, targetReader].compactMap(\.fingerprint)
        case .table(let path, let sourceColumn, let targetColumn):
            for column in [sourceColumn, targetColumn] where column < 1 {
                throw DataError(
                    kind: .badConfiguration, path: path,
                    reason: "there is no column \(column)", remedy: "columns are counted from 1")
            }
            let reader = try TextLineReader(path: path, hashing: true)
            try readTable(reader, sourceColumn, targetColumn, body)
            return [reader].compactMap(\.fingerprint)
        }
    }

    private func readPairs(
        _ source: TextLineReader, _ target: TextLineReader,
        _ body: (String, String, Int) throws -> Void
    ) throws {
        while true {
            switch (try source.next(), try target.next()) {
            case (let sourceLine?, let targetLine?):
                try body(sourceLine, targetLine, source.lineNumber)
            case (nil, nil):
                return
            default:
                // One has ended: the other is read on to name both counts.
                while try source.next() != nil {}
                while try target.next() != nil {}
                throw DataError(
                    kind: .badData, path: target.path,
                    reason: "has \(target.lineNumber) lines, but \(source.path) has "
                        + "\(source.lineNumber)",
                    remedy: "line n of one must be the translation of line n of the other")
            }
        }
    }

    private func readTable(
        _ reader: TextLineReader, _ sourceColumn: Int, _ targetColumn: Int,
        _ body: (String, String, Int) throws -> Void
    ) throws {
        let needed = max(sourceColumn, targetColumn)
        while let line = try reader.next() {
            let columns = line.utf8.split(
                separator: UInt8(ascii: "\t"), maxSplits: needed, omittingEmptySubsequences: false)
            if columns.count < needed {
                throw DataError(
                    kind: .badData, path: reader.path, line: reader.lineNumber,
                    reason: "the line has \(columns.count) of at least \(needed) columns",
                    remedy: "columns are separated by tabs")
            }
            try body(
                String(Substring(columns[sourceColumn - 1])),
                String(Substring(columns[targetColumn - 1])),
                reader.lineNumber)
        }
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
    /// - Throws: ``DataError`` as ``forEachPair(_:)`` does, and when no pair is left.
    public func encoded(
        isOverlong: (_ sourceLength: Int, _ targetLength: Int) -> Bool = { _, _ in false },
        encode: (_ source: String, _ target: String, _ line: Int) throws -> EncodedPair
    ) throws -> (corpus: EncodedCorpus, report: CorpusReport) {
        var corpus = EncodedCorpus()
        var report = CorpusReport()
        report.files = try forEachPair { sourceLine, targetLine, line in
            report.read += 1
            if isBlank(sourceLine) || isBlank(targetLine) {
                report.emptyDropped += 1
                return
            }
            let pair = try encode(sourceLine, targetLine, line)
            if pair.source.isEmpty || pair.target.isEmpty {
                report.emptyDropped += 1
            } else if isOverlong(pair.source.count, pair.target.count) {
                report.overlongDropped += 1
            } else {
                report.kept += 1
                corpus.append(pair)
            }
        }
        if report.kept == 0 {
            throw DataError(
                kind: .badData, path: report.files.first?.path,
                reason: report.read == 0
                    ? "the corpus is empty" : "no pair of the corpus is left (\(report))",
                remedy: report.overlongDropped > 0 ? "allow longer sequences" : nil)
        }
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

extension TextLineReader {
    fileprivate var fingerprint: FileFingerprint? {
        contentHash.map { FileFingerprint(path: path, sha256: $0) }
    }
}

/// Returns whether a line holds nothing but white space.
private func isBlank(_ line: String) -> Bool {
    line.unicodeScalars.allSatisfy(\.properties.isWhitespace)
}
