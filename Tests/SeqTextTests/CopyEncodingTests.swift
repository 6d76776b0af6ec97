import SeqText
import Testing

/// The vocabulary of a target, extended by the unknown words of its source.
@Suite struct CopyEncodingTests {
    /// `the` is 3, `cat` 4, `sat` 5.
    private let codec: TextCodec

    init() throws {
        codec = try TextCodec.train(
            on: ["the the the cat cat sat"],
            configuration: TokenizerConfiguration(kind: .whitespace))
    }

    private func encoding(_ source: String) -> CopyEncoding {
        codec.copyEncoding(of: source.split(separator: " ").map(String.init))
    }

    @Test func `unknown words of the source get ids of their own, in order`() {
        let found = encoding("zed the Wu zed cat Wu")
        #expect(found.targets == [6, 3, 7, 6, 4, 7])
        #expect(found.unknowns == ["zed", "Wu"])
        #expect(encoding("cat the").unknowns.isEmpty)
        #expect(encoding("cat the").targets == [4, 3])
        #expect(encoding("").targets.isEmpty)
    }

    /// What spells a special token is text: it must not end an output.
    @Test func `words that spell special tokens are unknown words`() {
        let found = encoding("</s> cat <unk> <s> </s>")
        #expect(found.targets == [6, 4, 7, 8, 6])
        #expect(found.unknowns == ["</s>", "<unk>", "<s>"])
        #expect(codec.encode("<unk> sat </s>", copying: found) == [7, 5, 6])
    }

    @Test func `targets spell unknown words by the ids of the source`() {
        let source = encoding("zed sat Wu")
        #expect(codec.encode("the Wu sat zed zed", copying: source) == [3, 7, 5, 6, 6])
        #expect(codec.encode("the Bo sat", copying: source) == [3, 0, 5])
        #expect(codec.encode("the cat", copying: source) == codec.encode("the cat"))
        #expect(codec.encode("zed Bo", copying: encoding("the cat")) == [0, 0])
        #expect(codec.encode("", copying: source).isEmpty)
    }

    @Test func `ids are spelt with the words of their source`() {
        let source = encoding("zed sat Wu")
        let ids = codec.encode("the Wu sat zed Bo", copying: source)
        #expect(
            codec.tokens(of: ids, unknowns: source.unknowns) == [
                "the", "Wu", "sat", "zed", "<unk>",
            ]
        )
        #expect(
            codec.tokens(of: [3, 6, 8, -1], unknowns: []) == ["the", "<unk>", "<unk>", "<unk>"])
        #expect(codec.tokens(of: [8, 7], unknowns: source.unknowns) == ["<unk>", "Wu"])
    }

    /// Normalisation acts on both sides, so that a word is the same word.
    @Test func `source and target agree on spelling`() throws {
        let configuration = TokenizerConfiguration(
            kind: .whitespace, lowercase: true, normalization: .nfkc)
        let codec = try TextCodec.train(on: ["the cat"], configuration: configuration)
        let source = codec.copyEncoding(of: codec.tokens("The ＺＥＤ"))
        #expect(source.unknowns == ["zed"])
        #expect(codec.encode("ZED the", copying: source) == [Int32(codec.count), 4])
    }

    /// Source and target vocabularies need not be one.
    @Test func `ids are those of the target, whatever those of the source are`() throws {
        let other = try TextCodec.train(
            on: ["sat cat zed"], configuration: TokenizerConfiguration(kind: .character))
        let found = codec.copyEncoding(of: other.tokens("sat"))
        #expect(found.targets == [6, 7, 8])
        #expect(found.unknowns == ["s", "a", "t"])
    }

    @Test(arguments: [
        TokenizerConfiguration(kind: .sentencepiece, language: "zh", vocabularySize: 310),
        TokenizerConfiguration(language: "zh", vocabularySize: 100),
        TokenizerConfiguration(kind: .character, vocabularySize: 60),
    ])
    func `every kind of tokenizer has as many ids as tokens`(
        _ configuration: TokenizerConfiguration
    ) throws {
        let codec = try TextCodec.train(on: Goldens.corpus(), configuration: configuration)
        var copied = 0
        for text in try Goldens.corpus() + ["unseen ☃☃ 𝄞 word", ""] {
            let source = codec.copyEncoding(of: codec.tokens(text))
            let ids = codec.encode(text, copying: source)
            #expect(source.targets.count == codec.encode(text).count)
            #expect(ids == source.targets)
            #expect(!ids.contains(Vocabulary.unknownID))
            #expect(codec.tokens(of: ids, unknowns: source.unknowns) == codec.tokens(text))
            copied += source.unknowns.count
        }
        #expect(copied > 0)
    }
}
