/// The hash FNV-1a of 64 bits (Fowler, Noll and Vo), which tells apart what nobody forges.
package struct FNV1a: Sendable {
    /// The hash of what has been added.
    @usableFromInline package var value: UInt64 = 0xCBF2_9CE4_8422_2325

    /// Creates the hash of nothing.
    @inlinable package init() {}

    /// Appends a byte.
    @inlinable package mutating func add(_ byte: UInt8) { add(word: UInt64(byte)) }

    /// Appends a number in one step, where the hash need not be that of its bytes.
    @inlinable package mutating func add(word: UInt64) {
        value = (value ^ word) &* 0x100_0000_01B3
    }

    /// Appends bytes.
    @inlinable package mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { add(byte) }
    }

    /// The hash in 16 hexadecimal digits.
    package var hexadecimal: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// The hash FNV-1a of 32 bits, in steps of words.
package struct FNV1a32: Sendable {
    /// The hash of what has been added.
    @usableFromInline package var value: UInt32 = 0x811C_9DC5

    /// Creates the hash of nothing.
    @inlinable package init() {}

    /// Appends a number in one step.
    @inlinable package mutating func add(word: UInt32) { value = (value ^ word) &* 0x0100_0193 }
}
