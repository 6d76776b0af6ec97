import SeqData
import Testing

/// Files of known alignments in the Pharaoh format.
@Suite struct AlignmentFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func file(_ text: String) throws -> AlignmentFile {
        try AlignmentFile(path: folder.file("links", text))
    }

    /// What is wrong with the first line, for a pair of 3 and 4 tokens.
    private func error(_ text: String) throws -> DataError? {
        let file = try file(text)
        return #expect(throws: DataError.self) { try file.links(line: 1, source: 3, target: 4) }
    }

    @Test func `links are read line by line`() throws {
        for bytes in [Array("0-0 2-1\n1-3\n".utf8), gzip("0-0 2-1\n1-3\n".utf8)] {
            let file = try AlignmentFile(path: folder.file("links.gz", bytes))
            #expect(try file.links(line: 1, source: 3, target: 2) == [0, 0, 2, 1])
            #expect(try file.links(line: 2, source: 2, target: 4) == [1, 3])
        }
    }

    @Test func `a token may have many links and a pair none`() throws {
        let file = try file("0-0 0-1 1-1\n\n   \n2-0  1-0 \r\n")
        #expect(try file.links(line: 1, source: 2, target: 2) == [0, 0, 0, 1, 1, 1])
        #expect(try file.links(line: 2, source: 1, target: 1) == [])
        #expect(try file.links(line: 3, source: 1, target: 1) == [])
        #expect(try file.links(line: 4, source: 3, target: 1) == [2, 0, 1, 0])
    }

    /// Pairs that are dropped for another reason never ask for their line.
    @Test func `lines between those that are asked for do not matter`() throws {
        let file = try file("no links at all\n9-9\n0-0\nx\n1-0\n")
        #expect(try file.links(line: 3, source: 1, target: 1) == [0, 0])
        #expect(try file.links(line: 5, source: 2, target: 1) == [1, 0])
    }

    @Test func `a file that is too short is refused with both counts`() throws {
        let file = try file("0-0\n0-0\n")
        #expect(try file.links(line: 2, source: 1, target: 1) == [0, 0])
        for line in [3, 7] {
            let error = #expect(throws: DataError.self) {
                try file.links(line: line, source: 1, target: 1)
            }
            #expect(error?.kind == .badData && error?.path == folder.path("links"))
            #expect(error?.reason == "has 2 lines, but the corpus has a pair in line \(line)")
        }
        let empty = try AlignmentFile(path: folder.file("empty", ""))
        let error = #expect(throws: DataError.self) {
            try empty.links(line: 1, source: 1, target: 1)
        }
        #expect(error?.reason == "has 0 lines, but the corpus has a pair in line 1")
    }

    @Test(arguments: [
        "0", "0-", "-0", "0-1-2", "a-b", "0:1", "0--1", "-1-0", "0-1p", "1.0-1", "0-99999999999",
        "０-1", "0–1",
    ])
    func `what is no link is refused with its line`(link: String) throws {
        let error = try error("0-0 \(link) 1-1\n")
        #expect(error?.kind == .badData && error?.line == 1)
        #expect(error?.path == folder.path("links"))
        #expect(error?.reason == "\(link) is no link")
        #expect(error?.remedy == "write 0-0 1-2 and so on")
    }

    @Test(arguments: ["3-0", "0-4", "2147483647-2147483647"])
    func `a link outside its pair is refused`(link: String) throws {
        let error = try error("2-3 \(link)\n")
        #expect(error?.kind == .badData && error?.line == 1)
        #expect(error?.reason == "the link \(link) is outside the pair of 3 and 4 tokens")
        #expect(error?.remedy?.contains("whitespace") == true)
    }

    @Test func `a missing file and damaged text are errors of the file`() throws {
        let missing = #expect(throws: DataError.self) {
            try AlignmentFile(path: folder.path("nothing"))
        }
        #expect(missing?.kind == .missingInput)
        let damaged = try AlignmentFile(path: folder.file("links", [0x30, 0x2D, 0xFF, 0x0A]))
        let error = #expect(throws: DataError.self) {
            try damaged.links(line: 1, source: 1, target: 1)
        }
        #expect(error?.kind == .badData && error?.line == 1)
    }
}
