import SeqDecoding
import TestSupport
import Testing

/// Unknown words of outputs, and the lexicon for them.
struct UnknownReplacementTests {
    private let lexicon = Lexicon([("chat", "cat"), ("Paris", "Paris"), ("chat", "pussy")])

    @Test func theMostAttendedWordIsTranslatedOrCopied() {
        let replace = UnknownReplacement(lexicon: lexicon)
        let found = replace(
            ["the", "<unk>", "of", "<unk>", "<unk>"], isUnknown: [false, true, false, true, true],
            alignment: [
                [0.7, 0.1, 0.2], [0.2, 0.5, 0.3], [0.1, 0.1, 0.8], [0.1, 0.2, 0.7],
                [0.9, 0.1, 0],
            ], source: ["le", "chat", "Dupont"])
        #expect(found == ["the", "cat", "of", "Dupont", "le"])
    }

    @Test func withoutALexiconWordsAreCopied() {
        let found = UnknownReplacement()(
            ["<unk>", "sees"], isUnknown: [true, false], alignment: [[0, 1], [1, 0]],
            source: ["voit", "chat"])
        #expect(found == ["chat", "sees"])
    }

    @Test func idsAndNotSpellingsTellWhatIsUnknown() {
        let replace = UnknownReplacement(lexicon: lexicon)
        let found = replace(
            ["<unk>", "<unk>"], isUnknown: [true, false], alignment: [[1], [1]], source: ["chat"])
        #expect(found == ["cat", "<unk>"])
    }

    @Test func wordsOfOtherBytesAreOtherWords() {
        let lexicon = Lexicon([("caf\u{E9}", "coffee")])
        #expect(lexicon["caf\u{E9}"] == "coffee")
        #expect(lexicon["cafe\u{301}"] == nil)
    }

    @Test func equalWeightsGoToTheFirstWord() {
        let replace = UnknownReplacement()
        #expect(
            replace(
                ["<unk>"], isUnknown: [true], alignment: [[0.2, 0.4, 0.4]], source: ["a", "b", "c"])
                == ["b"])
        #expect(
            replace(["<unk>"], isUnknown: [true], alignment: [[0, 0]], source: ["a", "b"]) == ["a"])
    }

    @Test func withoutAttentionOrSourceUnknownWordsStay() {
        let replace = UnknownReplacement(lexicon: lexicon)
        #expect(
            replace(["<unk>", "x"], isUnknown: [true, false], alignment: [], source: ["chat"])
                == ["<unk>", "x"])
        #expect(replace(["<unk>"], isUnknown: [true], alignment: [[]], source: []) == ["<unk>"])
        #expect(replace([], isUnknown: [], alignment: [], source: ["chat"]).isEmpty)
    }

    private func lexicon(_ bytes: [UInt8]) throws -> Lexicon {
        let folder = try TemporaryFolder()
        return try Lexicon(contentsOf: folder.file("lexicon.tsv", bytes))
    }

    /// What the error of reading a file says after its path.
    private func complaint(_ bytes: [UInt8]) throws -> String {
        let folder = try TemporaryFolder()
        let path = try folder.file("lexicon.tsv", bytes)
        let error = #expect(throws: (any Error).self) { try Lexicon(contentsOf: path) }
        let text = error.map { "\($0)" } ?? ""
        #expect(text.hasPrefix("\(path):"))
        return String(text.dropFirst(path.count + 1))
    }

    @Test func readingALexicon() throws {
        let text = "\u{FEFF}chat\tcat\r\nNew York\tNueva York\nchat\tpussy\n北京\tBeijing"
        let found = try lexicon(Array(text.utf8))
        #expect(found.count == 3)
        #expect(found["chat"] == "cat" && found["New York"] == "Nueva York")
        #expect(found["北京"] == "Beijing" && found["dog"] == nil)
        #expect(try lexicon([]).count == 0)
    }

    @Test(arguments: [
        ("a\tb\nno tab\n", 2, "the line has 0 tabs instead of 1"),
        ("a\tb\tc\n", 1, "the line has 2 tabs instead of 1"),
        ("a\tb\n\nc\td\n", 2, "the line has 0 tabs instead of 1"),
        ("\tb\n", 1, "the source is empty"),
        ("a\t\n", 1, "the target is empty"),
        ("a\tb\n a\tb\n", 2, "the source \" a\" has a space before or after it"),
        ("a\tb \n", 1, "the target \"b \" has a space before or after it"),
        ("a\t\u{301}\tb\n", 1, "the line has 2 tabs instead of 1"),
    ])
    func malformedLines(_ text: String, _ line: Int, _ reason: String) throws {
        #expect(
            try complaint(Array(text.utf8)) == "\(line): \(reason) (write SOURCE, tab, TARGET)")
    }

    @Test func bytesThatAreNotText() throws {
        #expect(
            try complaint(Array("a\tb\nc\t".utf8) + [0xFF, 0x0A]).hasPrefix("2: invalid UTF-8"))
        #expect(try complaint(Array("a\t".utf8) + [0, 0x0A]).hasPrefix("1: NUL"))
    }

    @Test func aMissingFileIsAnError() {
        #expect(throws: (any Error).self) { try Lexicon(contentsOf: "/nowhere/lexicon.tsv") }
    }
}
