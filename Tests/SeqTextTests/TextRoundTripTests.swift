import Foundation
import SeqText
import Testing

@Suite struct TextRoundTripTests {
    @Test(
        arguments: [
            ("Plain text, (with) marks!", nil), ("", nil), ("é ½ ２ ① ﬁ", nil),
            ("two  spaces", .whitespace), (" end", .whitespace), ("a\u{A0}b", .whitespace),
            ("e\u{301}", .composition), ("e\u{301}  b", .other),
        ] as [(String, TextRoundTrip.Loss?)])
    func `losses of the default`(text: String, expected: TextRoundTrip.Loss?) throws {
        for kind in TokenizerConfiguration.Kind.allCases {
            let check = try TextRoundTrip(TokenizerConfiguration(kind: kind))
            #expect(check.loss(of: text) == expected, "\(kind)")
        }
    }

    @Test func `losses that are asked for`() throws {
        let nfkc = try TextRoundTrip(TokenizerConfiguration(normalization: .nfkc))
        #expect(nfkc.loss(of: "x²") == .compatibility)
        let zh = try TextRoundTrip(TokenizerConfiguration(language: "zh", normalization: .nfkc))
        #expect(zh.loss(of: "你好！") == nil)
        #expect(zh.loss(of: "１２") == .compatibility)
        let lower = TokenizerConfiguration(lowercase: true)
        #expect(try TextRoundTrip(lower).loss(of: "Upper") == .letterCase)
        #expect(try TextRoundTrip(lower, ignoresCase: true).loss(of: "Upper") == nil)
        let pieces = try TextRoundTrip(TokenizerConfiguration(kind: .sentencepiece))
        #expect(pieces.loss(of: "a▁b") == .other)
        let none = try TextRoundTrip(TokenizerConfiguration(normalization: .none))
        #expect(none.loss(of: "e\u{301}") == nil)
    }

    @Test func `a codec of an earlier version loses spaces`() throws {
        let folder = Goldens.fixtures.appending(path: "format-1").path(percentEncoded: false)
        let old = TextRoundTrip(try TextCodec(contentsOf: folder, name: "en"))
        #expect(old.loss(of: "ask ، then") == nil)
        #expect(old.loss(of: "ask، then") == .other)
    }
}
