import SeqFiles
import SeqText
import Testing

@Suite struct TextScriptTests {
    @Test(arguments: [
        ("Latin", "Ein kleiner Hund, 12 km!", true), ("Latin", "Щука и рак", false),
        ("Cyrillic", "Щука и рак", true), ("Cyrl", "Щука и рак", true),
        ("Han", "我爱吃苹果。", true), ("Han", "iPhone 我", false), ("Latin", "iPhone 我", true),
        ("Han Hiragana Katakana", "私はリンゴが好きです", true), ("Han", "私はリンゴが好きです", false),
        ("Arabic", "12 + 3 = 15", true), ("Latin", "", true), ("Latin", "e\u{301}", true),
        // Half is not most.
        ("Latin", "aщ", false),
    ])
    func `most letters decide`(script: String, text: String, isMost: Bool) throws {
        #expect(try TextScript(script).isMost(of: text) == isMost)
    }

    @Test func `an unknown script is refused`() {
        let error = #expect(throws: Seq2SeqError.self) { try TextScript("Latin Elvish") }
        #expect(error?.kind == .badConfiguration)
        #expect(error?.reason == "is Latin Elvish, and Elvish is no script")
    }
}
