import CChecksum

/// The CRC-32C of bytes (Castagnoli and others 1993; RFC 3720, appendix B.4), by which a reader knows that
/// a file, or a record of a TFRecord file, is whole.
package enum CRC32C {
    /// The checksum of `bytes`.
    package static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        bytes.withContiguousStorageIfAvailable { seq_crc32c(0, $0.baseAddress, $0.count) }
            ?? Array(bytes).withUnsafeBytes { seq_crc32c(0, $0.baseAddress, $0.count) }
    }

    /// The checksum of the bytes that gave `checksum`, 0 for none, followed by others.
    package static func checksum(
        _ bytes: UnsafeRawBufferPointer, after checksum: UInt32
    ) -> UInt32 {
        seq_crc32c(checksum, bytes.baseAddress, bytes.count)
    }

    /// The checksum as TFRecord files hold it: rotated and shifted, so that the checksum of bytes that
    /// hold checksums themselves is no special value.
    package static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
        let checksum = checksum(bytes)
        return (checksum >> 15 | checksum << 17) &+ 0xA282_EAD8
    }
}
