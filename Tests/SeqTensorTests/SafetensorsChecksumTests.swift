import SeqFiles
import SeqTensor
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The checksum in a safetensors file, and what becomes of a file that changes.
struct SafetensorsChecksumTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func written(
        _ tensors: [(name: String, tensor: Tensor)], metadata: [String: String] = [:]
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        Safetensors.write(tensors, metadata: metadata, hasChecksum: true) {
            bytes.append(contentsOf: $0)
        }
        return bytes
    }

    /// The digits were computed by another program, bit by bit.
    @Test func theChecksumIsThatOfTheFileWithZerosInItsPlace() throws {
        let bytes = written([("a", Tensor([1, -2.5, 0.75]))])
        let header =
            #"{"__metadata__":{"crc32c":"CHECKSUM"},"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}"#
        let text = String(decoding: bytes[8..<8 + header.utf8.count], as: UTF8.self)
        let file = try Safetensors(contentsOf: folder.file("x", bytes))
        let checksum = try #require(file.checksum)
        #expect(text == header.replacing("CHECKSUM", with: checksum))
        #expect(checksum == "9b0192e5")
        #expect(file.metadata == ["crc32c": checksum])
    }

    @Test func otherMetadataStayAndFilesWithoutAChecksumAreRead() throws {
        let tensors = [(name: "a", tensor: Tensor.draw([5], seed: 1))]
        let file = try Safetensors(
            contentsOf: folder.file("x", written(tensors, metadata: ["step": "7"])))
        #expect(file.metadata["step"] == "7" && file.checksum?.count == 8)
        var bytes: [UInt8] = []
        Safetensors.write(tensors, metadata: ["step": "7"]) { bytes.append(contentsOf: $0) }
        let plain = try Safetensors(contentsOf: folder.file("y", bytes))
        #expect(plain.checksum == nil && plain.metadata == ["step": "7"])
        #expect(identical(try plain.tensor("a"), tensors[0].tensor))
    }

    /// Only a file whose name of the checksum is damaged may be read, and its numbers are right.
    @Test func everyFlippedBitIsFound() throws {
        let tensors = [
            (name: "a", tensor: Tensor.draw([3], seed: 1)),
            (name: "b", tensor: Tensor.draw([2, 2], seed: 2)),
        ]
        let whole = written(tensors)
        var read = 0
        for place in whole.indices {
            for bit in 0..<8 {
                var bytes = whole
                bytes[place] ^= 1 << bit
                do {
                    let file = try Safetensors(contentsOf: folder.file("x", bytes))
                    read += 1
                    #expect(file.checksum == nil, "byte \(place), bit \(bit)")
                    for (name, tensor) in tensors {
                        #expect(identical(try file.tensor(name), tensor))
                    }
                } catch let error as Seq2SeqError {
                    #expect(error.kind == .badData && error.path == folder.path("x"))
                }
            }
        }
        // The letters of two names, of which a few flips make other letters.
        #expect(read < 8 * "__metadata__crc32c".utf8.count)
    }

    @Test func checksumsThatAreNoneAreRefused() throws {
        for value in ["", "0", "123456789", "0000000é", "\\u00300000000", "ABCDEF01", "        "] {
            let header = #"{"__metadata__":{"crc32c":"\#(value)"}}"#
            let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
            #expect(throws: Seq2SeqError.self, "\(value)") {
                try Safetensors(contentsOf: folder.file("x", length + Array(header.utf8)))
            }
        }
        var bytes = written([("a", Tensor([1, .nan]))])
        bytes[bytes.count - 8] ^= 1
        let error = #expect(throws: Seq2SeqError.self) {
            try Safetensors(contentsOf: folder.file("x", bytes))
        }
        #expect(error?.reason.contains("tensor a holds a NaN or an infinity") == true)
    }

    /// What was loaded is what the file held, whatever becomes of it.
    @Test func aFileMayChangeOnceItIsRead() throws {
        let values = Tensor.draw([100_000], seed: 3)
        let path = try folder.file("x", written([("a", values)]))
        let tensor = try Safetensors(contentsOf: path).tensor("a")
        let handle = try #require(fopen(path, "r+"))
        #expect(fseek(handle, 5000, SEEK_SET) == 0)
        #expect(fwrite([UInt8](repeating: 9, count: 4096), 1, 4096, handle) == 4096)
        #expect(fclose(handle) == 0)
        #expect(identical(tensor, values))
        #expect(truncate(path, 1000) == 0)
        #expect(identical(tensor, values))
    }

    /// A file may claim to be large; memory is asked for only as far as the machine has it.
    @Test func aSparseFileOfManyTerabytesIsRefused() throws {
        let count = 1 << 41
        let header =
            #"{"a":{"dtype":"F32","shape":[\#(count)],"data_offsets":[0,\#(4 * count)]}}"#
        let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
        let path = try folder.file("x", length + Array(header.utf8))
        // Where the file system has no room for such a name, there is nothing to test.
        guard truncate(path, 8 + header.utf8.count + 4 * count) == 0 else { return }
        let error = #expect(throws: Seq2SeqError.self) { try Safetensors(contentsOf: path) }
        #expect(error?.reason.contains("no memory") == true)
    }
}
