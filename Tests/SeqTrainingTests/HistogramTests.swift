import Testing

@testable import SeqTraining

@Suite struct HistogramTests {
    private func histogram(_ numbers: [Float]) -> Histogram {
        numbers.withUnsafeBufferPointer { Histogram($0) }
    }

    @Test func `it counts every number between the limits around it`() {
        var generator = SplitMix(state: 3)
        var numbers = (0..<2000).map { _ in
            Float.random(in: -1..<1, using: &generator)
                * Float.random(in: 0..<1, using: &generator)
        }
        numbers += [0, -0.0, 1, -1, 0.5, -0.5]
        let found = histogram(numbers)
        #expect(found.count == numbers.count)
        #expect(found.minimum == -1 && found.maximum == 1)
        let sum = numbers.reduce(0) { $0 + Double($1) }
        let squares = numbers.reduce(0) { $0 + Double($1) * Double($1) }
        #expect(abs(found.sum - sum) < 1e-9 && abs(found.sumOfSquares - squares) < 1e-9)
        let limits = found.buckets.map(\.limit)
        #expect(zip(limits, limits.dropFirst()).allSatisfy { $0 < $1 })
        #expect(limits.count < 150)
        var lower = -Double.infinity
        for bucket in found.buckets {
            // A limit belongs to the bucket that is farther from zero.
            let inside = numbers.map(Double.init).count {
                bucket.limit > 0
                    ? lower > 0 ? lower <= $0 && $0 < bucket.limit : lower < $0 && $0 < bucket.limit
                    : lower < $0 && $0 <= bucket.limit
            }
            #expect(inside == bucket.count, "up to \(bucket.limit)")
            lower = bucket.limit
        }
    }

    @Test func `what is not finite is left out`() {
        let found = histogram([.nan, .infinity, 2, -.infinity, 3])
        #expect(found.count == 2 && found.minimum == 2 && found.maximum == 3 && found.sum == 5)
        #expect(found.buckets.map(\.count).reduce(0, +) == 2)
        #expect(histogram([.nan]).count == 0 && histogram([]).buckets.isEmpty)
    }

    @Test(arguments: [0, 1, -1, .greatestFiniteMagnitude, -.leastNonzeroMagnitude] as [Float])
    func `equal numbers share a bucket`(_ number: Float) {
        let found = histogram([number, number, number])
        #expect(found.buckets.filter { $0.count > 0 }.map(\.count) == [3])
        #expect(found.buckets.allSatisfy { $0.limit.isFinite })
    }

    @Test func `numbers far below the largest count as zero`() {
        let found = histogram([1, 1e-30, -1e-30, 1e-20])
        #expect(found.buckets.filter { $0.count > 0 }.map(\.count) == [3, 1])
    }
}
