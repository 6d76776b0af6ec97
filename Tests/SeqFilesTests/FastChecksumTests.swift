import CChecksum
import Testing

@testable import SeqFiles

/// The checksum by the processor's instruction against the definition, bit by bit.
@Suite struct FastChecksumTests {
    /// The remainder by the polynomial, as RFC 3720 defines it.
    private func defined(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var remainder = UInt32.max
        for byte in bytes {
            remainder ^= UInt32(byte)
            for _ in 0..<8 {
                remainder = remainder & 1 == 1 ? remainder >> 1 ^ 0x82F6_3B78 : remainder >> 1
            }
        }
        return ~remainder
    }

    private let bytes: [UInt8] = {
        var generator = SplitMix64(seed: 9)
        return (0..<20_000).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    }()

    /// The lengths lie around those of words and of the blocks that are taken three at a time.
    @Test(arguments: [0, 1, 7, 8, 9, 63, 1023, 1024, 3071, 3072, 3073, 6144, 9999, 19_990])
    func `it is the remainder, wherever bytes start`(count: Int) {
        for start in [0, 1, 3, 8] {
            let part = bytes[start..<start + count]
            #expect(CRC32C.checksum(part) == defined(part))
            #expect(
                Array(part).withUnsafeBytes {
                    seq_crc32c_portable(0, $0.baseAddress, $0.count)
                } == defined(part))
        }
    }

    @Test func `it goes on where it stopped`() {
        let whole = defined(bytes)
        bytes.withUnsafeBytes { all in
            for cut in [0, 1, 100, 3072, 12_345, 20_000] {
                let first = CRC32C.checksum(UnsafeRawBufferPointer(rebasing: all[..<cut]), after: 0)
                let rest = UnsafeRawBufferPointer(rebasing: all[cut...])
                #expect(CRC32C.checksum(rest, after: first) == whole)
                #expect(seq_crc32c_portable(first, rest.baseAddress, rest.count) == whole)
            }
        }
    }
}
