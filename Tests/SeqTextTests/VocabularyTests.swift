import SeqFiles
import Foundation
import SeqText
import Testing

@Suite struct VocabularyTests {
    private let counts = [("b", 3), ("a", 3), ("é", 3), ("rare", 1), ("the", 9)]

    @Test func `tokens stand by count and then by bytes`() throws {
        let vocabulary = try Vocabulary(counts: counts)
        #expect(vocabulary.tokens == ["<unk>", "<s>", "</s>", "the", "a", "b", "é", "rare"])
        #expect(vocabulary.counts == [0, 0, 0, 9, 3, 3, 3, 1])
        #expect(vocabulary.count == 8)
        #expect(vocabulary.id(of: "the") == 3)
        #expect(vocabulary.id(of: "absent") == Vocabulary.unknownID)
        #expect(vocabulary.contains("é"))
        #expect(!vocabulary.contains("absent"))
        #expect(vocabulary.token(of: 4) == "a")
        #expect(vocabulary.token(of: 8) == "<unk>")
        #expect(vocabulary.token(of: -1) == "<unk>")
    }

    @Test func `minimum count and maximum size leave the rest unknown`() throws {
        let vocabulary = try Vocabulary(counts: counts, minimumCount: 2, maximumSize: 5)
        #expect(vocabulary.tokens == ["<unk>", "<s>", "</s>", "the", "a"])
        #expect(vocabulary.counts == [7, 0, 0, 9, 3])
        #expect(try Vocabulary(counts: counts, maximumSize: 3).count == 3)
        #expect(try Vocabulary(counts: []).count == 3)
    }

    @Test func `spellings that Swift holds equal stay apart`() throws {
        let vocabulary = try Vocabulary(counts: [("\u{E9}", 2), ("e\u{301}", 1)])
        #expect(vocabulary.count == 5)
        #expect(vocabulary.id(of: "\u{E9}") == 3)
        #expect(vocabulary.id(of: "e\u{301}") == 4)
    }

    @Test func `repeated tokens add up and special ones are left out`() throws {
        let vocabulary = try Vocabulary(
            counts: [("a", 1), ("<s>", 5), ("<unk>", 4), ("a", 1), ("</s>", 5)])
        #expect(vocabulary.tokens == ["<unk>", "<s>", "</s>", "a"])
        #expect(vocabulary.counts == [4, 0, 0, 2])
    }

    @Test(arguments: ["", "a\tb", "a\n", "a\r"])
    func `tokens that a file cannot hold are errors`(token: String) throws {
        let error = try error { _ = try Vocabulary(counts: [(token, 1)]) }
        #expect(error.kind == .badData)
    }

    @Test func `a file brings everything back`() throws {
        let vocabulary = try Vocabulary(counts: counts + [("▁", 2), ("#", 2), ("e\u{301}", 2)])
        try withFolder { folder in
            let path = "\(folder)/v.txt"
            try vocabulary.save(to: path)
            let loaded = try Vocabulary(contentsOf: path)
            #expect(loaded.tokens.map(bytes) == vocabulary.tokens.map(bytes))
            #expect(loaded.counts == vocabulary.counts)
            try vocabulary.save(to: path)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["v.txt"])
        }
    }

    @Test(arguments: [
        ("", nil, "empty"),
        ("<unk>\t0\n<s>\t0\n", 3, "</s> is missing"),
        ("<unk>\t0\n</s>\t0\n<s>\t0\n", 2, "<s> must be"),
        ("the\t3\n", 1, "<unk> must be"),
        ("<unk>\t0\n<s>\t0\n</s>\t0\na\t1\nb\t1\na\t1\n", 6, "already on line 4"),
        ("<unk>\t0\n<s>\t0\n</s>\t0\na\n", 4, "0 tabs"),
        ("<unk>\t0\n<s>\t0\n</s>\t0\na\tb\t1\n", 4, "2 tabs"),
        ("<unk>\t0\n<s>\t0\n</s>\t0\n\t1\n", 4, "empty"),
        ("<unk>\t0\n<s>\t0\n</s>\t0\n\n", 4, "0 tabs"),
        ("<unk>\t0\n<s>\t0\n</s>\t0\na\t-1\n", 4, "not a count"),
        ("<unk>\t0\n<s>\t0\n</s>\t0\na\tx\n", 4, "not a count"),
        ("<unk>\t0\n<s>\t0\n</s>\t0\na\t99999999999999999999\n", 4, "not a count"),
        ("<unk>\t0\n<s>\t0\n</s>\t0\na\t12", 4, "cut short"),
        ("<unk>\t0\r\n<s>\t0\r\n", 1, "carriage return"),
        ("\u{FEFF}<unk>\t0\n", 1, "<unk> must be"),
    ])
    func `malformed files are errors`(text: String, line: Int?, reason: String) throws {
        try expectError(Data(text.utf8), line, reason)
    }

    @Test func `bytes that are not UTF-8 are an error`() throws {
        let bytes = Data("<unk>\t0\n<s>\t0\n</s>\t0\n".utf8) + Data([0xC3, 0x28, 0x09, 0x31, 0x0A])
        try expectError(bytes, 4, "not UTF-8")
    }

    private func expectError(_ bytes: Data, _ line: Int?, _ reason: String) throws {
        try withFolder { folder in
            let path = "\(folder)/v.txt"
            try bytes.write(to: URL(filePath: path))
            let error = try error { _ = try Vocabulary(contentsOf: path) }
            #expect(error.kind == .badData)
            #expect(error.path == path)
            #expect(error.line == line)
            #expect(error.reason.contains(reason), "\(error)")
            #expect(error.remedy != nil)
        }
    }

    @Test func `files that cannot be read or written are errors`() throws {
        try withFolder { folder in
            let missing = try error { _ = try Vocabulary(contentsOf: "\(folder)/none") }
            #expect(missing.kind == .missingInput)
            #expect(missing.description.hasPrefix("\(folder)/none: "))
            let vocabulary = try Vocabulary(counts: counts)
            let noFolder = try error { try vocabulary.save(to: "\(folder)/no/v.txt") }
            #expect(noFolder.kind == .cannotWrite)
            // A folder stands in the way: nothing is left beside it.
            try FileManager.default.createDirectory(
                atPath: "\(folder)/way/x", withIntermediateDirectories: true)
            let inTheWay = try error { try vocabulary.save(to: "\(folder)/way") }
            #expect(inTheWay.kind == .cannotWrite)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["way"])
        }
    }
}
