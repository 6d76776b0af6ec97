import SeqFiles
import SeqText
import TestSupport
import Testing

@testable import SeqData

@Suite struct ExampleReaderTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// The records of a corpus, read plain and compressed.
    private func records(
        _ text: String, _ origin: (String) -> ParallelCorpus.Origin
    ) throws -> [Record] {
        var found: [[Record]] = []
        for path in [
            try folder.file("corpus", text), try folder.file("corpus.gz", gzip(text.utf8)),
        ] {
            let corpus = ParallelCorpus(origin(path))
            let reader = try corpus.reader()
            var records: [Record] = []
            while let record = try reader.next() {
                #expect(record.path == path && record.fields.count == corpus.fieldCount)
                records.append(record)
            }
            #expect(reader.fingerprints.map(\.path) == [path])
            #expect(reader.fingerprints.allSatisfy { $0.sha256.count == 64 })
            #expect(try reader.storedBytesRead == FileStamp(path, known: [], hash: "").size)
            found.append(records)
        }
        #expect(found[0].map(\.fields) == found[1].map(\.fields))
        #expect(found[0].map(\.line) == found[1].map(\.line))
        return found[0]
    }

    private func error(
        _ text: String, _ origin: (String) -> ParallelCorpus.Origin
    ) throws -> Seq2SeqError? {
        let error = #expect(throws: Seq2SeqError.self) {
            try ParallelCorpus(origin(folder.file("corpus", text))).forEachRecord { _ in }
        }
        #expect(error?.path == folder.path("corpus") && error?.remedy?.isEmpty == false)
        return error
    }

    // MARK: Files of text

    @Test func `each of several files is a field`() throws {
        let paths = [
            try folder.file("in", "show flights\nhow far\n"), try folder.file("out", "O B\nO O\n"),
            try folder.file("label", "flight\ndistance\n"),
        ]
        let corpus = ParallelCorpus(.files(paths))
        var fields: [[Field]] = []
        let files = try corpus.forEachRecord { fields.append($0.fields) }
        #expect(
            fields == [
                [.text("show flights"), .text("O B"), .text("flight")],
                [.text("how far"), .text("O O"), .text("distance")],
            ])
        #expect(files.map(\.path) == paths)
        _ = try folder.file("label", "flight\n")
        let error = #expect(throws: Seq2SeqError.self) { try corpus.forEachRecord { _ in } }
        #expect(error?.path == paths[2])
        #expect(error?.reason == "has 1 lines, but \(paths[0]) has 2")
    }

    // MARK: Tables

    @Test func `columns of a table are found by number or by the names of its first line`() throws {
        let text = "label\ttext\tid\nA\tb c\t1\nB\t\t2\textra\n"
        let named = try records(text) { .table(path: $0, fields: ["text", "label"]) }
        #expect(named.map(\.fields) == [[.text("b c"), .text("A")], [.text(""), .text("B")]])
        #expect(named.map(\.line) == [2, 3])
        let numbered = try records(text) { .table(path: $0, fields: ["2", "1", "3"]) }
        #expect(numbered.first?.fields == [.text("text"), .text("label"), .text("id")])
        #expect(numbered.map(\.line) == [1, 2, 3])
    }

    @Test(arguments: [
        ("a\tb\nx\n", ["a", "b"], 2, "the line has 1 of at least 2 columns"),
        ("a\tb\n", ["a", "c"], 1, "no column is named c"),
        ("a\tb\ta\n", ["a", "b"], 1, "2 columns are named a"),
        ("a\tb\n", ["1", "b", "0"], 1, "no column is named 1"),
        ("", ["a", "b"], nil, "the table is empty"),
        ("a\tb\n", ["1", "0"], nil, "there is no column 0"),
    ])
    func `a table without the columns is refused`(
        text: String, fields: [String], line: Int?, reason: String
    ) throws {
        let error = try error(text) { .table(path: $0, fields: fields) }
        #expect(error?.reason == reason && error?.line == line)
    }

    // MARK: JSON lines

    @Test func `fields of JSON are text or tokens, by names that may reach into objects`() throws {
        let text = """
            {"text": "a \\u4f60\\n", "tags": ["B-x", "O"], "meta": {"label": 3, "x.y": {"z": "deep"}}}

            {"meta": {"label": -7, "x.y": {"z": ""}}, "tags": [], "text": "b", "more": [1.5, null, {}]}
            {"text": 12, "tags": [0, 1], "meta.label": "whole", "meta": {"x.y": {"z": "q"}}}
            """
        let found = try records(text) {
            .jsonl(path: $0, fields: ["text", "tags", "meta.label", "meta.x.y.z"])
        }
        #expect(
            found.map(\.fields) == [
                [.text("a 你\n"), .tokens(["B-x", "O"]), .text("3"), .text("deep")],
                [.text("b"), .tokens([]), .text("-7"), .text("")],
                [.text("12"), .tokens(["0", "1"]), .text("whole"), .text("q")],
            ])
        #expect(found.map(\.line) == [1, 3, 4])
    }

    @Test(arguments: [
        ("{\"a\": \"x\", \"b\": \"y\"", "the line is no JSON object"),
        ("[\"a\"]", "the line is no JSON object"), ("nothing", "the line is no JSON object"),
        ("{\"a\": \"\\ud800\", \"b\": \"y\"}", "the field a is neither"),
        ("{\"a\": \"x\", \"c\": \"y\"}", "the object has no field b"),
        ("{\"a\": \"x\", \"b\": null}", "the field b is neither"),
        ("{\"a\": \"x\", \"b\": 1.5}", "the field b is neither"),
        ("{\"a\": \"x\", \"b\": true}", "the field b is neither"),
        ("{\"a\": \"x\", \"b\": {}}", "the field b is neither"),
        ("{\"a\": \"x\", \"b\": [\"y\", [\"z\"]]}", "the field b is neither"),
        ("{\"a\": \"x\\u0000\", \"b\": \"y\"}", "the field a holds the character NUL"),
        ("{\"a\": [\"x\", \"\"], \"b\": \"y\"}", "the element 2 of a is empty"),
        ("{\"a\": [\"x\\ny\"], \"b\": \"y\"}", "the element 1 of a is empty or holds a line break"),
    ])
    func `malformed JSON is refused with its line`(line: String, reason: String) throws {
        let error = try error("{\"a\": \"x\", \"b\": \"y\"}\n\(line)\n") {
            .jsonl(path: $0, fields: ["a", "b"])
        }
        #expect(error?.kind == .badData && error?.line == 2)
        #expect(error?.reason.hasPrefix(reason) == true, "\(error?.reason ?? "")")
    }

    @Test func `the error of a missing field names those that there are`() throws {
        let missing = try error("{\"y\": 1, \"x\": 2}\n") { .jsonl(path: $0, fields: ["a", "b"]) }
        #expect(missing?.remedy == "its fields are x, y")
        let inner = try error("{\"a\": {\"x\": 2}, \"b\": 1}\n") {
            .jsonl(path: $0, fields: ["a.b", "b"])
        }
        #expect(
            inner?.reason == "the object has no field a.b" && inner?.remedy == "its fields are x")
        let flat = try error("{\"a\": 1, \"b\": 1}\n") { .jsonl(path: $0, fields: ["a.b", "b"]) }
        #expect(flat?.reason == "a is no object with a field a.b")
    }

    // MARK: CoNLL

    private static let universal = """
        # newdoc

        # sent_id = 1
        # text = Vámonos al mar = x
        1-2\tVámonos\t_\t_\t_\t_\t_\t_\t_\t_
        1\tVamos\tir\tVERB\t_\t_\t0\troot\t_\t_
        2\tnos\tnosotros\tPRON\t_\t_\t1\tobj\t_\t_
        2.1\tempty\t_\tX\t_\t_\t_\t_\t_\t_
        3\t#\t#\tSYM\t_\t_\t1\tobl\t_\t_
         \t

        # text=second
        1\tsea side\tsea\tNOUN\t_\t_\t0\troot\t_\t_
        """

    @Test func `words of CoNLL-U are tokens, and comments are text`() throws {
        let found = try records(Self.universal) {
            .conll(path: $0, fields: ["FORM", "UPOS", "# text", "8"])
        }
        #expect(
            found.map(\.fields) == [
                [
                    .tokens(["Vamos", "nos", "#"]), .tokens(["VERB", "PRON", "SYM"]),
                    .text("Vámonos al mar = x"), .tokens(["root", "obj", "obl"]),
                ],
                [.tokens(["sea side"]), .tokens(["NOUN"]), .text("second"), .tokens(["root"])],
            ])
        #expect(found.map(\.line) == [3, 12])
    }

    @Test func `columns may be separated by spaces, and words look like anything`() throws {
        let found = try records(
            "-DOCSTART- -X- O\n\n\n3.1 CD O\n1-2  CD B-NUM\n# NN O\n\nlast NN O"
        ) { .conll(path: $0, fields: ["1", "3"]) }
        #expect(
            found.map(\.fields) == [
                [.tokens(["-DOCSTART-"]), .tokens(["O"])],
                [.tokens(["3.1", "1-2", "#"]), .tokens(["O", "B-NUM", "O"])],
                [.tokens(["last"]), .tokens(["O"])],
            ])
        let tabs = try records("#\tNN\n#tag\tNN\n\n# a comment\tof two\nword\tNN\n\n") {
            .conll(path: $0, fields: ["1", "2"])
        }
        #expect(tabs.map { $0.fields[0] } == [.tokens(["#", "#tag"]), .tokens(["word"])])
    }

    @Test(arguments: [
        ("a b\nc\n", ["1", "2"], 2, "the word has 1 of at least 2 columns"),
        ("a\tb\nc d\n", ["1", "2"], 2, "the word has 1 of at least 2 columns"),
        ("a\tb\n\t\nc\t\n", ["1", "2"], 3, "column 2 of the word is empty"),
        ("a b\n# c\n", ["1", "3"], 1, "the word has 2 of at least 3 columns"),
        (
            "# id = 1\n\n# id = 2\na b\n", ["1", "#text"], 3,
            "the sentence has no comment # text = …"
        ),
        ("a b\n", ["0", "1"], nil, "there is no column 0"),
        ("a b\n", ["form", "1"], nil, "there is no column form"),
    ])
    func `malformed CoNLL is refused with its line`(
        text: String, fields: [String], line: Int?, reason: String
    ) throws {
        let error = try error(text) { .conll(path: $0, fields: fields) }
        #expect(error?.reason == reason && error?.line == line)
    }

    @Test func `a file without blank lines is no sentence`() throws {
        let words = String(
            repeating: String(repeating: "x", count: 10_000) + " O\n", count: 110)
        let error = try error("first O\n\n" + words) { .conll(path: $0, fields: ["1", "2"]) }
        #expect(error?.line == 3 && error?.remedy == "write a blank line behind each sentence")
    }

    // MARK: All of them

    @Test func `what is no text is refused by its line in every format`() throws {
        let origins: [(String) -> ParallelCorpus.Origin] = [
            { .files([$0, $0]) }, { .table(path: $0, fields: ["1", "2"]) },
            { .table(path: $0, fields: ["a", "b"]) }, { .jsonl(path: $0, fields: ["a", "b"]) },
            { .conll(path: $0, fields: ["1", "2"]) },
        ]
        let firsts = ["x", "a\tb", "a\tb", "{\"a\": \"x\", \"b\": \"y\"}", "a b"]
        for (origin, first) in zip(origins, firsts) {
            let long = [UInt8](repeating: 0x61, count: TextLineReader.defaultLimit + 1)
            for bad in [[0xFF], [0x61, 0x00], long] {
                let path = try folder.file("bad", Array(first.utf8) + [0x0A] + bad + [0x0A])
                let error = #expect(throws: Seq2SeqError.self) {
                    try ParallelCorpus(origin(path)).forEachRecord { _ in }
                }
                #expect(error?.kind == .badData && error?.path == path && error?.line == 2)
            }
            let missing = #expect(throws: Seq2SeqError.self) {
                try ParallelCorpus(origin(folder.path("no"))).forEachRecord { _ in }
            }
            #expect(missing?.kind == .missingInput)
        }
    }

    @Test func `tokens come into a cache, and the fields into its key`() throws {
        let path = try folder.file("corpus", Self.universal)
        var keys: Set<String> = []
        for fields in [["FORM", "UPOS"], ["UPOS", "FORM"], ["2", "4"]] {
            let encoding = CorpusEncoding(
                ParallelCorpus(.conll(path: path, fields: fields)), columns: textColumns(99, 99),
                maximumLength: 2, tokenizers: ""
            ) { fields in
                .example(
                    Example(
                        fields.map { field in
                            guard case .tokens(let tokens) = field else { return .ids([]) }
                            return .ids(tokens.map { Int32($0.utf8.count) }[...])
                        }))
            }
            let cache = try ExampleCache.open(encoding, in: folder.path("cache"))
            keys.insert(cache.key)
            #expect(cache.report.overlongDropped == 1)
            let lengths: [Int32] = fields[0] == "UPOS" ? [4, 8] : [8, 4]
            #expect(try cache.example(0).columns.map(\.ids) == lengths.map { [$0] })
        }
        #expect(keys.count == 3)
    }
}
