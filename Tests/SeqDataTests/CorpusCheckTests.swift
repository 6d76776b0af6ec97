import SeqFiles
import TestSupport
import Testing

@testable import SeqData

/// Each flaw is found where it is, and nothing where there is none.
@Suite struct CorpusCheckTests {
    private let folder: TemporaryFolder
    private let good = SyntheticCorpus(1000)

    init() throws { folder = try TemporaryFolder() }

    private func corpus(_ corpus: SyntheticCorpus, _ name: String = "train") throws
        -> ParallelCorpus
    {
        ParallelCorpus(
            source: try folder.file("\(name).s", corpus.sources.map { "\($0)\n" }.joined()),
            target: try folder.file("\(name).t", corpus.targets.map { "\($0)\n" }.joined()))
    }

    private func report(
        _ training: SyntheticCorpus, validation: SyntheticCorpus? = nil,
        test: SyntheticCorpus? = nil, _ change: (inout CorpusCheck) -> Void = { _ in }
    ) throws -> CorpusCheckReport {
        var check = CorpusCheck()
        change(&check)
        return try check.report(
            training: [corpus(training)], validation: validation.map { try corpus($0, "valid") },
            test: test.map { try corpus($0, "test") })
    }

    /// The findings of a corpus whose sides are given as text.
    private func findings(_ source: String, _ target: String) throws -> [CorpusFinding] {
        let corpus = ParallelCorpus(
            source: try folder.file("a", source), target: try folder.file("b", target))
        return try CorpusCheck().report(training: [corpus]).findings
    }

    private func codes(_ findings: [CorpusFinding]) -> [CorpusFinding.Code] { findings.map(\.code) }

    /// The codes without what follows from pairs that do not belong together.
    private func causes(_ findings: [CorpusFinding]) -> [CorpusFinding.Code] {
        codes(findings).filter { $0 != .lengthRatio }
    }

    // MARK: Nothing to find

    @Test(arguments: [false, true])
    func `good corpora have no findings`(isHan: Bool) throws {
        let report = try report(
            SyntheticCorpus(3000, isHan: isHan),
            validation: SyntheticCorpus(300, isHan: isHan, seed: 2),
            test: SyntheticCorpus(300, isHan: isHan, seed: 3)
        ) {
            $0.scripts = (.latin, isHan ? .han : .latin)
        }
        #expect(codes(report.findings) == [])
        let summary = try #require(report.corpora.first?.summary)
        #expect(summary.pairs == 3000)
        #expect(summary.source.unit == .words)
        #expect(summary.target.unit == (isHan ? .characters : .words))
        #expect(summary.target.scripts == [isHan ? "han" : "latin": 3000])
        #expect((summary.agreement.lengthCorrelation ?? 0) > 0.8)
        #expect(abs(summary.agreement.randomLengthCorrelation ?? 1) < 0.1)
        #expect(summary.agreement.numbers == 1)
        #expect(report.corpora.map(\.summary.corpus) == [.training, .validation, .test])
        #expect(report.corpora[1].summary.leakage == LeakageSummary(pairs: 0, sources: 0))
    }

    @Test func `tables and compressed files serve as well`() throws {
        let lines = zip(good.sources, good.targets).map { "x\t\($0)\t\($1)\tfrom\n" }.joined()
        let table = ParallelCorpus(
            table: try folder.file("t.tsv.gz", gzip(Array(lines.utf8))), sourceColumn: 2,
            targetColumn: 3)
        let report = try CorpusCheck().report(training: [table])
        #expect(codes(report.findings) == [])
        #expect(report.corpora[0].summary.pairs == 1000)
    }

    @Test func `labels need not resemble what they are given to`() throws {
        var labels = good
        labels.targets = (0..<1000).map { $0 * 7919 % 13 < 6 ? "positive" : "negative" }
        #expect(codes(try report(labels).findings) == [])
    }

    // MARK: Files

    @Test func `unequal files are told with both counts`() throws {
        var bad = good
        bad.targets.removeLast(3)
        let finding = try #require(try report(bad).findings.first)
        #expect(finding.code == .unequalLines)
        #expect(finding.severity == .error && finding.isCertain)
        #expect(finding.message.contains("has 997 lines") && finding.message.contains("has 1000"))
    }

    @Test func `a missing line is found where it is missing`() throws {
        var bad = good
        bad.targets.remove(at: 499)
        let findings = try report(bad).findings
        #expect(causes(findings) == [.unequalLines, .shifted])
        #expect(findings[1].message.contains("source line n belongs to target line n-1"))
        #expect(findings[1].lines.count == 1)
        #expect((495...510).contains(findings[1].lines[0]), "\(findings[1].lines)")
        #expect(findings[1].examples.count == 1)
    }

    @Test(arguments: [-5, -2, -1, 1, 3, 5])
    func `a shift of a part is found with its place and size`(shift: Int) throws {
        var bad = SyntheticCorpus(2000)
        if shift > 0 {
            bad.targets.insert(contentsOf: SyntheticCorpus(shift, seed: 9).targets, at: 700)
            bad.targets.removeLast(shift)
        } else {
            bad.sources.insert(contentsOf: SyntheticCorpus(-shift, seed: 9).sources, at: 700)
            bad.sources.removeLast(-shift)
        }
        let findings = try report(bad).findings
        #expect(causes(findings) == [.shifted])
        let sign = shift > 0 ? "+" : "-"
        #expect(
            findings[0].message.contains(
                "on source line n belongs to target line n\(sign)\(abs(shift)):"))
        #expect((690...715).contains(findings[0].lines[0]), "\(findings[0].lines)")
    }

    @Test func `a shift that ends is found from its first to its last line`() throws {
        var bad = SyntheticCorpus(2000)
        bad.targets.remove(at: 500)
        bad.sources.remove(at: 1200)
        let finding = try #require(try report(bad).findings.first)
        #expect(finding.code == .shifted)
        #expect(finding.message.contains("from about line ") && finding.message.contains(" to 1"))
        #expect((680...720).contains(finding.count), "\(finding.count)")
    }

    @Test func `a corpus that is shifted from the beginning is not called shuffled`() throws {
        var bad = SyntheticCorpus(2000)
        bad.sources.removeFirst()
        bad.targets.removeLast()
        let findings = try report(bad).findings
        #expect(causes(findings) == [.shifted])
        #expect(findings[0].lines == [1])
    }

    @Test func `successive lines are not a shift`() throws {
        let lines = SyntheticCorpus(1001).sources
        var poem = good
        poem.sources = Array(lines.dropLast())
        poem.targets = Array(lines.dropFirst())
        #expect(!codes(try report(poem).findings).contains(.shifted))
    }

    @Test func `a shuffled side agrees no better than chance`() throws {
        var bad = SyntheticCorpus(2000)
        var generator = SplitMix64(seed: 5)
        generator.shuffle(&bad.targets)
        #expect(causes(try report(bad).findings) == [.misaligned])
        bad.targets.sort()
        #expect(causes(try report(bad).findings) == [.misaligned])
    }

    @Test func `a shuffled part is found`() throws {
        var bad = SyntheticCorpus(3000)
        var tail = Array(bad.targets[1000...])
        var generator = SplitMix64(seed: 5)
        generator.shuffle(&tail)
        bad.targets.replaceSubrange(1000..., with: tail)
        let findings = try report(bad).findings
        #expect(causes(findings) == [.unrelatedLines])
        #expect(findings[0].severity == .error)
        #expect((990...1015).contains(findings[0].lines[0]), "\(findings[0].lines)")
    }

    @Test func `missing columns are counted`() throws {
        let lines = zip(good.sources, good.targets).enumerated()
            .map { $0 == 6 ? "\($1.0)\n" : "\($1.0)\t\($1.1)\n" }.joined()
        let table = ParallelCorpus(table: try folder.file("t.tsv", lines))
        let findings = try CorpusCheck().report(training: [table]).findings
        #expect(codes(findings) == [.missingColumns, .emptyLines])
        #expect(findings[0].lines == [7] && findings[0].severity == .error)
        #expect(findings[1].lines == [7] && findings[1].severity == .note)
    }

    @Test func `files that cannot be read are errors of their own`() throws {
        let missing = ParallelCorpus(source: folder.path("no"), target: folder.path("no"))
        #expect { try CorpusCheck().report(training: [missing]) } throws: {
            ($0 as? Seq2SeqError)?.kind == .missingInput
        }
        let damaged = try folder.file("d.gz", gzip(Array("a\nb\n".utf8)).dropLast(9))
        #expect {
            try CorpusCheck().report(training: [.init(source: damaged, target: damaged)])
        } throws: { ($0 as? Seq2SeqError)?.kind == .badData }
        let column = ParallelCorpus(table: damaged, sourceColumn: 0)
        #expect { try CorpusCheck().report(training: [column]) } throws: {
            ($0 as? Seq2SeqError)?.kind == .badConfiguration
        }
    }

    @Test func `empty files are no corpus`() throws {
        #expect(codes(try findings("", "")) == [.noPairs])
        #expect(codes(try findings("", "a\nb\n")) == [.unequalLines, .noPairs])
    }

    // MARK: Characters

    private struct Oddity: Sendable {
        var text: [UInt8]
        var code: CorpusFinding.Code
        var severity: CorpusFinding.Severity
        var words: String
    }

    private static let oddities = [
        Oddity(
            text: [0x61, 0xC3, 0x28], code: .invalidText, severity: .error,
            words: "0xC3 at byte 2 of line 3"),
        Oddity(text: [0x61, 0], code: .invalidText, severity: .error, words: "NUL"),
        Oddity(
            text: Array("a b\r".utf8), code: .carriageReturns, severity: .warning,
            words: "1 line of 4"),
        Oddity(
            text: Array("a\rb".utf8), code: .lineSeparators, severity: .warning, words: "1 line"),
        Oddity(
            text: Array("a\u{2028}b".utf8), code: .lineSeparators, severity: .warning,
            words: "1 line"),
        Oddity(text: [0x61, 0x07], code: .controlCharacters, severity: .warning, words: "1 line"),
        Oddity(
            text: Array("Ã¼ber".utf8), code: .mojibake, severity: .warning,
            words: "wrong encoding"),
        Oddity(
            text: Array("itâ€™s".utf8), code: .mojibake, severity: .warning,
            words: "wrong encoding"),
        Oddity(
            text: Array("a\u{200B}b".utf8), code: .invisibleCharacters, severity: .note,
            words: "not seen"),
    ]

    @Test(arguments: oddities.indices)
    func `odd characters are found with their line and side`(index: Int) throws {
        let oddity = Self.oddities[index]
        let bytes = Array("x y\nz\n".utf8) + oddity.text + Array("\nw\n".utf8)
        let corpus = ParallelCorpus(
            source: try folder.file("a", "1 u\n2\n3 v\n4\n"), target: try folder.file("b", bytes))
        let findings = try CorpusCheck().report(training: [corpus]).findings
        #expect(codes(findings) == [oddity.code])
        #expect(findings.first?.severity == oddity.severity)
        #expect(findings.first?.side == .target)
        #expect(findings.first?.lines == [3])
        #expect(findings.first?.message.contains(oddity.words) == true)
        #expect(findings.first?.path.hasSuffix("/b") == true)
        // Nothing that would disturb a terminal is shown.
        let shown = findings.first?.examples.first ?? ""
        #expect(!shown.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x200B })
    }

    @Test func `a byte order mark and regular CR LF are notes`() throws {
        let findings = try findings("\u{FEFF}a b\r\nc\r\n", "x y\nz\n")
        #expect(codes(findings) == [.carriageReturns, .byteOrderMark])
        #expect(findings.allSatisfy { $0.severity == .note && $0.side == .source })
    }

    @Test func `letters of languages that look like wrong encodings are fine`() throws {
        let text = "NÃO É 20 °C «où» naïve ÂÇÃO 中文，Ａ Ά щ ש ไท\n"
        let (source, target) = (text, "1\n")
        #expect(codes(try findings(source, target)) == [])
    }

    // MARK: Lengths

    @Test func `empty, overlong and cut lines are counted against their limits`() throws {
        var bad = good
        for line in 0..<30 { bad.sources[line * 10] = line % 2 == 0 ? "" : " \t" }
        for line in 0..<60 {
            bad.sources[line * 10 + 1] = Array(repeating: "ba", count: 300).joined(separator: " ")
            bad.targets[line * 10 + 1] = Array(repeating: "bi", count: 251).joined(separator: " ")
        }
        for line in 0..<5 { bad.targets[line * 10 + 2] = "hi" }
        for line in 0..<5 { bad.sources[line * 10 + 2] = "ba be bo da de do fa fe fo ga ge go" }
        let found = try report(bad).findings
        let empty = try #require(found.first { $0.code == .emptyLines })
        #expect(empty.count == 30 && empty.severity == .error && empty.share == 0.03)
        #expect(empty.lines == [1, 11, 21, 31, 41])
        let overlong = try #require(found.first { $0.code == .overlongLines })
        #expect(overlong.count == 60 && overlong.severity == .error)
        let ratio = try #require(found.first { $0.code == .lengthRatio })
        #expect(ratio.severity == .note && ratio.count >= 5 && ratio.count < 40)
        #expect(ratio.lines.contains(3))
        let tolerant = try report(bad) {
            $0.limits.maximumEmpty = 0.03
            $0.limits.maximumLength = 300
        }
        #expect(!tolerant.findings.contains { $0.severity == .error })
        #expect(!codes(tolerant.findings).contains(.overlongLines))
    }

    @Test func `a histogram has exact quantiles and growing bins`() {
        var histogram = LengthHistogram()
        for length in [0, 1, 2, 3, 4, 5, 8, 9, 20, 20] { histogram.add(length) }
        #expect(histogram.quantile(0.5) == 4)
        #expect(histogram.quantile(0.99) == 20)
        #expect(histogram.maximum == 20 && histogram.mean == 7.2)
        #expect(histogram.count(above: 8) == 3)
        #expect(histogram.bins.map(\.first) == [0, 1, 2, 3, 5, 9, 17])
        #expect(histogram.bins.map(\.last) == [0, 1, 2, 4, 8, 16, 20])
        #expect(histogram.bins.map(\.lines) == [1, 1, 1, 2, 2, 1, 2])
        histogram.add(1_000_000)
        #expect(histogram.maximum == 1_000_000 && histogram.bins.last?.last == 1_000_000)
    }

    // MARK: Languages

    @Test(arguments: [false, true])
    func `exchanged validation columns are found`(isHan: Bool) throws {
        var validation = SyntheticCorpus(200, isHan: isHan, seed: 2)
        swap(&validation.sources, &validation.targets)
        let findings = try report(
            SyntheticCorpus(1000, isHan: isHan), validation: validation
        ).findings
        #expect(codes(findings) == [.swappedColumns])
        #expect(findings[0].corpus == .validation && findings[0].isCertain)
    }

    @Test func `exchanged columns show against the languages`() throws {
        let findings = try report(SyntheticCorpus(1000, isHan: true)) {
            $0.scripts = (.han, .latin)
        }.findings
        #expect(codes(findings) == [.swappedColumns])
        #expect(findings[0].isCertain && findings[0].corpus == .training)
    }

    @Test func `some exchanged pairs are found`() throws {
        var bad = SyntheticCorpus(1000, isHan: true)
        for line in stride(from: 4, to: 1000, by: 50) {
            swap(&bad.sources[line], &bad.targets[line])
        }
        let finding = try #require(
            try report(bad).findings.first { $0.code == .swappedColumns })
        #expect(finding.count == 20 && finding.severity == .warning && !finding.isCertain)
        #expect(finding.lines == [5, 55, 105, 155, 205])
    }

    @Test func `lines in another script are counted`() throws {
        var bad = good
        for line in 0..<60 { bad.targets[line * 10] = "это не тот язык, что нужно" }
        let finding = try #require(try report(bad).findings.first)
        #expect(finding.code == .otherScript && finding.side == .target)
        #expect(finding.count == 60 && finding.severity == .error)
    }

    @Test func `another script in validation is certain`() throws {
        let findings = try report(good, validation: SyntheticCorpus(100, isHan: true, seed: 2))
            .findings
        #expect(causes(findings) == [.wrongScript])
        #expect(findings[0].isCertain && findings[0].side == .target)
        let warnings = try report(good) { $0.scripts = (.latin, .cyrillic) }.findings
        #expect(codes(warnings) == [.wrongScript])
        #expect(warnings[0].severity == .warning && !warnings[0].isCertain)
    }

    @Test func `identical sides are told`() throws {
        var bad = good
        for line in 0..<110 { bad.targets[line * 9] = bad.sources[line * 9].uppercased() }
        let some = try #require(try report(bad).findings.first { $0.code == .identicalSides })
        #expect(some.count == 110 && some.severity == .warning && !some.isCertain)
        let strict = try report(bad) { $0.limits.maximumIdentical = 0.1 }.findings
        #expect(strict.contains { $0.code == .identicalSides && $0.severity == .error })
        bad.targets = bad.sources
        let all = try report(bad).findings
        #expect(codes(all) == [.identicalSides])
        #expect(all[0].isCertain && all[0].share == 1)
    }

    @Test func `scripts are told apart`() {
        let letters: [(Unicode.Scalar, Script?)] = [
            ("a", .latin), ("É", .latin), ("ß", .latin), ("ɕ", .latin), ("Ａ", .latin),
            ("я", .cyrillic), ("λ", .greek), ("ש", .hebrew), ("ع", .arabic), ("क", .devanagari),
            ("த", .indic), ("ก", .thai), ("한", .hangul), ("中", .han), ("の", .han), ("カ", .han),
            ("ქ", .georgian), ("1", nil), ("。", nil), (" ", nil), ("÷", nil), ("×", nil),
            ("°", nil),
        ]
        for (letter, script) in letters { #expect(Script(letter) == script, "\(letter)") }
        #expect(Script(language: "zh-TW") == .han)
        #expect(Script(language: "pt_BR") == .latin)
        #expect(Script(language: "tlh") == nil)
    }

    // MARK: Repetition

    @Test func `duplicates are counted after case and space`() throws {
        var bad = good
        for copy in 0..<100 {
            bad.sources.append(" " + good.sources[7].uppercased().replacing(" ", with: "  "))
            bad.targets.append(good.targets[7])
            bad.sources.append(good.sources[8])
            bad.targets.append(good.targets[8] + (copy < 3 ? " \(copy)" : ""))
        }
        let report = try report(bad)
        let duplicates = report.corpora[0].summary.duplicates
        #expect(duplicates.pairs == 197)
        #expect(duplicates.sources == 200)
        #expect(duplicates.targets == 197)
        #expect(duplicates.ambiguousSources == 1 && duplicates.mostTargets == 4)
        let finding = try #require(report.findings.first { $0.code == .duplicatePairs })
        #expect(finding.severity == .warning)
        #expect(finding.lines == [8, 9] && finding.message.contains("most often 101 times"))
        let strict = try self.report(bad) { $0.limits.maximumDuplicates = 0.1 }
        #expect(strict.findings.contains { $0.code == .duplicatePairs && $0.severity == .error })
    }

    @Test func `leakage is told for pairs and sources`() throws {
        var test = SyntheticCorpus(100, seed: 4)
        for line in 0..<10 {
            test.sources[line * 7] = good.sources[line * 50].uppercased()
            test.targets[line * 7] = good.targets[line * 50]
        }
        test.sources[50] = good.sources[333]
        let report = try report(good, validation: SyntheticCorpus(50, seed: 3), test: test)
        #expect(report.corpora[1].summary.leakage == LeakageSummary(pairs: 0, sources: 0))
        #expect(report.corpora[2].summary.leakage == LeakageSummary(pairs: 10, sources: 11))
        let pairs = try #require(report.findings.first { $0.code == .leakedPairs })
        #expect(pairs.corpus == .test && pairs.severity == .error && pairs.share == 0.1)
        #expect(pairs.lines == [1, 8, 15, 22, 29])
        #expect(pairs.message.contains("line 8 is line 51"))
        let sources = try #require(report.findings.first { $0.code == .leakedSources })
        #expect(sources.lines == [51] && sources.message.contains("line 51 is line 334"))
    }

    // MARK: How it reads

    @Test func `the beginning suffices if asked`() throws {
        let report = try report(good) { $0.maximumLines = 300 }
        #expect(report.corpora[0].summary.pairs == 300)
        #expect(report.corpora[0].summary.isPartial)
        #expect(codes(report.findings) == [])
        // That a file ends is known only when it does.
        var bad = good
        bad.targets.removeLast()
        #expect(codes(try self.report(bad) { $0.maximumLines = 900 }.findings) == [])
        #expect(
            codes(try self.report(bad) { $0.maximumLines = 1000 }.findings) == [.unequalLines])
    }

    @Test func `samples are drawn evenly and alike`() throws {
        func sample(_ seed: UInt64) throws -> [SampledPair] {
            let report = try report(good) {
                $0.sampleSize = 200
                $0.seed = seed
            }
            #expect(report.corpora[0].sample.seen == 1000)
            return report.corpora[0].sample.elements
        }
        let lines = try sample(1).map(\.line)
        #expect(lines.count == 200 && Set(lines).count == 200 && lines == lines.sorted())
        #expect((400...600).contains(lines.reduce(0, +) / 200))
        #expect(try sample(1) == sample(1))
        #expect(try sample(1) != sample(2))
        #expect(try sample(1).allSatisfy { $0.source == good.sources[$0.line - 1] })
    }
}
