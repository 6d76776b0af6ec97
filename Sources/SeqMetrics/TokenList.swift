/// Tokens as ranges of one buffer of UTF-8.
struct TokenList {
    let bytes: [UInt8]
    private(set) var bounds: [Range<Int>] = []

    /// Creates the list of the tokens of `bytes` that stand at `bounds`.
    init(bytes: [UInt8], bounds: [Range<Int>]) {
        self.bytes = bytes
        self.bounds = bounds
    }

    /// Creates the list of what stands between white space in `bytes`.
    init(splitting bytes: [UInt8]) {
        self.bytes = bytes
        bounds.reserveCapacity(bytes.count / 4)
        bytes.withUnsafeBufferPointer { buffer in
            var start = 0
            var index = 0
            while index < buffer.count {
                let length = whitespaceLength(in: buffer, at: index)
                if length == 0 {
                    index += 1
                } else {
                    if index > start { bounds.append(start..<index) }
                    index += length
                    start = index
                }
            }
            if index > start { bounds.append(start..<index) }
        }
    }

    /// Creates the list of the code points of `bytes`, white space left out.
    init(charactersOf bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = Array(bytes)
        var index = 0
        while index < bytes.count {
            var end = index + 1
            while end < bytes.count && bytes[end] & 0xC0 == 0x80 { end += 1 }
            if whitespaceLength(in: bytes, at: index) == 0 { bounds.append(index..<end) }
            index = end
        }
    }

    /// The number of tokens.
    var count: Int { bounds.count }

    /// Accesses the bytes of a token.
    subscript(index: Int) -> ArraySlice<UInt8> { bytes[bounds[index]] }

    /// Calls `body` with the bytes of each token in turn.
    func forEachToken(_ body: (UnsafeRawBufferPointer) -> Void) {
        bytes.withUnsafeBytes { buffer in
            for range in bounds { body(UnsafeRawBufferPointer(rebasing: buffer[range])) }
        }
    }
}
