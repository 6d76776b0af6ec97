import Seq2Seq

/// The report of a check of corpora, for people.
struct DataCheckText {
    private let report: DataCheckReport

    init(_ report: DataCheckReport) { self.report = report }

    var lines: [String] {
        report.corpora.flatMap(corpus) + tokenizers + ["", "Findings"] + findings + ["", verdict]
    }

    private func corpus(_ corpus: CorpusSummary) -> [String] {
        let pairs =
            "\(corpus.pairs) \(corpus.pairs == 1 ? "pair" : "pairs")\(corpus.isPartial ? " (the beginning)" : "")"
        let ratio = corpus.ratio
        var lines = [
            "The corpus of \(corpus.corpus.rawValue): \(pairs)",
            "  source    \(side(corpus.source))",
            "  target    \(side(corpus.target))",
            "  pairs     \(corpus.emptyPairs) with an empty side, \(corpus.identicalPairs) with the same text on both",
            "  ratio     target to source in characters: median \(fixed(ratio.median, 2)), 98 % from \(fixed(ratio.p1, 2)) to \(fixed(ratio.p99, 2)), \(ratio.outliers) far off",
            "  agreement \(agreement(corpus.agreement))",
            "  repeated  \(corpus.duplicates.pairs) pairs, \(corpus.duplicates.sources) sources, \(corpus.duplicates.targets) targets; \(corpus.duplicates.ambiguousSources) sources with several targets",
        ]
        if let leakage = corpus.leakage {
            lines.append(
                "  leakage   \(leakage.pairs) pairs and \(leakage.sources) sources are in the training corpus"
            )
        }
        for side in [corpus.source, corpus.target] {
            lines.append("  \(side.path), \(side.unit.rawValue) a line:")
            lines += histogram(side.unit == .words ? side.words : side.characters)
        }
        return lines + [""]
    }

    private func side(_ side: SideSummary) -> String {
        let lengths = side.unit == .words ? side.words : side.characters
        let scripts = side.scripts.sorted { ($0.value, $1.key) > ($1.value, $0.key) }
            .map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        return
            "\(side.path): \(side.lines) lines; \(side.unit.rawValue) a line: mean \(fixed(lengths.mean, 1)), median \(lengths.quantile(0.5)), 99 % up to \(lengths.quantile(0.99)), longest \(lengths.maximum); scripts: \(scripts.isEmpty ? "none" : scripts)"
    }

    private func agreement(_ agreement: AgreementSummary) -> String {
        func number(_ value: Double?) -> String { value.map { fixed($0, 2) } ?? "undefined" }
        return
            "of lengths \(number(agreement.lengthCorrelation)) (random pairs \(number(agreement.randomLengthCorrelation))), of end marks \(number(agreement.endMarks)) (\(number(agreement.randomEndMarks))), of the numbers in \(agreement.withNumbers) pairs \(number(agreement.numbers)) (\(number(agreement.randomNumbers)))"
    }

    private func histogram(_ lengths: LengthHistogram) -> [String] {
        let most = lengths.bins.map(\.lines).max() ?? 0
        return lengths.bins.filter { $0.lines > 0 }.map { bin in
            let range = bin.first == bin.last ? "\(bin.first)" : "\(bin.first)–\(bin.last)"
            let bar = String(repeating: "█", count: most > 0 ? 40 * bin.lines / most : 0)
            return "  \(padded(range, 12)) \(padded("\(bin.lines)", 9)) \(bar)"
        }
    }

    private func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    private var tokenizers: [String] {
        report.tokenizers.flatMap { summary in
            [
                "Tokens of \(summary.corpus.rawValue) \(summary.side.rawValue): \(summary.kind), vocabulary of \(summary.vocabulary), \(summary.sampledPairs) pairs looked at",
                "  \(fixed(100 * summary.unknownShare, 2)) % unknown; a line: mean \(fixed(summary.tokens.mean, 1)), 99 % up to \(summary.tokens.quantile(0.99)), longest \(summary.tokens.maximum)",
            ]
                + summary.samples.map { sample in
                    "  line \(sample.line): \(sample.tokens.prefix(40).joined(separator: " | "))"
                }
        }
    }

    private var findings: [String] {
        report.findings.flatMap { finding in
            let limit = finding.limit.map { " (limit \(percent($0)))" } ?? ""
            let share = finding.share.map { ", \(percent($0))\(limit)" } ?? ""
            var lines = [
                "\(finding.severity.rawValue): \(finding.path): \(finding.message)\(share) [\(finding.code.rawValue)]",
                "  → \(finding.remedy)",
            ]
            if finding.lines.count == finding.examples.count {
                lines += zip(finding.lines, finding.examples).map { "  line \($0): \($1)" }
            } else {
                if !finding.lines.isEmpty {
                    let numbers = finding.lines.map(String.init).joined(separator: ", ")
                    lines.append("  lines \(numbers)")
                }
                if !finding.examples.isEmpty {
                    lines.append("  such as \(finding.examples.joined(separator: " | "))")
                }
            }
            return lines
        } + (report.findings.isEmpty ? ["none"] : [])
    }

    private func percent(_ share: Double) -> String { "\(fixed(100 * share, 2)) %" }

    private var verdict: String {
        func count(_ severity: CorpusFinding.Severity) -> String {
            let count = report.findings.count { $0.severity == severity }
            return "\(count) \(severity.rawValue)\(count == 1 ? "" : "s")"
        }
        return
            "\(count(.error)), \(count(.warning)), \(count(.note)): \(report.hasErrors ? "mend the errors, or accept them with --accept NAME or a higher limit" : "the corpora can be trained on")"
    }
}
