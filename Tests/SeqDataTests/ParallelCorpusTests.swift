import SeqFiles
import SeqText
import TestSupport
import Testing

@testable import SeqData

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The length of each word, and -1 at the end.
private func encoded(_ line: String) -> [Int32] {
    line.split(separator: " ").map { Int32($0.count) } + [-1]
}

@Suite struct ParallelCorpusTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func files(_ source: String, _ target: String) throws -> ParallelCorpus {
        try ParallelCorpus(source: folder.file("s", source), target: folder.file("t", target))
    }

    private func error(_ corpus: ParallelCorpus) -> Seq2SeqError? {
        #expect(throws: Seq2SeqError.self) {
            try corpus.encoded(encodeSource: encoded, encodeTarget: encoded)
        }
    }

    @Test func `lines of two files are paired`() throws {
        let (corpus, report) = try files("a bb\nccc\n", "dddd\r\ne e e")
            .encoded(encodeSource: encoded, encodeTarget: encoded)
        #expect(corpus.count == 2)
        #expect(corpus[0] == Example(source: [1, 2, -1], target: [4, -1]))
        #expect(corpus[1] == Example(source: [3, -1], target: [1, 1, 1, -1]))
        #expect(corpus.map(\.columns.count) == [2, 2])
        #expect(corpus.map(\.target.count) == [2, 4])
        #expect(report.files.map(\.path) == [folder.path("s"), folder.path("t")])
        #expect(report.files.allSatisfy { $0.sha256.count == 64 })
    }

    @Test func `compressed files give the same corpus`() throws {
        let plain = try files("a bb\nccc\n", "dddd\ne e e\n")
            .encoded(encodeSource: encoded, encodeTarget: encoded).examples
        let compressed = try ParallelCorpus(
            source: folder.file("s.gz", gzip("a bb\nccc\n".utf8)), target: folder.path("t")
        ).encoded(encodeSource: encoded, encodeTarget: encoded).examples
        #expect(plain == compressed)
        #expect(plain.contentHash == compressed.contentHash)
    }

    @Test func `the hash tells corpora apart that differ in tokens or in cuts`() {
        func hash(_ pairs: [([Int32], [Int32])]) -> String {
            pairs.map { Example(source: $0[...], target: $1[...]) }.contentHash
        }
        let hashes = [
            hash([([1, 2], [3])]), hash([([1], [2, 3])]), hash([([1, 3], [2])]),
            hash([([1], [3]), ([2], [])]), hash([]),
        ]
        #expect(Set(hashes).count == hashes.count)
        #expect(hash([([1, 2], [3])]) == hashes[0])
    }

    @Test func `columns of a table are paired`() throws {
        let path = try folder.file("table.tsv", "x\ta b\tccc\n\ty\tdd\trest\tmore\r\n")
        let forward = try ParallelCorpus(table: path, sourceColumn: 2, targetColumn: 3)
            .encoded(encodeSource: encoded, encodeTarget: encoded).examples
        #expect(forward[0] == Example(source: [1, 1, -1], target: [3, -1]))
        #expect(forward[1] == Example(source: [1, -1], target: [2, -1]))
        let backward = try ParallelCorpus(table: path, sourceColumn: 3, targetColumn: 2)
            .encoded(encodeSource: encoded, encodeTarget: encoded).examples
        #expect(backward[0].source == forward[0].target)
        var defaults: [[String]] = []
        try ParallelCorpus(table: path).forEachPair { defaults.append([$0, $1, "\($2)"]) }
        #expect(defaults == [["x", "a b", "1"], ["", "y", "2"]])
    }

    @Test func `a line with too few columns is refused`() throws {
        let path = try folder.file("table.tsv", "a\tb\nc\td\nonly one\n")
        let error = error(ParallelCorpus(table: path))
        #expect(error?.kind == .badData)
        #expect(error?.line == 3)
        #expect(error?.reason == "the line has 1 of at least 2 columns")
        #expect(self.error(ParallelCorpus(table: path, targetColumn: 3))?.line == 1)
        #expect(
            self.error(ParallelCorpus(table: path, sourceColumn: 0))?.kind == .badConfiguration)
    }

    @Test(arguments: [("a\nb\nc\n", "x\n"), ("a\n", "x\ny\nz\n"), ("", "x\n"), ("a\nb", "x\n\n\n")])
    func `files of unequal length are refused with both counts`(
        source: String, target: String
    ) throws {
        let error = error(try files(source, target))
        #expect(error?.kind == .badData)
        let counts = [source, target].map { text in
            text.split(separator: "\n", omittingEmptySubsequences: false).count
                - (text.hasSuffix("\n") || text.isEmpty ? 1 : 0)
        }
        #expect(
            error?.reason == "has \(counts[1]) lines, but \(folder.path("s")) has \(counts[0])")
    }

    @Test func `empty and overlong pairs are dropped and counted`() throws {
        let corpus = try files(
            "a\n\nb\n \u{3000}\t\nc c c c\nd\nsilent\n", "x\ny\n\nz\nx\ny y y y y\nz\n")
        func encodedOrNothing(_ line: String) -> [Int32] {
            line == "silent" ? [] : encoded(line)
        }
        let (kept, report) = try corpus.encoded(
            maximumSourceLength: 4, maximumTargetLength: 5,
            encodeSource: encodedOrNothing, encodeTarget: encoded)
        #expect(kept.count == 1)
        #expect(report.read == 7)
        #expect(report.kept == 1)
        #expect(report.emptyDropped == 4)
        #expect(report.overlongDropped == 2)
        #expect(
            report.description
                == "\(folder.path("s")), \(folder.path("t")): 7 pairs read, 1 kept, "
                + "4 empty and 2 overlong dropped")
        let all = try corpus.encoded(
            maximumSourceLength: 5, maximumTargetLength: 6,
            encodeSource: encodedOrNothing, encodeTarget: encoded)
        #expect(all.report.overlongDropped == 0)
        let ratio = try corpus.encoded(
            isOverlong: { $0 > 2 * $1 }, encodeSource: encodedOrNothing, encodeTarget: encoded)
        #expect(ratio.report.overlongDropped == 1)
    }

    @Test func `a report survives JSON`() throws {
        var report = CorpusReport()
        report.files = [FileFingerprint(path: "a", sha256: "b")]
        report.emptyDropped = 3
        let data = try JSONEncoder().encode(report)
        #expect(String(decoding: data, as: UTF8.self).contains("\"empty_dropped\":3"))
        #expect(try JSONDecoder().decode(CorpusReport.self, from: data) == report)
    }

    @Test func `an empty corpus is refused`() throws {
        #expect(error(try files("", ""))?.reason == "the corpus is empty")
        #expect(error(try files("\n\n", "a\nb\n"))?.reason.contains("2 empty") == true)
        let overlong = #expect(throws: Seq2SeqError.self) {
            try files("a\n", "b\n").encoded(
                maximumSourceLength: 1, maximumTargetLength: 9,
                encodeSource: encoded, encodeTarget: encoded)
        }
        #expect(overlong?.kind == .badData)
        #expect(overlong?.remedy == "allow longer sequences")
    }

    @Test func `bad text is refused with its file and line`() throws {
        let source = try folder.file("s", "a\nb\n")
        let target = try folder.file("t", Array("x\n".utf8) + [0xFF, 0x0A])
        let error = error(ParallelCorpus(source: source, target: target))
        #expect(error?.path == target)
        #expect(error?.line == 2)
        #expect(
            self.error(ParallelCorpus(source: source, target: folder.path("no")))?.kind
                == .missingInput)
    }

    @Test func `errors of the encoding pass through`() throws {
        struct Unknown: Error {}
        #expect(throws: Unknown.self) {
            try files("a\n", "b\n").encoded(
                encodeSource: { _ in throw Unknown() }, encodeTarget: encoded)
        }
    }
}
