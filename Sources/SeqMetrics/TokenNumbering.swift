/// A number for each different token, so that tokens can be compared as numbers.
///
/// Tokens are the same when their bytes are.
struct TokenNumbering {
    private var numbers: [TokenKey: Int32] = [:]

    /// Returns the numbers of `tokens`; one not seen before gets the next number.
    mutating func add(_ tokens: TokenList) -> [Int32] {
        var result: [Int32] = []
        result.reserveCapacity(tokens.count)
        tokens.forEachToken { bytes in
            let next = Int32(numbers.count)
            let key = TokenKey(bytes)
            let number = numbers[key] ?? next
            if number == next { numbers[key] = number }
            result.append(number)
        }
        return result
    }

    /// Returns the numbers of `tokens`, −1 for those never added.
    func find(_ tokens: TokenList) -> [Int32] {
        var result: [Int32] = []
        result.reserveCapacity(tokens.count)
        tokens.forEachToken { result.append(numbers[TokenKey($0)] ?? -1) }
        return result
    }
}

/// The bytes of a token; up to 15 of them are held in place, without an allocation.
private enum TokenKey: Hashable {
    case short(UInt64, UInt64)
    case long([UInt8])

    init(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count < 16 else {
            self = .long(Array(bytes))
            return
        }
        // The length is the last byte, so that a token that ends in NUL differs from one without.
        var words: (UInt64, UInt64) = (0, UInt64(bytes.count) << 56)
        for (index, byte) in bytes.enumerated() {
            if index < 8 {
                words.0 |= UInt64(byte) << (8 * UInt64(index))
            } else {
                words.1 |= UInt64(byte) << (8 * UInt64(index - 8))
            }
        }
        self = .short(words.0, words.1)
    }
}
