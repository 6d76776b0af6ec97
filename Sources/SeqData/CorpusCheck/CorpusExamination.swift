import SeqFiles

/// What is found out about a corpus in one pass over its lines.
struct CorpusExamination {
    let name: CorpusFinding.Corpus
    let corpus: ParallelCorpus
    var source: SideExamination
    var target: SideExamination
    private(set) var alignment = AlignmentCheck()
    private(set) var pairing = PairingCheck()
    private(set) var duplicates = DuplicateCheck()
    private(set) var sample: ReservoirSample<SampledPair>
    private(set) var pairs = 0
    private(set) var isPartial = false
    private(set) var empty = LineTally()
    private(set) var identical = LineTally()
    private(set) var missingColumns = LineTally()
    /// Lines by the scripts of their two sides.
    private(set) var scripts: [[Script]: LineTally] = [:]
    /// Lines with a side that is longer than the limit, by the unit of words and that of characters.
    private var overlong: [[SideSummary.Unit]: LineTally] = [:]
    /// What of the targets does not come back from its tokens.
    private(set) var losses: TargetLosses
    private let limits: CorpusLimits

    init(
        _ name: CorpusFinding.Corpus, _ corpus: ParallelCorpus, limits: CorpusLimits,
        sampleSize: Int, seed: UInt64, loss: @escaping @Sendable (String) -> String?
    ) {
        losses = TargetLosses(loss)
        self.name = name
        self.corpus = corpus
        self.limits = limits
        sample = ReservoirSample(size: sampleSize, seed: seed)
        switch corpus.origin {
        case .files(let source, let target):
            self.source = SideExamination(path: source)
            self.target = SideExamination(path: target)
        case .table(let path, let sourceColumn, let targetColumn):
            source = SideExamination(path: "\(path), column \(sourceColumn)")
            target = SideExamination(path: "\(path), column \(targetColumn)")
        }
    }

    /// Reads the corpus.
    ///
    /// - Parameters:
    ///   - maximumLines: where to stop; files that end before are read to the end of both.
    ///   - body: is given the hashes of both sides of each pair without an empty side, and its line.
    mutating func read(
        maximumLines: Int, progress: (Int) -> Void,
        _ body: (_ source: UInt64, _ target: UInt64, _ line: Int) -> Void
    ) throws {
        let reader = try RawPairReader(corpus)
        while let pair = try reader.next() {
            if reader.line > maximumLines, pair.source != nil, pair.target != nil {
                isPartial = true
                return
            }
            if reader.line % 10_000 == 0 { progress(reader.line) }
            if pair.lacksColumns { missingColumns.add(reader.line) }
            let source = pair.source.map { self.source.examine($0) }
            let target = pair.target.map { self.target.examine($0) }
            // A side that has ended before the other still shows where they have parted.
            if let source { alignment.addSource(source.features) }
            if let target { alignment.addTarget(target.features) }
            guard let source, let target else { continue }
            pairs += 1
            pairing.add(source.text, target.text, line: reader.line - 1)
            examine(source, target, line: reader.line, body)
        }
    }

    private mutating func examine(
        _ source: (text: String, features: LineFeatures),
        _ target: (text: String, features: LineFeatures), line: Int,
        _ body: (UInt64, UInt64, Int) -> Void
    ) {
        var (sourceHash, targetHash) = (source.features.hash, target.features.hash)
        if isBlank(source.text) || isBlank(target.text) {
            empty.add(line)
            // An empty line is no duplicate of another.
            sourceHash = SplitMix64.mixed(UInt64(line))
            targetHash = SplitMix64.mixed(~UInt64(line))
        } else {
            body(sourceHash, targetHash, line)
            sample.add(SampledPair(line: line, source: source.text, target: target.text))
            if sourceHash == targetHash { identical.add(line) }
            losses.examine(target.text, line: line)
        }
        duplicates.add(source: sourceHash, target: targetHash)
        if let first = source.features.script, let second = target.features.script {
            scripts[[first, second], default: LineTally()].add(line)
        }
        for sourceUnit in [SideSummary.Unit.words, .characters] {
            for targetUnit in [SideSummary.Unit.words, .characters]
            where source.features.length(in: sourceUnit) > limits.maximumLength(in: sourceUnit)
                || target.features.length(in: targetUnit) > limits.maximumLength(in: targetUnit)
            {
                overlong[[sourceUnit, targetUnit], default: LineTally()].add(line)
            }
        }
    }

    var overlongLines: LineTally { overlong[[source.unit, target.unit]] ?? LineTally() }

    var path: String {
        switch corpus.origin {
        case .files(let source, let target): "\(source), \(target)"
        case .table(let path, _, _): path
        }
    }
}

extension LineFeatures {
    func length(in unit: SideSummary.Unit) -> Int { unit == .words ? words : characters }
}

/// Reads the pairs of a corpus as bytes, whatever is wrong with them.
final class RawPairReader {
    /// The line of the pair returned last, counted from 1.
    private(set) var line = 0
    private let readers: [RawLineReader]
    private let columns: (source: Int, target: Int)?

    struct Pair {
        /// nil when the file has ended.
        var source: [UInt8]?
        var target: [UInt8]?
        var lacksColumns = false
    }

    init(_ corpus: ParallelCorpus) throws {
        switch corpus.origin {
        case .files(let source, let target):
            readers = [try RawLineReader(path: source), try RawLineReader(path: target)]
            columns = nil
        case .table(let path, let sourceColumn, let targetColumn):
            for column in [sourceColumn, targetColumn] where column < 1 {
                throw Seq2SeqError(
                    .badConfiguration, path: path,
                    reason: "there is no column \(column)", remedy: "columns are counted from 1")
            }
            readers = [try RawLineReader(path: path)]
            columns = (sourceColumn - 1, targetColumn - 1)
        }
    }

    /// Returns the next pair; nil when all files have ended.
    func next() throws -> Pair? {
        line += 1
        guard let columns else {
            let pair = Pair(source: try readers[0].next(), target: try readers[1].next())
            return pair.source == nil && pair.target == nil ? nil : pair
        }
        guard let bytes = try readers[0].next() else { return nil }
        let cells = bytes.split(
            separator: UInt8(ascii: "\t"), maxSplits: max(columns.source, columns.target) + 1,
            omittingEmptySubsequences: false)
        func cell(_ index: Int) -> [UInt8] { index < cells.count ? Array(cells[index]) : [] }
        return Pair(
            source: cell(columns.source), target: cell(columns.target),
            lacksColumns: max(columns.source, columns.target) >= cells.count)
    }
}
