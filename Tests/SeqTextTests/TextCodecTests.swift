import SeqFiles
import Foundation
import SeqText
import Testing

@Suite struct TextCodecTests {
    static let configurations = [
        TokenizerConfiguration(),
        TokenizerConfiguration(lowercase: true, normalization: .nfc, minimumCount: 2),
        TokenizerConfiguration(language: "zh", vocabularySize: 100),
        TokenizerConfiguration(kind: .character, normalization: .none),
        TokenizerConfiguration(kind: .whitespace),
        TokenizerConfiguration(kind: .sentencepiece, language: "zh", vocabularySize: 310),
        TokenizerConfiguration(
            kind: .sentencepiece, normalization: .nfc, vocabularySize: 350, sentencepieceType: .bpe),
    ]

    @Test(arguments: configurations)
    func `files bring everything back`(configuration: TokenizerConfiguration) throws {
        let codec = try TextCodec.train(on: Goldens.corpus(), configuration: configuration)
        try withFolder { folder in
            try codec.save(in: folder, name: "source")
            let loaded = try TextCodec(contentsOf: folder, name: "source")
            #expect(loaded.configuration == configuration)
            #expect(loaded.fingerprint == codec.fingerprint)
            #expect(loaded.unknownRate == codec.unknownRate)
            #expect(loaded.vocabulary.tokens == codec.vocabulary.tokens)
            #expect(loaded.count == loaded.vocabulary.count)
            for sentence in try Goldens.corpus() + ["unseen ☃", ""] {
                let ids = codec.encode(sentence)
                #expect(loaded.encode(sentence) == ids)
                #expect(loaded.decode(ids) == codec.decode(ids))
                #expect(ids.allSatisfy { $0 == 0 || ($0 > 2 && Int($0) < codec.count) })
                #expect(loaded.tokens(sentence).count == ids.count)
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 2)
        }
    }

    @Test(arguments: [
        TokenizerConfiguration(), TokenizerConfiguration(language: "zh"),
        TokenizerConfiguration(kind: .character, language: "zh"),
        TokenizerConfiguration(kind: .sentencepiece, language: "zh", vocabularySize: 310),
    ])
    func `sentences come back`(configuration: TokenizerConfiguration) throws {
        let isChinese = configuration.language == "zh"
        let sentences = try Goldens.corpus().filter {
            isChinese || $0.utf8.allSatisfy { $0 < 0x80 }
        }
        let codec = try TextCodec.train(on: sentences, configuration: configuration)
        for sentence in sentences {
            #expect(codec.decode(codec.encode(sentence)) == sentence)
            #expect(codec.detokenize(codec.tokens(sentence)) == sentence)
        }
        #expect(codec.unknownRate == 0)
        #expect(codec.unknownRate(on: sentences) == 0)
        #expect(codec.encode("") == [])
        #expect(codec.decode([]) == "")
    }

    @Test(arguments: [
        "“你好！”她说：“走吧……”", "（注）他有3,000元，对吗？", "10:30见；Tom来了，我们走！", "Hello, world! (ok)",
    ])
    func `Chinese punctuation keeps its width through nfkc`(text: String) throws {
        let codec = try TextCodec.train(
            on: [text],
            configuration: TokenizerConfiguration(
                kind: .character, language: "zh", normalization: .nfkc))
        #expect(codec.decode(codec.encode(text)) == text)
    }

    @Test func `special tokens never come from text`() throws {
        let codec = try TextCodec.train(
            on: ["<s> a </s> <unk> b"], configuration: TokenizerConfiguration(kind: .whitespace))
        #expect(codec.encode("<s> a </s> <unk> c") == [0, 3, 0, 0, 0])
        #expect(codec.vocabulary.tokens == ["<unk>", "<s>", "</s>", "a", "b"])
        #expect(codec.decode([1, 3, 0, 4, 2, 99, -5]) == "a <unk> b <unk> <unk>")
        #expect(codec.token(of: 3) == "a")
        #expect(codec.token(of: 99) == "<unk>")
    }

    @Test func `pieces decode as SentencePiece does`() throws {
        let codec = try TextCodec.train(
            on: Goldens.corpus(),
            configuration: TokenizerConfiguration(kind: .sentencepiece, vocabularySize: 310))
        let id = codec.vocabulary.id(of: "▁the")
        #expect(codec.token(of: id) == "▁the")
        #expect(codec.decode([1, id, id, 2]) == "the the")
        #expect(codec.decode([id, 0]) == "the ⁇ ")
        #expect(codec.token(of: 99_999) == "<unk>")
    }

    @Test func `unknown rate counts tokens`() throws {
        let codec = try TextCodec.train(
            on: ["a a a b"], configuration: TokenizerConfiguration(minimumCount: 2))
        #expect(codec.unknownRate == 0.25)
        #expect(codec.unknownRate(on: ["a x", "x a"]) == 0.5)
        #expect(codec.unknownRate(on: []) == 0)
    }

    // FNV-1a/64 in Python: reduce(lambda h, b: (h ^ b) * 0x100000001b3 % 2**64, data,
    // 0xcbf29ce484222325), data = b"word\nen\n\nnfc\nspacing marks\n<unk>\n<s>\n</s>\na\n".
    @Test func `fingerprints tell vocabularies and settings apart`() throws {
        func fingerprint(_ text: String, _ configuration: TokenizerConfiguration) throws -> String {
            try TextCodec.train(on: [text], configuration: configuration).fingerprint
        }
        let reference = try fingerprint("a", TokenizerConfiguration())
        #expect(reference == "37c9562e9a422b82")
        #expect(try fingerprint("a a", TokenizerConfiguration(vocabularySize: 9)) == reference)
        #expect(try fingerprint("b", TokenizerConfiguration()) != reference)
        #expect(try fingerprint("a", TokenizerConfiguration(lowercase: true)) != reference)
        #expect(try fingerprint("a", TokenizerConfiguration(language: "de")) != reference)
        #expect(try fingerprint("a", TokenizerConfiguration(kind: .character)) != reference)
    }

    @Test(arguments: [
        TokenizerConfiguration.Kind.word, .character, .whitespace,
    ])
    func `further texts add tokens behind the old ones`(_ kind: TokenizerConfiguration.Kind) throws
    {
        let codec = try TextCodec.train(
            on: ["b b a", "a b"], configuration: TokenizerConfiguration(kind: kind))
        let old = codec.vocabulary
        func extended(_ minimumCount: Int, _ maximumSize: Int) throws -> TextCodec {
            try codec.extended(
                by: ["c d d e e a", "d <s>"], minimumCount: minimumCount, maximumSize: maximumSize)
        }
        let all = try extended(1, 100)
        #expect(Array(all.vocabulary.tokens.prefix(old.count)) == old.tokens)
        let new = all.vocabulary.tokens.dropFirst(old.count)
        #expect(Array(new.prefix(2)) == ["d", "e"] && new.contains("c"))
        #expect(!new.contains("<s>"))
        let a = try #require(old.tokens.firstIndex(of: "a"))
        #expect(all.vocabulary.counts[a] == old.counts[a] + 1)
        #expect(all.encode("b a") == codec.encode("b a"))
        #expect(all.fingerprint != codec.fingerprint)
        #expect(try extended(3, 100).vocabulary.tokens.contains("d"))
        #expect(try !extended(3, 100).vocabulary.tokens.contains("e"))
        let one = try extended(1, old.count + 1)
        #expect(one.vocabulary.tokens == old.tokens + ["d"])
        #expect(one.configuration.vocabularySize == old.count + 1)
        // A vocabulary that is too large already does not shrink.
        #expect(try extended(1, 4).vocabulary.tokens == old.tokens)
        #expect(throws: Seq2SeqError.self) {
            try codec.extended(by: [""], minimumCount: 1, maximumSize: 100)
        }
    }

    @Test(arguments: TokenizerConfiguration.Kind.allCases)
    func `no text is an error`(kind: TokenizerConfiguration.Kind) throws {
        for texts in [[], ["", " \t "]] {
            let error = try error {
                _ = try TextCodec.train(
                    on: texts, configuration: TokenizerConfiguration(kind: kind))
            }
            #expect(error.kind == .badData)
        }
    }

    @Test func `models with other special ids are refused`() throws {
        let codec = try TextCodec.train(
            on: Goldens.corpus(),
            configuration: TokenizerConfiguration(kind: .sentencepiece, vocabularySize: 310))
        let tokenizer = try SentencePieceTokenizer(
            modelBytes: Self.withoutStart(try modelBytes(of: codec)))
        let error = try error {
            _ = try TextCodec(
                configuration: TokenizerConfiguration(kind: .sentencepiece),
                sentencePiece: tokenizer)
        }
        #expect(error.kind == .badData)
        #expect(error.reason.contains("-1"))
        #expect(error.remedy?.contains("--bos_id=1") == true)
    }

    private func modelBytes(of codec: TextCodec) throws -> [UInt8] {
        try withFolder { folder in
            try codec.save(in: folder, name: "x")
            return [UInt8](
                try Data(contentsOf: URL(filePath: "\(folder)/x.sentencepiece.model")))
        }
    }

    /// The model with its piece "<s>" renamed, so that it has no start.
    private static func withoutStart(_ bytes: [UInt8]) throws -> [UInt8] {
        var bytes = bytes
        let range = try #require(bytes.firstRange(of: Array("<s>".utf8)))
        bytes.replaceSubrange(range, with: Array("<q>".utf8))
        return bytes
    }

    @Test func `a vocabulary of another training is noticed`() throws {
        try withFolder { folder in
            for (name, text) in [("one", "a b c"), ("two", "a b d")] {
                try TextCodec.train(on: [text], configuration: TokenizerConfiguration())
                    .save(in: folder, name: name)
            }
            let path = "\(folder)/one.vocabulary.txt"
            try FileManager.default.removeItem(atPath: path)
            try FileManager.default.copyItem(atPath: "\(folder)/two.vocabulary.txt", toPath: path)
            let error = try error { _ = try TextCodec(contentsOf: folder, name: "one") }
            #expect(error.kind == .badData)
            #expect(error.path == path)
            #expect(error.reason.contains("fingerprint"))
        }
    }

    @Test(arguments: [
        ("", "not JSON"), ("{", "not JSON"), ("[]", "wrong type"), ("{}", "missing"),
        (#"{"format":"other","version":1}"#, "format is \"other\""),
        (#"{"format":"seq2seq-tokenizer","version":3,"news":1}"#, "version is 3"),
        (
            #"""
            {"format":"seq2seq-tokenizer","version":1,"fingerprint":"0","unknown_rate":0,
             "configuration":{"kind":"words"}}
            """#, "it must be one of word, character, sentencepiece, whitespace"
        ),
        (
            #"""
            {"format":"seq2seq-tokenizer","version":1,"fingerprint":"0","unknown_rate":0,
             "configuration":{"minimum_count":"x"}}
            """#, "configuration.minimum_count has a value of the wrong type"
        ),
    ])
    func `malformed settings are errors`(json: String, reason: String) throws {
        try withFolder { folder in
            let path = "\(folder)/x.tokenizer.json"
            try Data(json.utf8).write(to: URL(filePath: path))
            let error = try error { _ = try TextCodec(contentsOf: folder, name: "x") }
            #expect(error.kind == .badData)
            #expect(error.path == path)
            #expect(error.reason.contains(reason), "\(error)")
        }
    }

    @Test func `missing files are errors`() throws {
        try withFolder { folder in
            let error = try error { _ = try TextCodec(contentsOf: folder, name: "x") }
            #expect(error.kind == .missingInput)
            let codec = try TextCodec.train(on: ["a"], configuration: TokenizerConfiguration())
            #expect(throws: Seq2SeqError.self) { try codec.save(in: "\(folder)/no", name: "x") }
        }
    }
}

@Suite struct TokenizerConfigurationTests {
    @Test func `every key is encoded, and missing ones take their defaults`() throws {
        let json = try JSONEncoder().encode(TokenizerConfiguration())
        let keys = try JSONSerialization.jsonObject(with: json) as? [String: Any]
        #expect(
            Set(try #require(keys).keys) == [
                "kind", "language", "lowercase", "normalization", "vocabulary_size",
                "minimum_count", "sentencepiece_type", "character_coverage",
            ])
        let decoder = JSONDecoder()
        #expect(
            try decoder.decode(TokenizerConfiguration.self, from: Data("{}".utf8))
                == TokenizerConfiguration())
        let given = Data(#"{"kind":"sentencepiece","sentencepiece_type":"bpe"}"#.utf8)
        #expect(
            try decoder.decode(TokenizerConfiguration.self, from: given)
                == TokenizerConfiguration(kind: .sentencepiece, sentencepieceType: .bpe))
    }

    @Test(arguments: [
        TokenizerConfiguration(language: ""), TokenizerConfiguration(language: "e n"),
        TokenizerConfiguration(vocabularySize: 3), TokenizerConfiguration(minimumCount: 0),
        TokenizerConfiguration(characterCoverage: 1.1),
        TokenizerConfiguration(characterCoverage: .nan),
    ])
    func `values that cannot work are errors`(configuration: TokenizerConfiguration) throws {
        let error = try error { try configuration.validate() }
        #expect(error.kind == .badConfiguration)
        #expect(error.remedy != nil)
    }
}
