import SeqFiles
import Foundation
import SeqText
import Testing

@Suite struct SpacingMarksTests {
    private func collapsed(_ text: String) -> String {
        TextNormalization(form: .none).normalized(text)
    }

    private func expectReturn(
        _ text: String, _ tokenizer: WordTokenizer, _ location: SourceLocation = #_sourceLocation
    ) {
        let tokens = tokenizer.tokenize(text)
        #expect(
            bytes(tokenizer.detokenize(tokens)) == bytes(collapsed(text)),
            "\(tokenizer.language): \(text.debugDescription) as \(tokens)", sourceLocation: location
        )
        #expect(!tokens.contains(""), sourceLocation: location)
    }

    @Test func `sentences of all languages come back in every language`() throws {
        #expect(languageSentences.count >= 40)
        let others = try ["en", "fr", "zh", "th"].map { try WordTokenizer(language: $0) }
        for (language, texts) in languageSentences {
            let own = try WordTokenizer(language: language)
            for text in texts {
                for tokenizer in [own] + others { expectReturn(text, tokenizer) }
            }
        }
    }

    @Test func `sentences come back through a codec in the form of its normalisation`() throws {
        for (language, texts) in languageSentences {
            for form in TextNormalization.Form.allCases {
                for kind in [TokenizerConfiguration.Kind.word, .character] {
                    let configuration = TokenizerConfiguration(
                        kind: kind, language: language, normalization: form,
                        vocabularySize: 100_000)
                    let codec = try TextCodec.train(on: texts, configuration: configuration)
                    for text in texts {
                        let decoded = codec.decode(codec.encode(text))
                        let expected = configuration.textNormalization.normalized(text)
                        // Full width returns to what form KC has made of Chinese and Japanese marks.
                        let tag = LanguageTag(lenient: language)
                        guard form != .nfkc || !["zh", "ja"].contains(tag.language) else {
                            continue
                        }
                        #expect(bytes(decoded) == bytes(expected), "\(language) \(form)")
                    }
                }
            }
        }
    }

    @Test(arguments: [
        ("Hello, world!", ["Hello", "￭,", "world", "￭!"]),
        ("(so) [it] {is}", ["(￭", "so", "￭)", "[￭", "it", "￭]", "{￭", "is", "￭}"]),
        ("He said: \"So?\"", ["He", "said", "￭:", "\"￭", "So", "￭?", "￭\""]),
        ("(\"It is.\")", ["(￭", "\"￭", "It", "is", "￭.", "￭\"", "￭)"]),
        ("don't the dogs' l'eau", ["don", "￭'t", "the", "dogs", "￭'", "l", "￭'eau"]),
        ("a - b – c", ["a", "-", "b", "–", "c"]),
        ("20% of $5", ["20", "￭%", "of", "$￭", "5"]),
        ("wait...", ["wait", "￭..."]), ("wait ...", ["wait", "..."]),
        ("C++x", ["C++", "￭", "x"]),
        ("我爱 a￭b▁￮1", ["我爱", "▁", "a", "￭￮1￭", "b", "￭￮2", "￭￮0￭", "1"]),
        ("￭", ["￮1"]), ("▁", ["￮2"]), ("￮", ["￮0"]), ("", []), ("  ", []),
    ])
    func `marks stand on punctuation`(text: String, expected: [String]) throws {
        let tokenizer = try WordTokenizer(language: "en")
        let tokens = tokenizer.tokenize(text)
        #expect(tokens.map(bytes) == expected.map(bytes), "\(tokens)")
        expectReturn(text, tokenizer)
    }

    @Test func `French elisions bear the mark`() throws {
        let tokenizer = try WordTokenizer(language: "fr")
        #expect(
            tokenizer.tokenize("L'eau, qu’il a ?") == ["L'￭", "eau", "￭,", "qu’￭", "il", "a", "?"])
    }

    @Test func `Chinese needs few marks`() throws {
        let tokenizer = try WordTokenizer(language: "zh")
        let tokens = tokenizer.tokenize("他说：“你好！”然后在2008年走了……（真的）")
        #expect(tokens.joined() == "他说：“你好！”然后在2008年走了……（真的）")
        #expect(tokenizer.tokenize("我 a").contains("▁"))
    }

    @Test(arguments: ["en", "fr", "zh"])
    func `a word is the same token wherever it stands`(language: String) throws {
        let tokenizer = try WordTokenizer(language: language)
        for word in ["word", "Straße", "слово", "كلمة", "शब्द", "3.14", "한국어"] {
            for (before, after) in [
                ("", ""), ("(", ")"), ("\"", "\""), ("“", "”"), ("«", "»"), ("¿", "?"),
                ("", ","), ("", ":"), ("- ", " -"), ("—", "—"), ("🎉", "🎉"),
                ("$", "%"), ("([{\"", "\"}])..."), ("one ", " two"), ("", "!?"), ("、", "。"),
            ] {
                let text = "\(before)\(word)\(after)"
                #expect(tokenizer.tokenize(text).contains(word), "\(text)")
                expectReturn(text, tokenizer)
            }
        }
    }

    @Test(arguments: ["en", "fr", "de", "zh", "ja", "th", "my", "ar", "tr"])
    func `every string comes back`(language: String) throws {
        let tokenizer = try WordTokenizer(language: language)
        // What is hard: marks, escapes, joiners, selectors, direction, tags, private and unassigned.
        let hard = Array(
            "￭▁￮0123 \u{A0}\u{3000}'’\"“”«».,!?-_()[]aZé9٣我ひカทกက한\u{301}\u{3099}\u{200D}\u{200C}\u{FE0F}\u{1F3FD}❤👩🇩\u{202E}\u{2066}\u{2069}\u{FEFF}\u{E000}\u{378}\u{10FFFF}\u{E0041}\u{85}\u{2028}\u{AD}\u{1}、。（！…<>"
                .unicodeScalars)
        var generator = SplitMix64(state: 2026)
        for round in 0..<4000 {
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...12, using: &generator) {
                let isHard = round.isMultiple(of: 2) || Bool.random(using: &generator)
                let value = UInt32.random(in: 0...0x10FFFF, using: &generator)
                let any = Unicode.Scalar(value) ?? " "
                text.append(isHard ? hard[Int.random(in: 0..<hard.count, using: &generator)] : any)
            }
            expectReturn(String(text), tokenizer)
        }
    }

    @Test func `every sequence of tokens has a text`() throws {
        let tokenizer = try WordTokenizer(language: "en")
        for (tokens, expected) in [
            (["￭"], ""), (["▁"], ""), (["￭", "a"], "a"), (["▁", "a", "▁"], "a"),
            (["a", "▁", "b"], "a b"), (["a", "￭￭", "b"], "ab"), (["a￭", "￭b"], "ab"),
            (["a", "▁", "▁", "我"], "a 我"), (["<unk>", "<unk>", "￭."], "<unk> <unk>."),
            (["￮", "￮9", "￮"], "￮ ￮9 ￮"), (["", "a", ""], "a"), ([], ""),
        ] {
            #expect(bytes(tokenizer.detokenize(tokens)) == bytes(expected), "\(tokens)")
        }
    }
}
