import Testing

@testable import SeqFiles

@Suite struct PermutationTests {
    @Test func `each number comes exactly once`() {
        for count in Array(1...70) + [1023, 1024, 1025, 10_007] {
            let permutation = Permutation(count: count, key: UInt64(count))
            #expect((0..<count).map { permutation[$0] }.sorted() == Array(0..<count))
        }
    }

    @Test func `orders differ by key and never change`() {
        func order(_ key: UInt64) -> [Int] {
            let permutation = Permutation(count: 10, key: key)
            return (0..<10).map { permutation[$0] }
        }
        #expect(Set((0..<100).map(order)).count == 100)
        // What this package gave when the order was written: runs begun then must resume.
        #expect(order(1) == [2, 5, 8, 7, 9, 4, 3, 1, 0, 6])
    }

    @Test func `each number is equally likely at each position`() {
        let count = 12
        var seen = [[Int]](repeating: [Int](repeating: 0, count: count), count: count)
        let draws = 12_000
        for key in 0..<draws {
            let permutation = Permutation(count: count, key: SplitMix64.mixed(UInt64(key)))
            for position in 0..<count { seen[position][permutation[position]] += 1 }
        }
        // Five standard deviations of a binomial count.
        for count in seen.joined() { #expect(abs(count - 1000) < 152) }
    }

    @Test func `neighbours in a long order are far apart`() {
        let count = 1_000_000
        let permutation = Permutation(count: count, key: 3)
        let steps = (0..<1000).map { abs(permutation[$0 + 1] - permutation[$0]) }
        // The mean distance of two random numbers below n is n/3.
        let mean = Double(steps.reduce(0, +)) / 1000
        #expect(abs(mean - 333_333) < 37_000)
    }
}
