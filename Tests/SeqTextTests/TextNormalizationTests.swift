import SeqText
import Testing

@Suite struct TextNormalizationTests {
    @Test func `forms equal those of Python's unicodedata`() throws {
        for golden in try Goldens.load().normalization {
            let nfc = TextNormalization(form: .nfc, collapsesWhitespace: false)
            let nfkc = TextNormalization(form: .nfkc, collapsesWhitespace: false)
            #expect(bytes(nfc.normalized(golden.text)) == bytes(golden.nfc))
            #expect(bytes(nfkc.normalized(golden.text)) == bytes(golden.nfkc))
        }
    }

    @Test func `no form leaves the characters alone`() {
        let text = "cafe\u{301} ＡＢ"
        #expect(bytes(TextNormalization(form: .none).normalized(text)) == bytes(text))
    }

    @Test func `growing text is whole`() {
        // One character becomes eighteen.
        let text = String(repeating: "\u{FDFA}", count: 1000)
        let unit = TextNormalization(form: .nfkc, collapsesWhitespace: false)
            .normalized("\u{FDFA}")
        #expect(unit.unicodeScalars.count == 18)
        #expect(
            TextNormalization(form: .nfkc, collapsesWhitespace: false).normalized(text)
                == String(repeating: unit, count: 1000))
    }

    @Test func `lower case follows the language`() {
        func lower(_ text: String, _ language: String) -> String {
            TextNormalization(form: .none, lowercase: true, language: language).normalized(text)
        }
        #expect(lower("The RIVER", "en") == "the river")
        #expect(lower("KIRMIZI", "tr") == "kırmızı")
        #expect(lower("ΟΔΟΣ", "el") == "οδος")
        #expect(lower("ÀÉÎ", "fr") == "àéî")
        #expect(lower("北京ABC", "zh") == "北京abc")
    }

    @Test(arguments: [
        ("", ""), (" ", ""), ("a", "a"), (" a  b ", "a b"), ("a\t\nb\u{A0}c\u{3000}d", "a b c d"),
        ("a\u{2028}b\u{85}c", "a b c"), ("中 文", "中 文"), ("é", "é"),
    ])
    func `white space collapses`(text: String, expected: String) {
        #expect(TextNormalization(form: .none).normalized(text) == expected)
    }
}
