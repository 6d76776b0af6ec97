import SeqFiles
import TestSupport
import Testing

@testable import SeqData

/// Files of known alignments in the Pharaoh format.
@Suite struct AlignmentFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func file(_ text: String) throws -> SideFile {
        try #require(try SideFile(path: folder.file("links", text)))
    }

    /// What is wrong with the first line, for a pair of 3 and 4 tokens.
    private func error(_ text: String) throws -> Seq2SeqError? {
        let file = try file(text)
        return #expect(throws: Seq2SeqError.self) { try file.links(source: 3, target: 4) }
    }

    @Test func `links are read line by line`() throws {
        for bytes in [Array("0-0 2-1\n1-3\n".utf8), gzip("0-0 2-1\n1-3\n".utf8)] {
            let file = try #require(try SideFile(path: folder.file("links.gz", bytes)))
            #expect(try file.links(source: 3, target: 2) == [0, 0, 2, 1])
            #expect(try file.links(source: 2, target: 4) == [1, 3])
        }
    }

    @Test func `a token may have many links and a pair none`() throws {
        let file = try file("0-0 0-1 1-1\n\n   \n2-0  1-0 \r\n")
        #expect(try file.links(source: 2, target: 2) == [0, 0, 0, 1, 1, 1])
        #expect(try file.links(source: 1, target: 1) == [])
        #expect(try file.links(source: 1, target: 1) == [])
        #expect(try file.links(source: 3, target: 1) == [2, 0, 1, 0])
    }

    @Test func `a file that is too short or too long is refused with both counts`() throws {
        let file = try file("0-0\n0-0\n")
        #expect(try file.links(source: 1, target: 1) == [0, 0])
        let long = #expect(throws: Seq2SeqError.self) { try file.end(pairs: 1) }
        #expect(long?.reason == "has 2 lines, but the corpus has 1 pairs")
        for _ in 0..<2 {
            let error = #expect(throws: Seq2SeqError.self) { try file.next() }
            #expect(error?.kind == .badData && error?.path == folder.path("links"))
            #expect(error?.reason == "has 2 lines, but the corpus has a pair in line 3")
        }
        try file.end(pairs: 2)
        let empty = try self.file("")
        let error = #expect(throws: Seq2SeqError.self) { try empty.next() }
        #expect(error?.reason == "has 0 lines, but the corpus has a pair in line 1")
    }

    @Test func `no path is no file`() throws {
        #expect(try SideFile(path: "") == nil)
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
        let missing = #expect(throws: Seq2SeqError.self) {
            try SideFile(path: folder.path("nothing"))
        }
        #expect(missing?.kind == .missingInput)
        let damaged = try #require(
            try SideFile(path: folder.file("links", [0x30, 0x2D, 0xFF, 0x0A])))
        let error = #expect(throws: Seq2SeqError.self) { try damaged.next() }
        #expect(error?.kind == .badData && error?.line == 1)
    }
}

extension SideFile {
    /// The links of the next line.
    fileprivate func links(source: Int, target: Int) throws -> [Int32] {
        try AlignmentFile.links(next(), source: source, target: target)
    }
}
