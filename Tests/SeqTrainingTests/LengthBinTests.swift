import SeqMetrics
import Testing

@testable import SeqTraining

@Suite struct LengthBinTests {
    @Test func `pairs are binned by the length of their sources`() throws {
        let lengths = [1, 10, 11, 20, 60, 61, 500]
        let texts = lengths.map { length in (0..<6).map { "w\($0)\(length)" }.joined(separator: " ")
        }
        var hypotheses = texts
        hypotheses[2] = "nothing of it at all"
        let metric = BLEU(tokenizer: .none)
        let bins = LengthBin.all(
            metric, lengths: lengths, hypotheses: hypotheses, references: texts)
        #expect(bins.map(\.name) == ["1–10", "11–20", "51–60", "61 and more"])
        #expect(bins.map(\.pairs) == [2, 2, 1, 2])
        for bin in [0, 2, 3] { #expect(abs(bins[bin].bleu - 100) < 1e-9) }
        let second = try metric.corpusScore(
            hypotheses: Array(hypotheses[2...3]), references: Array(texts[2...3]))
        #expect(bins[1].bleu == second.score)
    }

    @Test func `only what is translated counts`() {
        let bins = LengthBin.all(
            BLEU(tokenizer: .none), lengths: [3, 30], hypotheses: ["a b c d"],
            references: ["a b c d", "e"])
        #expect(bins.map(\.pairs) == [1])
    }
}
