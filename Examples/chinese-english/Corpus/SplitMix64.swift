/// The SplitMix64 generator (Steele, Lea and Flood 2014): the same numbers on every platform.
struct SplitMix64 {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mix(state)
    }

    /// Returns a number below the bound, without bias (Lemire 2019).
    mutating func next(below bound: Int) -> Int {
        precondition(bound > 0, "the bound \(bound) is not positive")
        let bound = UInt64(bound)
        var product = next().multipliedFullWidth(by: bound)
        while product.low < (0 &- bound) % bound {
            product = next().multipliedFullWidth(by: bound)
        }
        return Int(product.high)
    }

    /// Puts the elements in random order (Fisher and Yates).
    mutating func shuffle<Element>(_ elements: inout [Element]) {
        for last in stride(from: elements.count - 1, to: 0, by: -1) {
            elements.swapAt(last, next(below: last + 1))
        }
    }

    /// Returns a hash of the text that is the same in every run (FNV-1a, then mixed).
    static func hash(_ text: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        }
        return mix(hash)
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var mixed = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
