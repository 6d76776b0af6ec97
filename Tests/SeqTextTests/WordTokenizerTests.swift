import SeqFiles
import SeqText
import Testing

/// Where words are cut, told by tokens without marks of spaces; ``SpacingMarksTests`` has the marks.
@Suite struct WordTokenizerTests {
    @Test func `English tokens equal those of Moses`() throws {
        let tokenizer = try WordTokenizer(language: "en", spacing: .rules)
        for golden in try Goldens.load().moses {
            #expect(tokenizer.tokenize(golden.text) == golden.tokens)
        }
    }

    @Test(arguments: [
        ("C++ and C# (not F#)", ["C++", "and", "C#", "(", "not", "F#", ")"]),
        (
            "see https://example.org/a?b=c, or www.example.org.",
            ["see", "https://example.org/a?b=c", ",", "or", "www.example.org", "."]
        ),
        ("write to me@example.org!", ["write", "to", "me@example.org", "!"]),
        ("at 10:30, 1/2 of it", ["at", "10:30", ",", "1/2", "of", "it"]),
        ("from -5 to +3", ["from", "-5", "to", "+", "3"]),
        ("plan B. J. Doe's", ["plan", "B.", "J.", "Doe", "'s"]),
        ("It was plan B.", ["It", "was", "plan", "B", "."]),
        ("rock'n'roll in the '90s", ["rock", "'n", "'roll", "in", "the", "'90s"]),
        ("'Tis don’t", ["'Tis", "don", "’t"]),
        ("wait -- no", ["wait", "--", "no"]),
        ("pre- and post-war", ["pre-", "and", "post-war"]),
        ("🎉🎉 👩‍👩‍👧!", ["🎉", "🎉", "👩‍👩‍👧", "!"]),
        ("AT&T's 20°C", ["AT&T", "'s", "20°C"]),
        (".", ["."]), ("''", ["'", "'"]), ("", []), ("   ", []), ("'", ["'"]), ("-", ["-"]),
        ("...", ["..."]), ("://", [":", "//"]), ("www.", ["www", "."]),
    ])
    func `English words`(text: String, expected: [String]) throws {
        #expect(try WordTokenizer(language: "en", spacing: .rules).tokenize(text) == expected)
    }

    @Test(arguments: [
        ("en", "The cat, which sat on the mat, didn't move."),
        ("en", "It's 3.14 or 1,000, isn't it?"),
        ("en", "Mr. Smith went to Washington on Jan. 5th."),
        ("en", "She said: \"Come here!\" and \"Sit down.\" (twice)"),
        ("en", "He asked, 'Why?' and the dogs' house was empty."),
        ("en", "Jackson's 'Thriller' video and Mickey Mouse' nose"),
        ("en", "“Curly quotes,” she said, ‘are nicer’—don’t you think?"),
        ("en", "Prices rose 5% to $20 and €30 for #1 and/or @someone."),
        ("en", "The U.S. team won 3-2 at 10:30 p.m. yesterday..."),
        ("en", "'Tis the '90s: rock'n'roll, C++ and https://example.org/x."),
        ("en", "A [small] test; of {all} kinds!"),
        ("de", "Am 3. Oktober sagte er: „Das geht's nicht!“ und ging."),
        ("de", "Das kostet z.B. 3,50 € usw. bei Müller."),
        ("de", "Er rief »Halt!« und lief."),
        ("fr", "L'eau est froide aujourd'hui, n'est-ce pas ?"),
        ("fr", "Il a dit : « Venez ici ! »"),
        ("it", "L'amico dell'uomo è qui."),
        ("es", "¿Dónde está? ¡Aquí!"),
        ("ru", "Мама мыла раму, а папа читал."),
    ])
    func `sentences come back`(language: String, text: String) throws {
        for spacing in [WordTokenizer.Spacing.rules, .marks] {
            let tokenizer = try WordTokenizer(language: language, spacing: spacing)
            #expect(tokenizer.detokenize(tokenizer.tokenize(text)) == text)
        }
    }

    // Dictionaries differ between versions of ICU; these words are in all of them.
    @Test(arguments: [
        ("zh", "我爱吃苹果。", ["苹果", "。"]),
        ("zh", "他在图书馆学习。", ["学习", "。"]),
        (
            "zh", "我用 Python 写代码，2008年买了3个iPhone 15！",
            ["▁", "Python", "代码", "，", "2008", "年", "3", "iPhone", "15", "！"]
        ),
        ("zh", "他说“don't go”，然后走了……", ["“", "don", "'t", "go", "”", "，", "然后", "……"]),
        ("ja", "私は学生です。", ["学生", "です", "。"]),
        ("th", "ฉันรักภาษาไทย", ["รัก", "ภาษา"]),
        ("zh", "", []),
    ])
    func `dictionary words`(language: String, text: String, expected: [String]) throws {
        let tokenizer = try WordTokenizer(language: language, spacing: .rules)
        let tokens = tokenizer.tokenize(text)
        for word in expected { #expect(tokens.contains(word), "\(tokens)") }
        #expect(tokenizer.detokenize(tokens) == text)
    }

    @Test(arguments: ["zh", "ja", "th"])
    func `dictionary languages have an exact inverse`(language: String) throws {
        let tokenizer = try WordTokenizer(language: language, spacing: .rules)
        let alphabet = Array(
            "我爱吃苹果的ひらカターไทยก้ab'’Cé.,，。！!?(（)《》\"“”-—…+#/:3４٣🎉👍🏽\u{200D}\u{FE0F}\u{301}"
                .unicodeScalars)
        var generator = SplitMix64(state: 7)
        for _ in 0..<3000 {
            var text = String.UnicodeScalarView()
            var isStart = true
            for _ in 0..<Int.random(in: 1...12, using: &generator) {
                let isSpace = !isStart && Int.random(in: 0..<5, using: &generator) == 0
                if isSpace { text.append(" ") }
                text.append(alphabet[Int.random(in: 0..<alphabet.count, using: &generator)])
                isStart = false
            }
            let string = String(text)
            let tokens = tokenizer.tokenize(string)
            #expect(
                bytes(tokenizer.detokenize(tokens)) == bytes(string), "\(string) as \(tokens)")
        }
    }

    @Test(arguments: ["en", "fr", "zh"])
    func `nothing but white space is lost`(language: String) throws {
        let tokenizer = try WordTokenizer(language: language)
        var generator = SplitMix64(state: 11)
        for _ in 0..<2000 {
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...20, using: &generator) {
                let value = UInt32.random(in: 0...0x2FFF, using: &generator)
                if let scalar = Unicode.Scalar(value), value != 0x2581 { text.append(scalar) }
            }
            let kept = String(
                String.UnicodeScalarView(text.filter { !$0.properties.isWhitespace }))
            let joined = tokenizer.tokenize(String(text)).joined()
                .unicodeScalars.filter { $0 != "\u{2581}" && $0 != "\u{FFED}" }
            #expect(bytes(String(String.UnicodeScalarView(joined))) == bytes(kept))
        }
    }

    @Test func `long lines take time in proportion`() throws {
        for (language, word) in [
            ("en", "don't, "), ("en", "a.b"), ("en", "x-"), ("en", "'"), ("en", "www."),
            ("zh", "苹果"),
            ("zh", "苹 a"), ("en", "\""),
        ] {
            let tokenizer = try WordTokenizer(language: language)
            func seconds(_ count: Int) -> Double {
                let text = String(repeating: word, count: count)
                return threadSeconds { _ = tokenizer.detokenize(tokenizer.tokenize(text)) }
            }
            // Eight times the words: 8 in proportion, 64 if quadratic.
            let ratio = seconds(100_000) / max(seconds(12_500), 1e-4)
            #expect(ratio < 32, "\(language) \(word): \(ratio)")
        }
    }

    @Test func `one tokenizer serves many tasks`() async throws {
        let tokenizer = try WordTokenizer(language: "zh")
        let text = "他们正在火车站附近修一座新桥。"
        let expected = tokenizer.tokenize(text)
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask { (0..<200).allSatisfy { _ in tokenizer.tokenize(text) == expected } }
            }
            for await isEqual in group { #expect(isEqual) }
        }
    }
}
