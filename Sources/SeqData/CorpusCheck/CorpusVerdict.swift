/// What the figures of a corpus mean.
struct CorpusVerdict {
    private let examination: CorpusExamination
    private let training: CorpusExamination?
    private let limits: CorpusLimits
    private let scripts: (source: Script?, target: Script?)
    private let seed: UInt64
    private let duplicates: DuplicateCheck.Result
    private let ratio: (summary: RatioSummary, outliers: [Int])
    private let agreement: PairAgreement
    private let leaked:
        (pairs: [(line: Int, training: Int)], sources: [(line: Int, training: Int)])?

    init(
        _ examination: CorpusExamination, leakage: LeakageCheck?, training: CorpusExamination?,
        limits: CorpusLimits, scripts: (source: Script?, target: Script?), seed: UInt64
    ) {
        self.examination = examination
        self.training = training
        self.limits = limits
        self.scripts = scripts
        self.seed = seed
        duplicates = examination.duplicates.result()
        ratio = examination.alignment.ratio()
        agreement = examination.alignment.agreement(seed: seed)
        leaked = leakage?.leaked()
    }

    /// The pairs that must be known before there is no doubt about all of them.
    private static let leastPairs = 20

    var summary: CorpusSummary {
        CorpusSummary(
            corpus: examination.name, pairs: examination.pairs, isPartial: examination.isPartial,
            source: examination.source.summary, target: examination.target.summary,
            emptyPairs: examination.empty.count, identicalPairs: examination.identical.count,
            ratio: ratio.summary, agreement: agreement.summary, duplicates: duplicates.summary,
            leakage: leaked.map { LeakageSummary(pairs: $0.pairs.count, sources: $0.sources.count) }
        )
    }

    var findings: [CorpusFinding] {
        guard examination.pairs > 0 else {
            return lineCounts + [
                finding(
                    .noPairs, .error, nil, "there are no pairs", "give files with at least one pair"
                )
            ]
        }
        return lineCounts + alignment + examination.source.findings(examination.name, .source)
            + examination.target.findings(examination.name, .target) + lengths + languages
            + repetitions + leakage + losses
    }

    /// The share of the targets that may be lost without a warning.
    private static let tolerableLoss = 0.005

    private var losses: [CorpusFinding] {
        let losses = examination.losses
        guard losses.lost.count > 0 else { return [] }
        let count = "\(losses.lost.count) of \(losses.examined)"
        var found = finding(
            .lossyTargets, losses.share > Self.tolerableLoss ? .warning : .note, .target,
            examination.name == .training
                ? "\(count) targets do not come back from their tokens as they are: \(losses.description)"
                : "references hold what the target side cannot produce, in \(count) lines: \(losses.description)",
            "write the file as the tokenizer of the target does, or set tokenizer.target.normalization and lowercase to what it holds; outputs are scored against such lines as they are",
            count: losses.lost.count, lines: losses.lost.first)
        found.share = losses.share
        return [found]
    }

    private func finding(
        _ code: CorpusFinding.Code, _ severity: CorpusFinding.Severity,
        _ side: CorpusFinding.Side?, _ message: String, _ remedy: String, count: Int = 1,
        lines: [Int] = [], isCertain: Bool = false
    ) -> CorpusFinding {
        let path =
            switch side {
            case .source: examination.source.path
            case .target: examination.target.path
            case nil: examination.path
            }
        return CorpusFinding(
            code, severity, examination.name, side, path: path, message, remedy: remedy,
            count: count, lines: lines, isCertain: isCertain)
    }

    /// A finding about a share of the pairs: an error above the limit, if it has one, else `below`; none
    /// for no pair.
    private func share(
        _ code: CorpusFinding.Code, _ count: Int, limit: Double?,
        below: CorpusFinding.Severity = .note, side: CorpusFinding.Side? = nil, lines: [Int],
        one: String, many: String, _ message: String, _ remedy: String
    ) -> [CorpusFinding] {
        guard count > 0 else { return [] }
        let share = Double(count) / Double(examination.pairs)
        var finding = finding(
            code, limit.map { share > $0 } ?? false ? .error : below, side,
            "\(count) \(count == 1 ? one : many) \(message)",
            remedy, count: count, lines: lines)
        finding.share = share
        finding.limit = limit
        return [finding]
    }

    private var lineCounts: [CorpusFinding] {
        var findings: [CorpusFinding] = []
        let (source, target) = (examination.source, examination.target)
        if source.lines != target.lines {
            findings.append(
                finding(
                    .unequalLines, .error, nil,
                    "\(target.path) has \(target.lines) lines, but \(source.path) has \(source.lines)",
                    "line n of one must be the translation of line n of the other: find where they part and mend it, or make both files anew",
                    count: abs(source.lines - target.lines), isCertain: true))
        }
        if examination.missingColumns.count > 0 {
            findings.append(
                finding(
                    .missingColumns, .error, nil,
                    "\(examination.missingColumns.count) lines have not enough columns",
                    "columns are separated by tabs; correct the lines or the numbers of the columns",
                    count: examination.missingColumns.count, lines: examination.missingColumns.first
                ))
        }
        return findings
    }

    private var lengths: [CorpusFinding] {
        let overlong = examination.overlongLines
        return share(
            .emptyLines, examination.empty.count, limit: limits.maximumEmpty,
            lines: examination.empty.first, one: "pair has", many: "pairs have",
            "an empty side; training leaves it out",
            "delete the lines on both sides, or find out why they are empty")
            + share(
                .overlongLines, overlong.count, limit: limits.maximumOverlong,
                lines: overlong.first,
                one: "pair has", many: "pairs have",
                "a side of more than \(longest)",
                "split them into sentences, or allow longer ones")
            + share(
                .lengthRatio, ratio.outliers.count, limit: limits.maximumOutliers,
                lines: ratio.outliers.prefix(LineTally.most).map { $0 + 1 },
                one: "pair has", many: "pairs have",
                "lengths that do not fit each other, far from the usual ratio",
                "look at the lines: a side may be cut off, or belong to another line")
    }

    /// The limits of length that apply, in words.
    private var longest: String {
        let units = Set([examination.source.unit, examination.target.unit])
        return [SideSummary.Unit.words, .characters].filter(units.contains)
            .map { "\(limits.maximumLength(in: $0)) \($0.rawValue)" }.joined(separator: " or ")
    }

    private var alignment: [CorpusFinding] {
        // Labels and the like do not resemble what they are given to.
        guard duplicates.summary.differentTargets * 20 > examination.pairs else { return [] }
        let segments = ShiftSearch(examination.alignment, seed: seed).segments()
        // One shift can spoil all of a corpus: where it is found, it is the reason.
        let isShifted = segments.contains { $0.shift != nil }
        let (moved, agrees) = examination.pairing.result()
        let isFar = moved.contains {
            abs($0.offset) > ShiftSearch.largestShift || $0.extent != .all
        }
        if !moved.isEmpty, isFar || !isShifted { return moved.map(movedLines) }
        if !isShifted, !agrees, agreement.count >= 100, let significance = agreement.significance,
            significance < 4
        {
            return [
                finding(
                    .misaligned, .error, nil,
                    "the lengths, end marks and numbers of the pairs agree no better than those of lines paired at random",
                    "one of the files is probably shuffled, sorted or of another corpus: make both anew; accept the finding if sides need not resemble each other"
                )
            ]
        }
        return segments.map { segment in
            let first = segment.lines.lowerBound + 1
            let last = segment.lines.upperBound
            let isToEnd = last == examination.source.lines
            let place =
                isToEnd ? "from about line \(first) on" : "from about line \(first) to \(last)"
            guard let shift = segment.shift else {
                let isLarge = segment.lines.count * 5 > examination.pairs
                return finding(
                    .unrelatedLines, isLarge ? .error : .warning, nil,
                    "\(place) the pairs agree no better than lines paired at random",
                    "look at the lines around \(first): one side may be shifted by many lines or come from another text",
                    count: segment.lines.count, lines: [first])
            }
            let fault =
                shift > 0
                ? "the target has \(lines(shift)) more before it, or the source \(lines(shift)) fewer"
                : "the source has \(lines(-shift)) more before it, or the target \(lines(-shift)) fewer"
            return finding(
                .shifted, .error, nil,
                "\(place) source line n belongs to target line n\(shift > 0 ? "+" : "-")\(abs(shift)): \(fault)",
                "look around line \(first) for a line that one side has and the other lacks, and delete or insert it",
                count: segment.lines.count, lines: [first])
        }
    }

    private func movedLines(_ segment: PairingBlock.Segment) -> CorpusFinding {
        let first = segment.lines.lowerBound + 1
        let last = segment.lines.upperBound
        let distance = lines(abs(segment.offset))
        let direction = segment.offset > 0 ? "later" : "earlier"
        let place = last >= examination.source.lines ? "on" : "to \(last)"
        let sign = segment.offset > 0 ? "+" : "-"
        let belongs = "source line n belongs to target line n\(sign)\(abs(segment.offset))"
        let message =
            switch segment.extent {
            case .all:
                "from about line \(first) \(place) \(belongs): the targets of these sources stand \(distance) \(direction)"
            case .some:
                "from about line \(first) \(place) there are many pairs of which \(belongs), among others that are right"
            case .exchanged:
                "from about line \(first) \(place) targets seem exchanged with those \(distance) away: for some \(belongs), for others as far on the other side"
            }
        return finding(
            .shifted, .error, nil, message,
            first == 1
                ? "make the two files anew from where their lines still were in one order"
                : "look around line \(first) for lines that one side has and the other lacks, and delete or insert them",
            count: segment.lines.count, lines: [first])
    }

    private func lines(_ count: Int) -> String { count == 1 ? "a line" : "\(count) lines" }

    private var languages: [CorpusFinding] {
        let (source, target) = (examination.source, examination.target)
        var findings: [CorpusFinding] = []
        let isAll =
            examination.identical.count == examination.pairs
            && examination.pairs >= Self.leastPairs
        if isAll {
            var same = finding(
                .identicalSides, .error, nil, "both sides of all pairs are the same",
                "check the two paths: one file is probably given twice or under the wrong name",
                count: examination.pairs, isCertain: true)
            same.share = 1
            same.limit = limits.maximumIdentical
            findings.append(same)
        } else {
            findings += share(
                .identicalSides, examination.identical.count, limit: limits.maximumIdentical,
                below: examination.identical.count * 20 > examination.pairs ? .warning : .note,
                lines: examination.identical.first, one: "pair has", many: "pairs have",
                "the same text on both sides",
                "drop them: a model learns from them to copy instead of to translate")
        }
        if let swapped = swapped() { return findings + [swapped] }
        for (side, examined, other) in [
            (CorpusFinding.Side.source, source, training?.source),
            (.target, target, training?.target),
        ] {
            guard let majority = examined.majority else { continue }
            if let other = other?.majority, majority.script != other.script,
                majority.share > 0.9, other.share > 0.9, examination.pairs >= Self.leastPairs
            {
                findings.append(
                    finding(
                        .wrongScript, .error, side,
                        "the script is \(majority.script.rawValue), but that of the training corpus is \(other.script.rawValue)",
                        "check the paths and columns of both corpora", count: examined.lines,
                        isCertain: true))
            }
            let expected = side == .source ? scripts.source : scripts.target
            if let expected, expected != majority.script, training == nil {
                findings.append(
                    finding(
                        .wrongScript, .warning, side,
                        "the script is mostly \(majority.script.rawValue), but the language of the tokenizer is written in \(expected.rawValue)",
                        "check the path, or correct tokenizer.\(side.rawValue).language",
                        count: examined.lines))
            }
            let others = examined.scripts.filter { $0.key != majority.script }
            let count = others.values.reduce(0) { $0 + $1.count }
            findings += share(
                .otherScript, count, limit: limits.maximumOtherScript, side: side,
                lines: Array(others.values.flatMap(\.first).sorted().prefix(LineTally.most)),
                one: "line is", many: "lines are",
                "mostly in another script than \(majority.script.rawValue)",
                "look at the lines: drop those in the wrong language on both sides")
        }
        return findings
    }

    /// Whether source and target are exchanged: against their languages, or against the training corpus,
    /// or in some of the lines.
    private func swapped() -> CorpusFinding? {
        let (source, target) = (examination.source, examination.target)
        if let training {
            func likeness(_ own: SideExamination, _ other: SideExamination) -> Double {
                own.profile.similarity(other.profile)
            }
            let straight =
                likeness(source, training.source) + likeness(target, training.target)
            let crossed = likeness(source, training.target) + likeness(target, training.source)
            // Few lines resemble each other by chance.
            let pairs = Double(min(examination.pairs, training.pairs))
            if crossed > straight + 0.05 + 2 / pairs.squareRoot() {
                return finding(
                    .swappedColumns, .error, nil,
                    "source and target are exchanged: the source looks like the target of the training corpus, and the target like its source",
                    "exchange the two paths or columns of this corpus", count: examination.pairs,
                    isCertain: true)
            }
        }
        guard let first = source.majority?.script, let second = target.majority?.script,
            first != second
        else { return nil }
        if training == nil, scripts.source == second, scripts.target == first {
            return finding(
                .swappedColumns, .error, nil,
                "source and target are exchanged: the source is written in the script of the target's language, and the target in that of the source's",
                "exchange the two paths or columns, or the languages of the tokenizers",
                count: examination.pairs, isCertain: true)
        }
        let lines = examination.scripts[[second, first]] ?? LineTally()
        return share(
            .swappedColumns, lines.count, limit: limits.maximumOtherScript, below: .warning,
            lines: lines.first, one: "pair has", many: "pairs have",
            "source and target exchanged, by the scripts",
            "exchange the sides of these lines"
        ).first
    }

    private var repetitions: [CorpusFinding] {
        let found = duplicates.summary
        var findings = share(
            .duplicatePairs, found.pairs, limit: limits.maximumDuplicates,
            below: found.pairs * 20 > examination.pairs ? .warning : .note,
            lines: duplicates.pairs.map { $0.line + 1 }, one: "pair has", many: "pairs have",
            "occurred before; most often \(duplicates.pairs.first?.count ?? 0) times",
            "drop them, for example with sort -u on the pasted files, unless they are meant as weights"
        )
        if found.ambiguousSources > 0 {
            let share = Double(found.ambiguousSources) / Double(examination.pairs)
            findings.append(
                finding(
                    .ambiguousSources, share > 0.2 ? .warning : .note, nil,
                    "\(found.ambiguousSources) sources have several different targets, up to \(found.mostTargets)",
                    "nothing, if the task is so; no model can produce more than one of them",
                    count: found.ambiguousSources, lines: duplicates.ambiguous.map { $0.line + 1 }))
        }
        return findings
    }

    private var leakage: [CorpusFinding] {
        guard let leaked else { return [] }
        let pairs = Set(leaked.pairs.map(\.line))
        let others = leaked.sources.filter { !pairs.contains($0.line) }
        func places(_ found: [(line: Int, training: Int)]) -> String {
            found.prefix(3).map { "line \($0.line) is line \($0.training)" }.joined(separator: ", ")
        }
        return share(
            .leakedPairs, leaked.pairs.count, limit: limits.maximumLeakage, below: .warning,
            lines: leaked.pairs.prefix(LineTally.most).map(\.line),
            one: "pair is", many: "pairs are",
            "also in the training corpus (\(places(leaked.pairs)))",
            "delete them from the training corpus: scores on them measure memory")
            + share(
                .leakedSources, others.count, limit: nil,
                lines: others.prefix(LineTally.most).map(\.line),
                one: "more source is", many: "more sources are",
                "in the training corpus with another target (\(places(others)))",
                "delete them from the training corpus if scores are to be of unseen text")
    }
}
