import Testing

@testable import SeqData

@Suite struct CorpusMixtureExtremesTests {
    @Test(arguments: [0.005, .leastNonzeroMagnitude, 1e-3, 1e308, 1, 5])
    func `any temperature shares an epoch`(_ temperature: Double) {
        for weights in [
            [1.0, 1, 1], [1e308, 1e308, 1e308], Array(repeating: .leastNonzeroMagnitude, count: 3),
            [1e308, 1, 1], [1, 1e308, 1], [.leastNonzeroMagnitude, 1e308, 1],
        ] {
            let mixture = CorpusMixture(
                counts: [1000, 10, 0], weights: weights, temperature: temperature)
            #expect(mixture.quotas.reduce(0, +) == 1010)
            #expect(mixture.quotas.allSatisfy { $0 >= 0 })
        }
    }

    @Test func `a low temperature leaves the largest corpus alone`() {
        let mixture = CorpusMixture(counts: [1000, 10], weights: [1, 1], temperature: 0.005)
        #expect(mixture.quotas == [1010, 0])
    }

    @Test func `empty corpora have an empty epoch`() {
        #expect(
            CorpusMixture(counts: [0, 0], weights: [1, 1], temperature: 0.001).quotas == [0, 0])
    }

    @Test func `the largest length of characters is no more than a number can be`() {
        var limits = CorpusLimits()
        limits.maximumLength = 1 << 62
        #expect(limits.maximumLength(in: .characters) == .max)
        #expect(limits.maximumLength(in: .words) == 1 << 62)
        limits.maximumLength = 250
        #expect(limits.maximumLength(in: .characters) == 1000)
    }
}
