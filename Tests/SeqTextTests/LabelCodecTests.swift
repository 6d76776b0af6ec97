import SeqFiles
import SeqText
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct LabelCodecTests {
    @Test func `labels of steps are in order of frequency, then of bytes`() throws {
        let codec = try LabelCodec(
            learntFrom: [
                .tokens(["O", "B-x", "O"]), .text(" B-x\u{3000}O  I-x\n"),
                .tokens(["B-ä", "New York"]),
            ], extent: .steps, scheme: .bio)
        #expect(codec.labels == ["O", "B-x", "B-ä", "I-x", "New York"])
        #expect(codec.count == 5 && codec.scheme == .bio)
        #expect(codec.encode(.text("I-x O I-y")) == [3, 0, -1])
        #expect(codec.encode(.tokens(["New York", "", "o"])) == [4, -1, -1])
        #expect(codec.field(of: [0, 1, -1, 9]) == .tokens(["O", "B-x", "", ""]))
    }

    @Test func `the label of all steps is the whole text`() throws {
        let codec = try LabelCodec(
            learntFrom: [.text(" very good\t"), .text("bad"), .text("very good"), .text(" ")],
            extent: .all)
        #expect(codec.labels == ["very good", "bad"])
        #expect(codec.encode(.text("bad ")) == [1])
        #expect(codec.encode(.tokens(["very", "good"])) == [0])
        #expect(codec.encode(.text("good")) == [-1] && codec.encode(.text("")) == [])
        #expect(codec.field(of: [0]) == .text("very good"))
        #expect(codec.field(of: [-1]) == .text("") && codec.field(of: []) == .text(""))
    }

    @Test(arguments: [
        (["NOUN", "VERB"], LabelCodec.Scheme.none), (["O", "O-x"], .none),
        (["B-a", "I-a", "O"], .bio), (["B", "I"], .bio), (["B-a-b", "O"], .bio),
        (["B-a", "I-a", "E-a", "S-a", "O"], .bioes), (["B", "M", "E", "S"], .bmes),
        (["B", "E", "S"], .bmes), (["B-a", "X-a"], .none), (["B-a", "I-a", "M-a"], .none),
    ])
    func `the scheme is seen from the labels`(labels: [String], scheme: LabelCodec.Scheme) throws {
        #expect(LabelCodec.Scheme(of: labels) == scheme)
        #expect(
            try LabelCodec(learntFrom: [.tokens(labels)], extent: .steps).scheme == scheme)
        #expect(try LabelCodec(learntFrom: [.tokens(labels)], extent: .all).scheme == .none)
    }

    @Test func `without labels there is nothing to learn`() {
        let error = #expect(throws: Seq2SeqError.self) {
            try LabelCodec(learntFrom: [.text(" "), .tokens([])], extent: .steps)
        }
        #expect(error?.kind == .badData)
    }

    @Test func `what decides on ids is in the fingerprint`() {
        let codecs = [
            LabelCodec(labels: ["a", "b"]), LabelCodec(labels: ["b", "a"]),
            LabelCodec(labels: ["a", "b"], extent: .all),
            LabelCodec(labels: ["a", "b"], scheme: .bio), LabelCodec(labels: ["a"]),
        ]
        #expect(Set(codecs.map(\.fingerprint)).count == codecs.count)
    }

    @Test func `a codec comes back from its file, and a changed file is refused`() throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "labels-\(UUID().uuidString)").path(percentEncoded: false)
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let codec = LabelCodec(labels: ["O", "B-ä", "\n\"", ""], scheme: .bmes)
        try codec.save(in: folder, name: "slots")
        #expect(try LabelCodec(contentsOf: folder, name: "slots") == codec)
        let path = "\(folder)/slots.labels.json"
        let text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
        for (old, new, reason) in [
            ("\"O\"", "\"o\"", "its labels are not those"), ("bmes", "bio", "its labels are not"),
            ("bmes", "biose", "is not a whole file of labels"),
            ("\"O\"", "\"\"", "has a label twice"), ("seq2seq-labels", "labels", "is not a file"),
            ("\"version\" : 1", "\"version\" : 2", "has version 2"), ("{", "", "is not a file"),
            ("\"extent\"", "\"extend\"", "is not a whole file of labels"),
        ] {
            try #require(text.contains(old))
            try Data(text.replacing(old, with: new).utf8).write(to: URL(filePath: path))
            let error = #expect(throws: Seq2SeqError.self) {
                try LabelCodec(contentsOf: folder, name: "slots")
            }
            #expect(error?.path == path && error?.remedy != nil)
            #expect(error?.reason.hasPrefix(reason) == true, "\(error?.reason ?? "")")
        }
        let missing = #expect(throws: Seq2SeqError.self) {
            try LabelCodec(contentsOf: folder, name: "intent")
        }
        #expect(missing?.kind == .missingInput)
    }
}

@Suite struct TextCodecFieldTests {
    @Test func `text is cut, and tokens have one id each`() throws {
        var configuration = TokenizerConfiguration()
        configuration.kind = .whitespace
        configuration.lowercase = true
        let fields: [Field] = [.tokens(["New York", "a"]), .text("B a"), .tokens(["a"])]
        let codec = try TextCodec.train(onFields: fields, configuration: configuration)
        #expect(codec.count == 3 + 3)
        let ids = try codec.encode(.tokens(["A", "new york", "c", "</s>"]))
        #expect(ids[0] == 3 && ids[1] > 3 && ids[2...] == [0, 0])
        #expect(try codec.encode(.text("new york b")).prefix(2) == [0, 0])
        #expect(codec.tokens(.tokens(["New York"])) == ["new york"])
        #expect(try codec.field(of: [3]) == .text("a"))
        #expect(try codec.encode(.text("a B")) == codec.encode("a B"))
    }

    @Test func `learning from text is as before`() throws {
        let configuration = TokenizerConfiguration()
        let texts = ["A house, a home.", "No house!"]
        #expect(
            try TextCodec.train(onFields: texts.map(Field.text), configuration: configuration)
                .fingerprint
                == TextCodec.train(on: texts, configuration: configuration).fingerprint)
    }
}
