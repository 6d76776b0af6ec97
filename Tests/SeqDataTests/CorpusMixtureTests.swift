import Testing

@testable import SeqData

@Suite struct CorpusMixtureTests {
    private func quotas(
        _ counts: [Int], _ weights: [Double], _ temperature: Double = 1
    ) -> [Int] {
        CorpusMixture(counts: counts, weights: weights, temperature: temperature).quotas
    }

    @Test func `shares follow weights and sizes`() {
        #expect(quotas([100, 300], [1, 1]) == [100, 300])
        #expect(quotas([100, 300], [3, 1]) == [200, 200])
        #expect(quotas([100, 400], [1, 1], 2) == [167, 333])
        #expect(quotas([7, 11, 13], [1, 1, 1]) == [7, 11, 13])
        #expect(quotas([10, 10, 10], [1, 1, 1], 100) == [10, 10, 10])
        #expect(quotas([1, 999], [1, 1], 1e6).reduce(0, +) == 1000)
        #expect(quotas([0], [1]) == [0])
    }

    private func epoch(_ mixture: CorpusMixture, _ epoch: Int, seed: UInt64? = 1) -> [Int] {
        (0..<mixture.count).map { mixture.pair(at: $0, epoch: epoch, seed: seed) }
    }

    @Test func `one corpus is permuted anew each epoch`() {
        let mixture = CorpusMixture(count: 50)
        let orders = (1...4).map { epoch(mixture, $0) }
        for order in orders { #expect(order.sorted() == Array(0..<50)) }
        #expect(Set(orders).count == 4)
        #expect(epoch(mixture, 2) == orders[1])
        #expect(epoch(mixture, 2, seed: 2) != orders[1])
        #expect(epoch(mixture, 3, seed: nil) == Array(0..<50))
    }

    @Test func `passes go on over epochs, so that no pair falls behind`() {
        // The first corpus gives 30 of its 10 pairs to an epoch, the second 20 of its 40.
        let mixture = CorpusMixture(counts: [10, 40], weights: [6, 1])
        #expect(mixture.quotas == [30, 20])
        for seed: UInt64? in [nil, 5] {
            var seen = [Int](repeating: 0, count: 50)
            for number in 1...6 {
                for pair in epoch(mixture, number, seed: seed) { seen[pair] += 1 }
                #expect(Set(seen[..<10]) == [3 * number])
                let rest = seen[10...]
                #expect((rest.max() ?? 0) - (rest.min() ?? 0) <= 1)
                if number % 2 == 0 { #expect(Set(rest) == [number / 2]) }
            }
        }
    }
}

@Suite struct ReservoirSampleTests {
    @Test func `a short stream is kept whole and in order`() {
        var sample = ReservoirSample<Int>(size: 10, seed: 1)
        for number in 0..<10 { sample.add(number) }
        #expect(sample.elements == Array(0..<10))
    }

    @Test func `each element is equally likely and the order is kept`() {
        var counts = [Int](repeating: 0, count: 20)
        for seed in 0..<4000 {
            var sample = ReservoirSample<Int>(size: 5, seed: UInt64(seed))
            for number in 0..<20 { sample.add(number) }
            let drawn = sample.elements
            if drawn.count != 5 || drawn != drawn.sorted() { Issue.record("\(drawn)") }
            for number in drawn { counts[number] += 1 }
        }
        // Five standard deviations of a binomial count.
        for count in counts { #expect(abs(count - 1000) < 137) }
    }
}
