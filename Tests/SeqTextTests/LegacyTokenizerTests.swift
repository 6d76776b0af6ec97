import Foundation
import SeqText
import Testing

/// Tokenizers that an earlier version has saved: their ids and texts stay what they were.
@Suite struct LegacyTokenizerTests {
    private struct Golden: Decodable {
        var codec: String
        var text: String
        var ids: [Int32]
        var decoded: String
        var fingerprint: String
    }

    private static var folder: String {
        Goldens.fixtures.appending(path: "format-1").path(percentEncoded: false)
    }

    private static func goldens() throws -> [Golden] {
        try JSONDecoder().decode(
            [Golden].self, from: Data(contentsOf: URL(filePath: "\(folder)/goldens.json")))
    }

    @Test func `ids and texts are those of the version that saved them`() throws {
        for golden in try Self.goldens() {
            let codec = try TextCodec(contentsOf: Self.folder, name: golden.codec)
            #expect(codec.fingerprint == golden.fingerprint)
            #expect(codec.encode(golden.text) == golden.ids, "\(golden.text)")
            #expect(bytes(codec.decode(golden.ids)) == bytes(golden.decoded))
        }
    }

    @Test func `saving and extending keep their way`() throws {
        let old = try TextCodec(contentsOf: Self.folder, name: "en")
        let extended = try old.extended(
            by: ["Hello, new words!"], minimumCount: 1, maximumSize: 1000)
        #expect(extended.encode("Hello, new words!").allSatisfy { $0 != 0 })
        try withFolder { folder in
            for codec in [old, extended] {
                try codec.save(in: folder, name: "x")
                let again = try TextCodec(contentsOf: folder, name: "x")
                #expect(again.fingerprint == codec.fingerprint)
                #expect(again.tokens("Hello, you!") == ["Hello", ",", "you", "!"])
            }
        }
    }

    @Test func `a new tokenizer has another fingerprint and marks`() throws {
        let old = try TextCodec(contentsOf: Self.folder, name: "en")
        let new = try TextCodec(configuration: old.configuration, vocabulary: old.vocabulary)
        #expect(new.fingerprint != old.fingerprint)
        try withFolder { folder in
            try new.save(in: folder, name: "x")
            let again = try TextCodec(contentsOf: folder, name: "x")
            #expect(again.fingerprint == new.fingerprint)
            #expect(again.tokens("Hello, you!") == ["Hello", "￭,", "you", "￭!"])
        }
    }
}
