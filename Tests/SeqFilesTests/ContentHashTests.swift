import TestSupport
import Testing

@testable import SeqFiles

@Suite struct ContentHashTests {
    private func hash(_ text: String) -> String {
        var hash = ContentHash()
        hash.update(Array(text.utf8))
        return hash.hexadecimal
    }

    // python3 -c 'import hashlib; print(hashlib.sha256(b"x" * 55).hexdigest())' and so on
    @Test(arguments: [
        (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (55, "d5e285683cd4efc02d021a5c62014694958901005d6f71e89e0989fac77e4072"),
        (56, "04c26261370ee7541549d16dee320c723e3fd14671e66a099afe0a377c16888e"),
        (63, "75220b47218278e656f2013bb8f0c455a25eaf01e86c64924e9d48d89776d6f2"),
        (64, "7ce100971f64e7001e8fe5a51973ecdfe1ced42befe7ee8d5fd6219506b5393c"),
        (65, "9537c5fdf120482f7d58d25e9ed583f52c02b4e304ea814db1633ad565aed7e9"),
        (119, "000b48d4edf0fa7bee3c6236ecd2785baa5db4eeb8bb54341b029e0d9fa5fb0c"),
        (120, "13f05a0b594787f5ecd315edc96141bd3243203d1b7d4f0836f37308b276ba98"),
        (1000, "44f8354494a5ba03ba1792a8d3e9c534c47a9181980fde7a3f44b06ef2ae7c7f"),
    ])
    func `hashes are SHA-256`(count: Int, expected: String) {
        #expect(hash(String(repeating: "x", count: count)) == expected)
    }

    @Test func `a file has the hash of its bytes`() throws {
        let folder = try TemporaryFolder()
        let text = String(repeating: "0123456789", count: 300_000)
        _ = try folder.file("file", text)
        #expect(try ContentHash.ofFile(folder.path("file")) == hash(text))
        for name in ["nowhere", "."] {
            let error = #expect(throws: Seq2SeqError.self) {
                try ContentHash.ofFile(folder.path(name))
            }
            #expect(error?.kind == .missingInput)
            #expect(error?.path == folder.path(name))
        }
    }

    @Test func `the example of the standard`() {
        // FIPS 180-2, appendix B.1
        #expect(
            hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test func `the pieces in which bytes come do not matter`() {
        let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        var whole = ContentHash()
        whole.update(bytes)
        for size in [1, 7, 63, 64, 65, 129] {
            var pieces = ContentHash()
            for start in stride(from: 0, to: bytes.count, by: size) {
                pieces.update(Array(bytes[start..<min(start + size, bytes.count)]))
                _ = pieces.hexadecimal
            }
            #expect(pieces.hexadecimal == whole.hexadecimal)
        }
    }
}
