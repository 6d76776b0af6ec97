import SeqFiles
import Testing

@testable import SeqText

/// Outputs read back, and vocabularies that must be refused.
@Suite struct OutputReadingTests {
    @Test(arguments: [TokenizerConfiguration.Kind.word, .character, .whitespace])
    func `what was spelt is read back`(kind: TokenizerConfiguration.Kind) throws {
        let configuration = TokenizerConfiguration(kind: kind, language: "en")
        let text = "a cat sees a big dog there."
        let codec = try TextCodec.train(on: [text], configuration: configuration)
        let known = codec.encode(text)
        for unknown in [[0], [1], [0, 1], [2, 3, 4]] {
            var ids = known
            for index in unknown { ids[index] = 0 }
            #expect(try codec.outputIDs(of: codec.decode(ids)) == ids, "\(codec.decode(ids))")
        }
    }

    @Test func `a text does not spell start and end`() throws {
        let configuration = TokenizerConfiguration(kind: .whitespace)
        let codec = try TextCodec.train(on: ["a b"], configuration: configuration)
        #expect(try codec.outputIDs(of: "<s> </s> <unk> a") == [0, 0, 0, 3])
    }

    @Test func `a vocabulary without a word is refused`() {
        let configuration = TokenizerConfiguration(kind: .whitespace, minimumCount: 99)
        let error = #expect(throws: Seq2SeqError.self) {
            try TextCodec.train(on: ["a b a"], configuration: configuration)
        }
        #expect(error?.reason.contains("minimum_count is 99") == true)
        #expect(error?.reason.contains("occurs 2 times") == true)
    }

    @Test func `unknown words are told apart by their bytes`() throws {
        let configuration = TokenizerConfiguration(kind: .whitespace, normalization: .none)
        let codec = try TextCodec.train(on: ["a b"], configuration: configuration)
        let copies = codec.copyEncoding(of: ["caf\u{E9}", "cafe\u{301}"])
        #expect(copies.targets == [5, 6])
        #expect(codec.encode("cafe\u{301}", copying: copies) == [6])
        var words = UnknownWords()
        #expect(words.encode("caf\u{E9} cafe\u{301}", with: codec) == [5, 6])
    }
}
