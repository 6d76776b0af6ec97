import Testing

@testable import SeqFiles

@Suite struct CRC32CTests {
    /// The examples of RFC 3720, appendix B.4, and the usual check value.
    @Test(
        arguments: [
            ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
            ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
            (Array(0..<32), 0x46DD_794E), ((0..<32).reversed(), 0x113F_DB5C),
            (Array("123456789".utf8), 0xE306_9283), ([], 0),
        ] as [([UInt8], UInt32)])
    func `it is that of the standard`(_ bytes: [UInt8], _ checksum: UInt32) {
        #expect(CRC32C.checksum(bytes) == checksum)
    }

    /// The mask of TensorFlow's crc32c.h.
    @Test func `it is masked by a rotation and a sum`() {
        #expect(CRC32C.masked([]) == 0xA282_EAD8)
        let checksum: UInt32 = 0xE306_9283
        #expect(
            CRC32C.masked("123456789".utf8)
                == ((checksum >> 15) | (checksum << 17)) &+ 0xA282_EAD8)
    }
}
