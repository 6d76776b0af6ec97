/// The SplitMix64 generator: the same numbers on every platform and for ever.
///
/// After Steele, Lea and Flood 2014.
/// The standard library's `shuffle` may change between versions, so the order of a resumed training
/// run must not depend on it: this type draws its own integers.
package struct SplitMix64 {
    @usableFromInline package var state: UInt64

    @inlinable package init(seed: UInt64) {
        state = seed
    }

    /// Creates a generator for one of several streams that a seed gives rise to.
    @inlinable package init(seed: UInt64, stream: UInt64) {
        var outer = SplitMix64(seed: seed)
        self.init(seed: outer.next() ^ SplitMix64.mixed(stream &+ 0x9E37_79B9_7F4A_7C15))
    }

    @inlinable package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mixed(state)
    }

    @inlinable package static func mixed(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Returns a number from 0 to below `bound`, each equally likely (Lemire 2019).
    @inlinable package mutating func next(below bound: UInt64) -> UInt64 {
        var product = next().multipliedFullWidth(by: bound)
        if product.low < bound {
            let threshold = (0 &- bound) % bound
            while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
        }
        return product.high
    }

    /// Shuffles `elements` (Fisher and Yates).
    @inlinable package mutating func shuffle<Element>(_ elements: inout [Element]) {
        var remaining = elements.count
        while remaining > 1 {
            let chosen = Int(next(below: UInt64(remaining)))
            remaining -= 1
            elements.swapAt(chosen, remaining)
        }
    }
}
