import Testing

@testable import SeqMetrics

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What sacreBLEU and jiwer say, as `scripts/goldens/metrics_errors.py` wrote it.
private struct Goldens: Decodable {
    struct Corpus: Decodable {
        var hypotheses: [String]
        var references: [[String?]]
    }

    struct Setting: Decodable {
        var char_order: Int?
        var word_order: Int?
        var beta: Int?
        var lowercase: Bool?
        var normalized: Bool?
        var no_punct: Bool?
        var asian_support: Bool?
        var case_sensitive: Bool?
    }

    struct Case: Decodable {
        var kind: String
        var corpus: String
        var setting: Setting
        var score: Double
        var sentences: [Double]
        var signature: String?
        var text: String?

        var metric: any CorpusMetric {
            switch kind {
            case "chrf":
                ChrF(
                    characterOrder: setting.char_order ?? 6, wordOrder: setting.word_order ?? 0,
                    beta: setting.beta ?? 2, lowercase: setting.lowercase ?? false)
            case "ter":
                TranslationEditRate(
                    normalized: setting.normalized ?? false,
                    punctuation: !(setting.no_punct ?? false),
                    asianSupport: setting.asian_support ?? false,
                    caseSensitive: setting.case_sensitive ?? false)
            case "wer": WordErrorRate()
            default: CharacterErrorRate()
            }
        }
    }

    var corpora: [String: Corpus]
    var cases: [Case]

    static func load() throws -> Goldens {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        let data = try Data(contentsOf: folder.appending(path: "Fixtures/errors.json"))
        return try JSONDecoder().decode(Goldens.self, from: data)
    }
}

@Suite struct ReferenceMetricTests {
    @Test(arguments: [("chrf", 150), ("ter", 180), ("wer", 20), ("cer", 20)])
    func `corpora and sentences score as the reference programs score them`(
        kind: String, atLeast: Int
    ) throws {
        let goldens = try Goldens.load()
        let cases = goldens.cases.filter { $0.kind == kind }
        #expect(cases.count >= atLeast)
        for golden in cases {
            let corpus = try #require(goldens.corpora[golden.corpus])
            let name: Comment = "\(golden.corpus) \(golden.setting)"
            let streams = ["wer", "cer"].contains(kind) ? 1 : corpus.references.count
            let references = Array(corpus.references.prefix(streams))
            let score = try golden.metric.corpusScore(
                hypotheses: corpus.hypotheses, referenceStreams: references)
            #expect(abs(score.score - golden.score) <= 1e-10, name)
            if let signature = golden.signature, let text = golden.text {
                let full = "\(signature)|version:\(BLEU.implementation)"
                #expect(score.signature == full, name)
                #expect(
                    score.formatted(decimals: 2)
                        == text.replacing("SIGNATURE", with: full, maxReplacements: 1), name)
            }
            for (index, expected) in golden.sentences.enumerated() {
                let sentence = golden.metric.forSentences.sentenceScore(
                    hypothesis: corpus.hypotheses[index],
                    references: references.compactMap { $0[index] })
                #expect(abs(sentence.score - expected) <= 1e-10, "\(name) \(index)")
            }
        }
    }

    @Test func `each metric knows its name`() {
        let metrics: [any CorpusMetric] = [
            BLEU(), ChrF(), ChrF.plusPlus, TranslationEditRate(), WordErrorRate(),
            CharacterErrorRate(), TokenAccuracy(), SentenceAccuracy(), LabelAccuracy(), MacroF1(),
            SpanF1Metric(), SegmentationF1Metric(),
        ]
        #expect(metrics.map(\.metric) == Metric.allCases.filter { $0 != .perplexity })
        for metric in metrics {
            let right = ["B-a O B-c O"]
            let good = metric.sentenceScore(hypothesis: right[0], references: right).score
            let bad = metric.sentenceScore(hypothesis: "B-a B-xx O O", references: right).score
            #expect(metric.metric.isBetter(good, than: bad))
        }
    }

    @Test func `sentences of BLEU are scored with the orders that they have`() {
        let score = BLEU().forSentences.sentenceScore(
            hypothesis: "two words", references: ["two words"])
        #expect(abs(score.score - 100) < 1e-10)
        #expect(BLEU().sentenceScore(hypothesis: "two words", references: ["two words"]).score == 0)
    }

    @Test func `of several references that counts which is closest`() {
        let references = ["a b c d e f", "a x", "a b c"]
        let words = WordErrorRate().statistics(hypothesis: "a b", references: references)
        #expect(words.edits == 1 && words.referenceLength == 3)
        let characters = CharacterErrorRate().statistics(
            hypothesis: "ab", references: ["xyzw", "abc"])
        #expect(characters.edits == 1 && characters.referenceLength == 3)
        #expect(
            TokenAccuracy().statistics(hypothesis: "a b", references: references)
                == Accuracy(correct: 2, total: 3))
        #expect(
            SentenceAccuracy().statistics(hypothesis: "a x", references: references)
                == Accuracy(correct: 1, total: 1))
        #expect(
            WordErrorRate().sentenceScore(hypothesis: "a", references: ["a", "b"]).signature
                .hasPrefix("nrefs:2|case:mixed|"))
    }

    @Test func `case can be ignored`() {
        #expect(
            WordErrorRate(lowercase: true).sentenceScore(
                hypothesis: "ΟΔΟΣ X", references: ["οδος x"]
            )
            .score == 0)
        #expect(
            CharacterErrorRate(lowercase: true).sentenceScore(hypothesis: "ÄB", references: ["äb"])
                .score
                == 0)
        #expect(
            CharacterErrorRate().sentenceScore(hypothesis: "ÄB", references: ["äb"]).score == 100)
    }

    @Test func `accuracy compares code points`() {
        #expect(
            SentenceAccuracy().sentenceScore(hypothesis: "caf\u{E9}", references: ["cafe\u{301}"])
                .score
                == 0)
        let score = TokenAccuracy().sentenceScore(hypothesis: " a  b", references: ["a c"])
        #expect(score.score == 0.5)
        #expect(score.description == "token-accuracy = 50.00 %")
        #expect(score.signature == "token-accuracy|version:\(BLEU.implementation)")
    }

    @Test func `edits are counted as Levenshtein counts them`() {
        // A slow definition of the same: the recursion over first elements.
        func slow(_ a: ArraySlice<UInt8>, _ b: ArraySlice<UInt8>) -> Int {
            guard let x = a.first, let y = b.first else { return a.count + b.count }
            let (restA, restB) = (a.dropFirst(), b.dropFirst())
            if x == y { return slow(restA, restB) }
            return 1 + min(slow(restA, b), slow(a, restB), slow(restA, restB))
        }
        for (a, b) in [
            ("", ""), ("abc", ""), ("", "ab"), ("kitten", "sitting"), ("abcabc", "cabcab"),
            ("aab", "ab"), ("abcd", "badc"), ("aaaa", "aa"), ("xaxbx", "axxb"),
        ] {
            #expect(
                editDistance(Array(a.utf8), Array(b.utf8))
                    == slow(Array(a.utf8)[...], Array(b.utf8)[...]))
        }
        let long = (0..<100_000).map { $0 % 977 }
        #expect(editDistance(long, Array(long.dropFirst())) == 1)
    }

    @Test func `scores survive JSON under snake case names`() throws {
        let score = WordErrorRate().sentenceScore(hypothesis: "a b", references: ["a c"])
        let data = try JSONEncoder().encode(score)
        #expect(String(decoding: data, as: UTF8.self).contains("\"reference_length\""))
        #expect(try JSONDecoder().decode(ErrorRateScore.self, from: data) == score)
        let chrF = ChrF.plusPlus.sentenceScore(hypothesis: "a b", references: ["a c"])
        #expect(
            try JSONDecoder().decode(ChrFScore.self, from: JSONEncoder().encode(chrF)) == chrF)
    }
}
