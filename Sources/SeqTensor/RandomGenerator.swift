import SeqFiles
import CSeqKernels

/// A source of random numbers that can be split and saved: Philox 4x32-7 (Salmon and others 2011),
/// which computes the n-th number of a stream directly from a key and a counter.
public struct RandomGenerator: RandomNumberGenerator, Sendable, Hashable, Codable {
    /// What distinguishes this generator from others.
    public private(set) var key: UInt64
    /// How many streams have been drawn from it.
    public private(set) var position: UInt64

    /// Creates a generator; equal seeds give equal numbers on every machine.
    public init(seed: UInt64) {
        key = RandomGenerator.mix(seed)
        position = 0
    }

    /// A generator of its own for the purpose `name`, independent of this one's position.
    public func split(_ name: String) -> RandomGenerator {
        var hash = FNV1a()
        hash.add(name.utf8)
        var child = self
        child.key = RandomGenerator.mix(key ^ hash.value)
        child.position = 0
        return child
    }

    /// Takes the next stream for an operation that draws many numbers at once.
    mutating func nextStream() -> UInt64 {
        position += 1
        return position
    }

    /// The next 64 random bits.
    public mutating func next() -> UInt64 {
        position += 1
        return RandomGenerator.mix(key &+ position &* 0x9e37_79b9_7f4a_7c15)
    }

    /// The next number, drawn uniformly from 0 up to, not including, 1.
    public mutating func nextUnit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// The finalizer of SplitMix64 (Steele and others 2014).
    private static func mix(_ value: UInt64) -> UInt64 {
        var z = value &+ 0x9e37_79b9_7f4a_7c15
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

extension Tensor {
    /// A tensor of numbers drawn uniformly from `range`.
    public static func uniform(
        _ range: Range<Float>, shape: [Int], using generator: inout RandomGenerator
    ) -> Tensor {
        let result = Tensor(uninitialized: shape)
        seq_random_uniform(
            result.pointer, range.lowerBound, range.upperBound, generator.key,
            generator.nextStream(), result.count)
        return result
    }
}
