import SeqFiles
import Testing

@testable import SeqMetrics

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct BLEUTests {
    private let goldens: BLEUGoldens

    init() throws {
        goldens = try BLEUGoldens.load()
    }

    private func expectEqual(_ score: BLEUScore, _ golden: BLEUGoldens.Case) {
        let name: Comment = "\(golden.corpus) \(golden.index ?? -1) \(golden.signature)"
        #expect(abs(score.score - golden.score) <= 1e-10, name)
        #expect(score.precisions.count == golden.precisions.count, name)
        for (precision, expected) in zip(score.precisions, golden.precisions) {
            #expect(abs(precision - expected) <= 1e-10, name)
        }
        #expect(abs(score.brevityPenalty - golden.bp) <= 1e-10, name)
        #expect(score.hypothesisLength == golden.sys_len, name)
        #expect(score.referenceLength == golden.ref_len, name)
        let signature = golden.signature + "|version:" + BLEU.implementation
        #expect(score.signature == signature, name)
        let text = golden.text.replacing("SIGNATURE", with: signature, maxReplacements: 1)
        #expect(score.formatted() == text, name)
    }

    @Test func `corpora score as sacreBLEU scores them`() throws {
        #expect(goldens.cases.count > 500)
        for golden in goldens.cases {
            let corpus = try #require(goldens.corpora[golden.corpus])
            let score = try golden.setting.metric.corpusScore(
                hypotheses: corpus.hypotheses, referenceStreams: corpus.references)
            expectEqual(score, golden)
        }
    }

    @Test func `sentences score as sacreBLEU scores them`() throws {
        #expect(goldens.sentences.count > 100)
        for golden in goldens.sentences {
            let corpus = try #require(goldens.corpora[golden.corpus])
            let index = try #require(golden.index)
            let score = golden.setting.metric.sentenceScore(
                hypothesis: corpus.hypotheses[index],
                references: corpus.references.compactMap { $0[index] })
            expectEqual(score, golden)
        }
    }

    @Test(arguments: BLEUTokenizer.allCases)
    func `texts are cut as sacreBLEU cuts them`(tokenizer: BLEUTokenizer) throws {
        #expect(goldens.tokens.count > 400)
        for golden in goldens.tokens {
            let expected = try #require(golden.tokens[tokenizer.rawValue])
            let tokens = tokenizer.tokenize(golden.text)
            // Compared by code points, since `==` would let canonically equivalent texts pass.
            #expect(
                tokens.map { Array($0.utf8) } == expected.map { Array($0.utf8) }, "\(golden.text)")
        }
    }

    @Test func `lower case is Python's lower case`() {
        for golden in goldens.tokens {
            #expect(
                pythonLowercased(golden.text).utf8.elementsEqual(golden.lower.utf8),
                "\(golden.text)")
        }
    }

    @Test func `canonically equivalent tokens are different tokens`() {
        let score = BLEU().sentenceScore(hypothesis: "caf\u{E9}", references: ["cafe\u{301}"])
        #expect(score.score == 0)
    }

    @Test func `tokens that differ in length or in trailing NUL are different tokens`() {
        let metric = BLEU(tokenizer: .none)
        for (hypothesis, reference) in [
            ("a", "a\0"), ("abcdefghijklmno", "abcdefghijklmno\0"),
            ("abcdefgh", "abcdefghi"), ("abcdefghijklmnop", "abcdefghijklmnopq"),
        ] {
            #expect(
                metric.statistics(hypothesis: hypothesis, references: [reference]).matches[0] == 0)
            #expect(
                metric.statistics(hypothesis: hypothesis, references: [hypothesis]).matches[0] == 1)
        }
    }

    @Test func `statistics of segments add up to those of the corpus`() throws {
        let metric = BLEU()
        let corpus = try #require(goldens.corpora["random_0"])
        var total = metric.emptyStatistics
        for (index, hypothesis) in corpus.hypotheses.enumerated() {
            total += metric.statistics(
                hypothesis: hypothesis, references: corpus.references.compactMap { $0[index] })
        }
        #expect(
            try metric.score(of: total)
                == metric.corpusScore(
                    hypotheses: corpus.hypotheses, referenceStreams: corpus.references))
    }

    @Test func `one stream of references needs no nesting`() throws {
        let score = try BLEU().corpusScore(
            hypotheses: ["the sun rises in the east"], references: ["the sun rises in the east"])
        #expect(abs(score.score - 100) < 1e-10)
    }

    @Test func `a corpus without segments or with wrong counts is refused`() {
        let metric = BLEU()
        #expect(throws: Seq2SeqError.self) {
            try metric.corpusScore(hypotheses: [], references: [])
        }
        #expect(throws: Seq2SeqError.self) {
            try metric.corpusScore(hypotheses: ["one"], referenceStreams: [])
        }
        let uneven = #expect(throws: Seq2SeqError.self) {
            try metric.corpusScore(hypotheses: ["one", "two"], references: ["one"])
        }
        #expect(uneven?.reason == "2 hypotheses but 1 references")
        let missing = #expect(throws: Seq2SeqError.self) {
            try metric.corpusScore(
                hypotheses: ["one", "two"], referenceStreams: [["one", nil], ["one", nil]])
        }
        #expect(missing?.line == 2)
        #expect(missing?.description == "line 2: the segment has no reference")
    }

    @Test func `a very long line is scored exactly`() {
        let words = (0..<100_000).map { "w\($0 % 977)" }.joined(separator: " ")
        let statistics = BLEU().statistics(hypothesis: words, references: [words])
        #expect(statistics.matches == [100_000, 99_999, 99_998, 99_997])
        #expect(statistics.totals == statistics.matches)
    }

    @Test func `a score survives JSON under snake case names`() throws {
        let score = BLEU().sentenceScore(hypothesis: "a b c d e", references: ["a b c d f"])
        let data = try JSONEncoder().encode(score)
        let text = String(decoding: data, as: UTF8.self)
        #expect(text.contains("\"brevity_penalty\""))
        #expect(try JSONDecoder().decode(BLEUScore.self, from: data) == score)
    }
}
