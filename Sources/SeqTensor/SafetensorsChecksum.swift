import SeqFiles

/// The checksum of a safetensors file, CRC-32C, which stands in the file itself: under `crc32c` in
/// `__metadata__`, as eight hexadecimal digits.
///
/// It is that of all bytes of the file, the header and its length included, with zeros in the place of the
/// eight digits. Other programs see a string of metadata.
struct SafetensorsChecksum {
    static let key = "crc32c"
    static let placeholder = "00000000"

    private(set) var value: UInt32 = 0

    /// Takes the next bytes of the file.
    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        value = CRC32C.checksum(bytes, after: value)
    }

    /// Takes a header, whose digits start at `place`.
    mutating func add(header: [UInt8], digitsAt place: Int) {
        var header = header
        header.replaceSubrange(
            place..<place + SafetensorsChecksum.placeholder.utf8.count,
            with: SafetensorsChecksum.placeholder.utf8)
        header.withUnsafeBytes { add($0) }
    }

    /// Its eight digits.
    var digits: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
