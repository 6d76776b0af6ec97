import SeqFiles
import SeqData
import SeqText
import TestSupport
import Testing

@testable import SeqTraining

/// What tokenizers make of corpora, and the quick check before training.
@Suite struct DataCheckTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let words = [
        "house", "tree", "river", "stone", "bird", "cloud", "street", "table", "window", "garden",
    ]

    /// Sentences of words, each mapped, whose lengths vary.
    private func sentences(
        _ count: Int, offset: Int = 0, _ map: (String) -> String = { $0 }
    ) -> [String] {
        (0..<count).map { line in
            (0..<(2 + line * 5 % 9)).map { map(Self.words[(line * 3 + $0 * 7 + offset) % 10]) }
                .joined(separator: " ")
        }
    }

    private func corpus(
        _ name: String, _ source: [String], _ target: [String]
    ) throws -> ParallelCorpus {
        ParallelCorpus(
            source: try folder.write("\(name).s", source),
            target: try folder.write("\(name).t", target))
    }

    private func capitalized(_ word: String) -> String {
        word.prefix(1).uppercased() + word.dropFirst()
    }

    private func codec(
        _ lines: [String], _ change: (inout TokenizerConfiguration) -> Void = { _ in }
    ) throws -> TextCodec {
        var configuration = TokenizerConfiguration(kind: .whitespace, normalization: .none)
        change(&configuration)
        return try TextCodec.train(on: lines, configuration: configuration)
    }

    private func findings(
        _ source: [String], codec: TextCodec, _ change: (inout DataCheck) -> Void = { _ in }
    ) throws -> [CorpusFinding] {
        let target = sentences(source.count) { "x\($0)" }
        var check = DataCheck(training: try corpus("train", source, target))
        check.tokenizers = .given(source: codec, target: try self.codec(target))
        change(&check)
        let codes: [CorpusFinding.Code] = [
            .unknownTokens, .caseMismatch, .normalizationMismatch, .unseenVocabulary,
            .overlongLines,
        ]
        return try check.report().findings.filter { codes.contains($0.code) }
    }

    @Test func `a vocabulary of the corpus has nothing to tell`() throws {
        let source = sentences(300)
        #expect(try findings(source, codec: codec(source)) == [])
    }

    @Test func `the configuration's own tokenizers are tried`() throws {
        var configuration = RunConfiguration()
        configuration.data.train.source = try folder.write("s", sentences(300))
        configuration.data.train.target = try folder.write("t", sentences(300) { "x\($0)" })
        configuration.tokenizer.source.vocabularySize = 8
        let report = try DataCheck(configuration).report()
        let source = try #require(report.tokenizers.first)
        #expect(source.vocabulary == 8 && source.kind == "word" && source.sampledPairs == 300)
        #expect(source.unknownShare > 0.4 && source.unknownShare < 0.6)
        #expect(source.samples.count == 3)
        #expect(source.samples.flatMap(\.tokens).contains { $0.hasPrefix("⟨") })
        #expect(report.tokenizers[1].unknown == 0)
        let unknown = try #require(report.findings.first { $0.code == .unknownTokens })
        #expect(unknown.severity == .error && unknown.side == .source)
        #expect(unknown.path.hasSuffix("/s") && unknown.examples.count == 5)
        #expect(unknown.remedy.contains("tokenizer.source.kind"))
        configuration.tokenizer.joint = true
        let joint = try DataCheck(configuration).report().tokenizers
        #expect(joint.map(\.vocabulary) == [8, 8])
    }

    @Test func `a tokenizer that cannot be trained is a finding`() throws {
        var configuration = RunConfiguration()
        configuration.data.train.source = try folder.write("s", sentences(30))
        configuration.data.train.target = try folder.write("t", sentences(30) { "x\($0)" })
        configuration.tokenizer.source.kind = .sentencepiece
        let findings = try DataCheck(configuration).report().findings
        let tokenizer = try #require(findings.first { $0.code == .tokenizer })
        #expect(tokenizer.severity == .error && !tokenizer.remedy.isEmpty)
    }

    @Test func `unknown tokens are told for each corpus and side`() throws {
        let source = sentences(300)
        var other = sentences(100, offset: 3)
        for line in 0..<50 { other[line] += " zebra zoo" }
        var check = DataCheck(
            training: try corpus("train", source, sentences(300) { "x\($0)" }))
        check.validation = try corpus("valid", other, sentences(100, offset: 3) { "x\($0)" })
        check.tokenizers = .given(
            source: try codec(source), target: try codec(sentences(300) { "x\($0)" }))
        let report = try check.report()
        #expect(report.tokenizers.map(\.unknown) == [0, 0, 100, 0])
        let finding = try #require(report.findings.first { $0.code == .unknownTokens })
        #expect(finding.corpus == .validation && finding.severity == .error)
        #expect(finding.lines == [1, 2, 3, 4, 5] && finding.examples == ["zebra", "zoo"])
        check.limits.maximumUnknown = 0.5
        let tolerant = try check.report().findings.first { $0.code == .unknownTokens }
        #expect(tolerant?.severity == .note)
        check.limits.maximumUnknown = 0
        check.accepted = [.unknownTokens]
        let accepted = try check.report().findings.first { $0.code == .unknownTokens }
        #expect(accepted?.severity == .note)
    }

    @Test func `case that differs from the vocabulary is found both ways`() throws {
        let lower = sentences(300)
        let upper = sentences(300, capitalized)
        let many = lower + ["a b c d e f g h i j k l m n o"]
        let cased = try findings(upper, codec: codec(many))
        #expect(cased.map(\.code) == [.unknownTokens, .caseMismatch, .unseenVocabulary])
        #expect(cased[1].message.contains("no entry of the vocabulary has"))
        let lowered = try findings(lower, codec: codec(upper + many))
        #expect(lowered.contains { $0.code == .caseMismatch })
        // A tokenizer that lower-cases has no such trouble.
        let own = try codec(many) { $0.lowercase = true }
        #expect(!(try findings(upper, codec: own)).contains { $0.code == .caseMismatch })
    }

    @Test func `normalisation that differs from the vocabulary is found`() throws {
        let composed = sentences(300) { "\($0)é" }
        let decomposed = sentences(300) { "\($0)e\u{301}" }
        let found = try findings(decomposed, codec: codec(composed))
        let finding = try #require(found.first { $0.code == .normalizationMismatch })
        #expect(finding.message.contains("NFC") && !finding.message.contains("NFKC"))
        let full = sentences(300) { "\($0)１" }
        let compatible = try findings(full, codec: codec(sentences(300) { "\($0)1" }))
        #expect(
            compatible.contains {
                $0.code == .normalizationMismatch && $0.message.contains("NFKC")
            })
        let own = try codec(composed) { $0.normalization = .nfkc }
        #expect(try findings(decomposed, codec: own) == [])
    }

    @Test func `entries that do not occur are counted`() throws {
        let source = sentences(300)
        let some = try findings(source, codec: codec(source + ["zebra zoo"]))
        #expect(some.map(\.code) == [.unseenVocabulary])
        #expect(some[0].severity == .note && some[0].count == 2)
        #expect(Set(some[0].examples) == ["zebra", "zoo"])
        let most = try findings(
            source, codec: codec(source + [(0..<20).map { "zoo\($0)" }.joined(separator: " ")]))
        #expect(most.map(\.severity) == [.warning])
    }

    @Test func `overlong pairs are counted in tokens`() throws {
        let source = sentences(300)
        let found = try findings(source, codec: codec(source)) { $0.limits.maximumLength = 9 }
        #expect(found.map(\.code) == [.overlongLines])
        #expect(found[0].message.contains("more than 9 tokens"))
        #expect(found[0].count == source.count { $0.split(separator: " ").count > 9 })
    }

    // MARK: Before training

    private func configuration() throws -> RunConfiguration {
        var configuration = try folder.configuration(.reverse)
        configuration.data.check = .refuse
        configuration.training.epochs = 1
        return configuration
    }

    @Test func `a good corpus trains without a word`() throws {
        #expect(try train(configuration()).findings == [])
    }

    @Test func `sides that are the same are refused, or warned of`() throws {
        var configuration = try folder.configuration(.copy)
        configuration.training.epochs = 1
        configuration.data.check = .refuse
        let error = try #require(trainingError { try train(configuration) })
        #expect(error.kind == .badData)
        #expect(error.description.contains("both sides of all pairs are the same"))
        #expect(error.remedy?.contains("data.check: warn") == true)
        configuration.data.check = .warn
        #expect(try train(configuration).findings.map(\.code).contains(.identicalSides))
        // The check is no part of what a run is.
        configuration.data.check = .refuse
        configuration.training.epochs = 2
        #expect(try train(configuration, resumes: true).findings == [])
    }

    @Test func `unequal files and exchanged columns are refused before anything is read`() throws {
        var configuration = try configuration()
        configuration.data.train.source = try folder.write("s", sentences(300))
        configuration.data.train.target = try folder.write("t", sentences(299) { "x\($0)zz" })
        var error = try #require(trainingError { try train(configuration) })
        #expect(error.reason.contains("has 299 lines"))
        configuration.data.train.target = try folder.write("t", sentences(300) { "x\($0)zz" })
        configuration.data.validation.source = try folder.write(
            "vs", sentences(50, offset: 1) { "x\($0)zz" })
        configuration.data.validation.target = try folder.write("vt", sentences(50, offset: 1))
        error = try #require(trainingError { try train(configuration) })
        #expect(error.reason.contains("source and target are exchanged"))
        #expect(error.path?.hasSuffix("vt") == true)
    }

    @Test func `what is not certain only warns`() throws {
        var configuration = try configuration()
        var lines = sentences(300)
        lines[4] += "\u{7}"
        configuration.data.train.source = try folder.write("s", lines)
        configuration.data.train.target = try folder.write("t", sentences(300) { "x\($0)" })
        configuration.data.validation.source = configuration.data.train.source
        configuration.data.validation.target = configuration.data.train.target
        let codes = try train(configuration).findings.map(\.code)
        #expect(codes.contains(.controlCharacters))
        #expect(codes.contains(.leakedPairs))
    }
}
