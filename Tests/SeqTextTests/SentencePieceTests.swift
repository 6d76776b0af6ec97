import SeqFiles
import CSentencePiece
import Foundation
import SeqText
import Testing

@Suite struct SentencePieceTests {
    @Test(arguments: ["unigram", "bpe"])
    func `agrees with the Python package`(name: String) throws {
        let path = Goldens.fixtures.appending(path: "\(name).model").path(percentEncoded: false)
        try expectAgreement(SentencePieceTokenizer(contentsOf: path), name)
    }

    @Test(arguments: ["test_model", "test_ja_model"])
    func `agrees with the Python package on larger models`(name: String) throws {
        guard let path = sharedData("models/sentencepiece/\(name).model") else { return }
        try expectAgreement(SentencePieceTokenizer(contentsOf: path), name)
    }

    private func expectAgreement(_ tokenizer: SentencePieceTokenizer, _ name: String) throws {
        let cases = try #require(try Goldens.load().models[name])
        for golden in cases {
            #expect(tokenizer.encode(golden.text) == golden.ids)
            #expect(tokenizer.tokenize(golden.text).map(bytes) == golden.pieces.map(bytes))
            #expect(bytes(tokenizer.decode(golden.ids)) == bytes(golden.decoded))
        }
    }

    // The Python package 0.2.3 was given the same corpus and options. (Its unigram trainer prunes
    // otherwise than that of 0.1.97, so that only byte pairs can be compared.)
    @Test func `training learns the byte pairs that the Python package learns`() throws {
        let options = SentencePieceOptions(
            modelType: .bpe, vocabularySize: 340, characterCoverage: 0.9995,
            normalizationRule: .identity)
        let trained = try SentencePieceTokenizer.train(on: Goldens.corpus(), options: options)
        try expectAgreement(trained, "bpe")
    }

    @Test(arguments: [SentencePieceOptions.ModelType.unigram, .bpe, .char])
    func `training is deterministic and has the ids 0, 1 and 2`(
        type: SentencePieceOptions.ModelType
    ) throws {
        let options = SentencePieceOptions(modelType: type, vocabularySize: 310)
        let first = try SentencePieceTokenizer.train(on: Goldens.corpus(), options: options)
        let second = try SentencePieceTokenizer.train(on: Goldens.corpus(), options: options)
        #expect(first.modelBytes == second.modelBytes)
        #expect([first.unknownID, first.startID, first.endID] == [0, 1, 2])
        #expect(first.piece(0) == "<unk>")
        #expect(first.piece(1) == "<s>")
        #expect(first.piece(2) == "</s>")
        #expect(first.piece(-1) == nil)
        #expect(first.piece(Int32(first.count)) == nil)
        for id in 3..<Int32(first.count) {
            let piece = try #require(first.piece(id))
            #expect(first.id(of: piece) == id)
        }
        #expect(first.id(of: "no such piece") == 0)
    }

    @Test func `sentences come back`() throws {
        let tokenizer = try SentencePieceTokenizer.train(
            on: Goldens.corpus(), options: SentencePieceOptions(vocabularySize: 310))
        for sentence in try Goldens.corpus() where !sentence.contains(/[，：？]/) {
            #expect(tokenizer.decode(tokenizer.encode(sentence)) == sentence)
            #expect(tokenizer.detokenize(tokenizer.tokenize(sentence)) == sentence)
        }
        #expect(tokenizer.encode("") == [])
        #expect(tokenizer.tokenize("") == [])
        #expect(tokenizer.decode([]) == "")
        #expect(tokenizer.detokenize([]) == "")
    }

    @Test func `ids outside the vocabulary are unknown`() throws {
        let tokenizer = try SentencePieceTokenizer.train(
            on: Goldens.corpus(), options: SentencePieceOptions(vocabularySize: 310))
        #expect(tokenizer.decode([-1, 99_999]) == tokenizer.decode([0, 0]))
    }

    @Test func `user-defined symbols are one piece`() throws {
        let symbols = ["<2en>", "a,b", "q\"uote"]
        let tokenizer = try SentencePieceTokenizer.train(
            on: Goldens.corpus(),
            options: SentencePieceOptions(vocabularySize: 320, userDefinedSymbols: symbols))
        for symbol in symbols {
            #expect(tokenizer.tokenize("boat\(symbol)").contains(symbol))
        }
    }

    @Test(arguments: [SentencePieceOptions.ModelType.unigram, .bpe])
    func `a vocabulary that is too large names the largest`(
        type: SentencePieceOptions.ModelType
    ) throws {
        func train(_ size: Int) throws -> SentencePieceTokenizer {
            try SentencePieceTokenizer.train(
                on: Goldens.corpus(),
                options: SentencePieceOptions(modelType: type, vocabularySize: size))
        }
        let error = try error { _ = try train(8000) }
        #expect(error.kind == .badConfiguration)
        #expect(
            error.reason.hasPrefix("vocabulary_size 8000 is too large for this corpus; at most"))
        let largest = try #require(error.reason.split(separator: " ").last.flatMap { Int($0) })
        #expect(try train(largest).count == largest)
        #expect(throws: Seq2SeqError.self) { _ = try train(largest + 1) }
    }

    @Test func `a vocabulary that is too small names what is needed`() throws {
        let error = try error {
            _ = try SentencePieceTokenizer.train(
                on: Goldens.corpus(), options: SentencePieceOptions(vocabularySize: 50))
        }
        #expect(error.kind == .badConfiguration)
        #expect(error.reason.hasPrefix("vocabulary_size 50 is too small"))
        #expect(error.remedy?.contains("character_coverage") == true)
    }

    // The first two ended the process in the library's unigram trainer.
    @Test(arguments: [["", " "], ["<s>", "</s>"], [], ["\u{2585}"], ["\u{0}"]])
    func `a corpus without text is an error`(texts: [String]) throws {
        for type in [SentencePieceOptions.ModelType.unigram, .bpe] {
            for rule in SentencePieceOptions.NormalizationRule.allCases {
                #expect(throws: Seq2SeqError.self) {
                    _ = try SentencePieceTokenizer.train(
                        on: texts,
                        options: SentencePieceOptions(
                            modelType: type, vocabularySize: 100, normalizationRule: rule))
                }
            }
        }
    }

    @Test func `options that cannot work are errors`() throws {
        let options = [
            SentencePieceOptions(vocabularySize: 3), SentencePieceOptions(vocabularySize: -1),
            SentencePieceOptions(vocabularySize: .max),
            SentencePieceOptions(characterCoverage: 0.5),
            SentencePieceOptions(characterCoverage: .nan), SentencePieceOptions(threads: 0),
            SentencePieceOptions(sentenceLimit: 1),
            SentencePieceOptions(userDefinedSymbols: [""]),
            SentencePieceOptions(userDefinedSymbols: ["<unk>"]),
            SentencePieceOptions(userDefinedSymbols: ["x", "x"]),
        ]
        for option in options {
            let error = try error {
                _ = try SentencePieceTokenizer.train(on: ["a b"], options: option)
            }
            #expect(error.kind == .badConfiguration)
            #expect(error.remedy != nil)
        }
    }

    // A BPE trainer given this line as it is would end the process.
    @Test func `a line of 100,000 characters can be learnt from`() throws {
        var generator = SplitMix64(state: 3)
        var line = String.UnicodeScalarView()
        for _ in 0..<100_000 {
            line.append(Unicode.Scalar(UInt8.random(in: 0x61...0x7A, using: &generator)))
        }
        for type in [SentencePieceOptions.ModelType.unigram, .bpe] {
            let tokenizer = try SentencePieceTokenizer.train(
                on: [String(line)],
                options: SentencePieceOptions(modelType: type, vocabularySize: 100))
            #expect(tokenizer.decode(tokenizer.encode(String(line))) == String(line))
        }
    }

    @Test(arguments: ["unigram", "bpe"])
    func `long lines take time in proportion`(name: String) throws {
        let path = Goldens.fixtures.appending(path: "\(name).model").path(percentEncoded: false)
        let tokenizer = try SentencePieceTokenizer(contentsOf: path)
        for word in ["river ", "小船"] {
            func seconds(_ count: Int) -> Double {
                let text = String(repeating: word, count: count)
                return threadSeconds { _ = tokenizer.encode(text) }
            }
            let ratio = seconds(100_000) / max(seconds(12_500), 1e-4)
            #expect(ratio < 32, "\(word): \(ratio)")
        }
    }

    @Test func `files that are not models are errors`() throws {
        let whole = try Data(contentsOf: Goldens.fixtures.appending(path: "unigram.model"))
        try withFolder { folder in
            let path = "\(folder)/x.model"
            for bytes in [Data(), Data("not a model\n".utf8), whole.prefix(200), Data(count: 64)] {
                try bytes.write(to: URL(filePath: path))
                let error = try error { _ = try SentencePieceTokenizer(contentsOf: path) }
                #expect(error.kind == .badData)
                #expect(error.path == path)
                #expect(error.remedy != nil)
            }
            let missing = try error { _ = try SentencePieceTokenizer(contentsOf: "\(folder)/none") }
            #expect(missing.kind == .missingInput)
            let directory = try error { _ = try SentencePieceTokenizer(contentsOf: folder) }
            #expect(directory.kind == .missingInput)
        }
    }

    // Without a check of the rules, one flip in fifty there ended the process.
    @Test func `a damaged model is an error or works, and never ends the process`() throws {
        let tokenizer = try SentencePieceTokenizer.train(
            on: Goldens.corpus(), options: SentencePieceOptions(vocabularySize: 310))
        let whole = tokenizer.modelBytes
        let rules = try #require(whole.firstRange(of: Array("nfkc".utf8))?.lowerBound)
        var generator = SplitMix64(state: 5)
        var refused = 0
        for round in 0..<600 {
            var bytes = whole
            let range = round.isMultiple(of: 3) ? 0..<rules : rules..<(rules + 3000)
            for _ in 0...2 {
                bytes[Int.random(in: range, using: &generator)] = .random(
                    in: 0...255, using: &generator)
            }
            guard let damaged = try? SentencePieceTokenizer(modelBytes: bytes) else {
                refused += 1
                continue
            }
            let ids = damaged.encode("The boat, ＡＢＣ ㍿ ﷺ　没有人 e\u{301}")
            #expect(ids.allSatisfy { $0 >= 0 && $0 < damaged.count })
            _ = damaged.decode(ids)
        }
        #expect(refused > 0)
    }

    @Test func `the library is there`() {
        #expect(seq_spm_available() == 1)
    }
}
