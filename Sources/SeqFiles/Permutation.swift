/// A pseudo-random order of the numbers below a count, computed number by number in constant memory.
///
/// A Feistel network (Luby and Rackoff 1988) permutes the numbers of a fixed count of bits; one that
/// falls outside the count is permuted again until it falls inside (cycle walking, Black and Rogaway
/// 2002). The same on every platform and for ever.
package struct Permutation: Sendable {
    @usableFromInline package let count: UInt64
    @usableFromInline package let key: UInt64
    @usableFromInline package let halfBits: UInt64

    @usableFromInline package static let rounds: UInt64 = 8

    /// Creates one of many orders of the numbers from 0 to below `count`.
    @inlinable package init(count: Int, key: UInt64) {
        self.count = UInt64(count)
        self.key = key
        let bits = 64 - max(1, self.count &- 1).leadingZeroBitCount
        halfBits = UInt64(bits + 1) / 2
    }

    /// The number at a position.
    @inlinable package subscript(position: Int) -> Int {
        var value = UInt64(position)
        repeat { value = permuted(value) } while value >= count
        return Int(value)
    }

    @inlinable package func permuted(_ value: UInt64) -> UInt64 {
        let mask: UInt64 = (1 << halfBits) - 1
        var (left, right) = (value >> halfBits, value & mask)
        for round in 1...Self.rounds {
            let key = key &+ round &* 0x9E37_79B9_7F4A_7C15
            (left, right) = (right, left ^ SplitMix64.mixed(right ^ key) & mask)
        }
        return left << halfBits | right
    }
}
