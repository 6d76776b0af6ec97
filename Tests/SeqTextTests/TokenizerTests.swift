import SeqText
import Testing

@Suite struct TokenizerTests {
    @Test func `whitespace tokens are what stands between`() {
        let tokenizer = WhitespaceTokenizer()
        #expect(tokenizer.tokenize(" a b\tc  d\u{3000}e ") == ["a", "b", "c", "d", "e"])
        #expect(tokenizer.tokenize("") == [])
        #expect(tokenizer.detokenize(["a", "b,"]) == "a b,")
        #expect(tokenizer.detokenize([]) == "")
    }

    @Test func `characters are Unicode scalars`() {
        let tokenizer = CharacterTokenizer()
        #expect(tokenizer.tokenize("a b") == ["a", "▁", "b"])
        #expect(tokenizer.tokenize("e\u{301}👍🏽") == ["e", "\u{301}", "👍", "🏽"])
        #expect(tokenizer.tokenize("") == [])
    }

    @Test(arguments: [
        "", " ", "a b", "▁", "▁ ▁▁", "小船 过河", "👩‍👩‍👧 e\u{301}\r\n\t", " two  spaces ",
    ])
    func `characters have an exact inverse`(text: String) {
        let tokenizer = CharacterTokenizer()
        #expect(bytes(tokenizer.detokenize(tokenizer.tokenize(text))) == bytes(text))
    }
}
