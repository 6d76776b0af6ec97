import Testing

@testable import SeqMetrics

@Suite struct MetricTests {
    @Test func `names are those of configurations`() {
        #expect(
            Metric.allCases.map(\.rawValue)
                == [
                    "bleu", "chrf", "chrf++", "ter", "wer", "cer", "token_accuracy",
                    "sentence_accuracy", "accuracy", "macro_f1", "span_f1", "segmentation_f1",
                    "perplexity",
                ])
        #expect(Metric(rawValue: "token_accuracy") == .tokenAccuracy)
        #expect(Metric(rawValue: "Bleu") == nil)
    }

    @Test(arguments: Metric.allCases)
    func `better is strict and never not a number`(metric: Metric) {
        let isError = [.perplexity, .ter, .wer, .cer].contains(metric)
        let (worse, better) = isError ? (9.0, 8.0) : (8.0, 9.0)
        #expect(metric.isHigherBetter == !isError)
        #expect(metric.isBetter(better, than: worse))
        #expect(!metric.isBetter(worse, than: better))
        #expect(!metric.isBetter(better, than: better))
        #expect(!metric.isBetter(.nan, than: worse))
        #expect(metric.isBetter(worse, than: .nan))
        #expect(!metric.isBetter(.nan, than: .nan))
    }

    @Test func `perplexity is the exponential of the mean negative log-probability`() {
        // Four tokens of probability 1/8 each.
        var perplexity = Perplexity(totalLogProbability: -3 * 2.0794415416798357, tokenCount: 3)
        perplexity += Perplexity(totalLogProbability: -2.0794415416798357, tokenCount: 1)
        #expect(abs(perplexity.value - 8) < 1e-12)
        #expect(perplexity.description == "8.00")
        #expect(Perplexity().value.isNaN)
        #expect(Perplexity(totalLogProbability: -1e9, tokenCount: 1).value == .infinity)
    }

    @Test func `token accuracy counts positions of the longer sequence`() {
        #expect(
            Accuracy.tokens(predicted: [1, 2, 9], expected: [1, 2, 3])
                == Accuracy(correct: 2, total: 3))
        #expect(
            Accuracy.tokens(predicted: [1, 2, 3, 4], expected: [1, 2])
                == Accuracy(correct: 2, total: 4))
        #expect(Accuracy.tokens(predicted: [Int](), expected: [5]).value == 0)
        #expect(Accuracy.tokens(predicted: [Int](), expected: [Int]()).value.isNaN)
    }

    @Test func `sentence accuracy wants every position`() {
        var accuracy = Accuracy.sentence(predicted: [1, 2], expected: [1, 2])
        accuracy += Accuracy.sentence(predicted: [1, 2], expected: [1, 2, 3])
        accuracy += Accuracy.sentence(predicted: "caf\u{E9}", expected: "cafe\u{301}")
        accuracy += Accuracy.sentence(predicted: "caf\u{E9}", expected: "caf\u{E9}")
        #expect(accuracy == Accuracy(correct: 2, total: 4))
        #expect(accuracy.description == "50.00 % (2 of 4)")
    }

    @Test func `decimals are rounded as Python rounds them`() {
        // python3 -c 'print([f"{x:.{n}f}" for x, n in [(0.125, 2), (2.675, 2), (1e22, 1), …]])'
        #expect(fixedPoint(0.125, decimals: 2) == "0.12")
        #expect(fixedPoint(2.675, decimals: 2) == "2.67")
        #expect(fixedPoint(1e22, decimals: 1) == "10000000000000000000000.0")
        #expect(fixedPoint(99.95, decimals: 1) == "100.0")
        #expect(fixedPoint(-.greatestFiniteMagnitude, decimals: 1).count == 312)
        #expect(fixedPoint(7, decimals: 0) == "7")
    }
}
