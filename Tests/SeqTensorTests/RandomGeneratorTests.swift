import SeqTensor
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The random generator: its algorithm, its splitting and its statistics.
struct RandomGeneratorTests {
    /// Philox 4x32 with 7 rounds.
    ///
    /// Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", section 3.
    private static func philox(_ counter: [UInt32], _ key: [UInt32]) -> [UInt32] {
        var (c, k) = (counter, key)
        for _ in 0..<7 {
            let a = UInt64(c[0]) * 0xD251_1F53
            let b = UInt64(c[2]) * 0xCD9E_8D57
            c = [
                UInt32(truncatingIfNeeded: b >> 32) ^ c[1] ^ k[0], UInt32(truncatingIfNeeded: b),
                UInt32(truncatingIfNeeded: a >> 32) ^ c[3] ^ k[1], UInt32(truncatingIfNeeded: a),
            ]
            k = [k[0] &+ 0x9E37_79B9, k[1] &+ 0xBB67_AE85]
        }
        return c
    }

    /// The vectors are those of Random123's kat_vectors file, "philox4x32 7".
    @Test func referenceOfThisTestIsPhilox() {
        #expect(
            Self.philox([0, 0, 0, 0], [0, 0]) == [
                0x5f6f_b709, 0x0d89_3f64, 0x4f12_1f81, 0x4f73_0a48,
            ])
        let ones = UInt32.max
        #expect(
            Self.philox([ones, ones, ones, ones], [ones, ones])
                == [0x5207_ddc2, 0x4516_5e59, 0x4d8e_e751, 0x8c52_f662])
        #expect(
            Self.philox(
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0])
                == [0x4dfc_caba, 0x190a_87f0, 0xc473_62ba, 0xb6b5_242a])
    }

    /// Sixteen counters make 64 numbers: first all their first words, then the second ones.
    @Test func uniformNumbersComeFromPhilox() {
        var generator = RandomGenerator(seed: 77)
        _ = Tensor.uniform(0..<1, shape: [3], using: &generator)
        let key = generator.key
        let x = Tensor.uniform(0..<1, shape: [333], using: &generator).values
        let stream = generator.position
        #expect(stream == 2)
        for index in x.indices {
            let counter = UInt32(index / 64 * 16 + index % 16)
            let words = Self.philox(
                [
                    counter, 0, UInt32(truncatingIfNeeded: stream),
                    UInt32(truncatingIfNeeded: stream >> 32),
                ],
                [UInt32(truncatingIfNeeded: key), UInt32(truncatingIfNeeded: key >> 32)])
            #expect(x[index] == Float(words[index % 64 / 16] >> 8) * 0x1p-24)
        }
    }

    @Test func uniformMoments() {
        var generator = RandomGenerator(seed: 5)
        let count = 1_000_000
        let x = Tensor.uniform(-1..<3, shape: [count], using: &generator).values.map(Double.init)
        #expect(x.allSatisfy { $0 >= -1 && $0 < 3 })
        let mean = x.reduce(0, +) / Double(count)
        let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
        // Five standard errors: σ = 4/√12, of the mean σ/√n, of the variance √(1/5 - 1/9)·4 … /√n.
        #expect(abs(mean - 1) < 5 * 1.1547 / 1000)
        #expect(abs(variance - 4.0 / 3) < 5 * 1.2 / 1000)
        let products = zip(x, x.dropFirst()).reduce(0) { $0 + ($1.0 - 1) * ($1.1 - 1) }
        #expect(abs(products / Double(count)) < 5 * 1.34 / 1000)
        var bins = [Int](repeating: 0, count: 16)
        for value in x { bins[Int((value + 1) * 4)] += 1 }
        let chi = bins.reduce(0.0) { sum, count in
            let excess = Double(count) - 62_500
            return sum + excess * excess / 62_500
        }
        #expect(chi < 45)
    }

    @Test func equalSeedsGiveEqualNumbersAndOthersOthers() {
        func numbers(_ seed: UInt64) -> [UInt64] {
            var generator = RandomGenerator(seed: seed)
            return (0..<4).map { _ in generator.next() }
        }
        #expect(numbers(3) == numbers(3))
        #expect(Set((0..<100).flatMap { numbers($0) }).count == 400)
        // Fixed for all time: saved runs resume with them.
        #expect(
            numbers(1) == [
                17_405_687_883_870_564_846, 834_844_254_806_117_752, 14_341_179_868_655_528_873,
                4_041_960_728_211_846_737,
            ])
    }

    @Test func splittingDependsOnTheNameAlone() {
        let parent = RandomGenerator(seed: 3)
        var moved = parent
        _ = moved.next()
        #expect(parent.split("a") == moved.split("a"))
        #expect(parent.split("a") != parent.split("b") && parent.split("a") != parent)
        #expect(parent.split("a").split("b") != parent.split("b").split("a"))
        var (one, two) = (parent.split("a"), parent.split("b"))
        let x = Tensor.uniform(-1..<1, shape: [100_000], using: &one)
        let y = Tensor.uniform(-1..<1, shape: [100_000], using: &two)
        #expect(abs((x * y).mean().item) < 5 / 3 / Float(100_000).squareRoot())
    }

    @Test func savingKeepsThePlace() throws {
        var generator = RandomGenerator(seed: .max)
        _ = Tensor.zeros([5]).dropout(0.5, using: &generator)
        let data = try JSONEncoder().encode(generator)
        var restored = try JSONDecoder().decode(RandomGenerator.self, from: data)
        #expect(restored == generator && restored.position == 1)
        let next = Tensor.uniform(0..<1, shape: [50], using: &generator)
        #expect(identical(next, .uniform(0..<1, shape: [50], using: &restored)))
        #expect(generator.next() == restored.next())
    }

    @Test(arguments: [Float(0.1), 0.3, 0.5, 0.9]) func dropoutRate(_ rate: Float) {
        var generator = RandomGenerator(seed: 11)
        let count = 1_000_000
        let y = Tensor(repeating: 1, shape: [count]).dropout(rate, using: &generator).values
        let dropped = y.count { $0 == 0 }
        let deviation = (Double(rate * (1 - rate)) / Double(count)).squareRoot()
        #expect(abs(Double(dropped) / Double(count) - Double(rate)) < 5 * deviation + 1.0 / 65536)
        let kept = Set(y).subtracting([0])
        #expect(kept.count == 1 && abs((kept.first ?? 0) * (1 - rate) - 1) < 2e-4)
        // Neighbours drop out independently.
        let pairs = zip(y, y.dropFirst()).count { $0 == 0 && $1 == 0 }
        #expect(abs(Double(pairs) / Double(count) - Double(rate * rate)) < 5 * deviation + 1e-4)
    }

    @Test func dropoutMasks() {
        let x = Tensor(repeating: 1, shape: [1000])
        func mask(_ seed: UInt64, draws: Int, count: Int = 1000) -> [Float] {
            var generator = RandomGenerator(seed: seed)
            for _ in 1..<draws { _ = x.dropout(0.5, using: &generator) }
            return x.rows(0..<count).dropout(0.5, using: &generator).values
        }
        #expect(mask(1, draws: 1) == mask(1, draws: 1))
        #expect(mask(1, draws: 1) != mask(1, draws: 2) && mask(1, draws: 1) != mask(2, draws: 1))
        #expect(mask(1, draws: 1, count: 777) == Array(mask(1, draws: 1)[..<777]))
        var generator = RandomGenerator(seed: 1)
        #expect(identical(x.dropout(0, using: &generator), x) && generator.position == 0)
        #expect(x.dropout(0.99999, using: &generator).isFinite)
    }
}
