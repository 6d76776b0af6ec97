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

/// A cache whose index or words are damaged is built anew, with the same bytes, and says so.
@Suite struct CacheIndexTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func open(damaged: (Seq2SeqError) -> Void) throws -> ExampleCache {
        let lines = (0..<40).map { "w\($0) known\n" }.joined()
        let encoding = CorpusEncoding(
            try ParallelCorpus(source: folder.file("s", lines), target: folder.file("t", lines)),
            columns: textColumns(100, 1000, keepsSpellings: true), maximumLength: 100,
            tokenizers: "words"
        ) { fields in
            .example(
                Example(
                    source: [-1, 5], target: ArraySlice(fields[1].text.utf8.map(Int32.init))),
                spellings: [String(fields[0].text.prefix { $0 != " " })])
        }
        return try ExampleCache.open(encoding, in: folder.path("cache"), damaged: damaged)
    }

    private func place() throws -> String {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path("cache"))
        try #require(names.count == 1)
        return folder.path("cache/\(names[0])")
    }

    @Test(arguments: ["index", "words"])
    func `any flipped bit has it built anew`(name: String) throws {
        var problems: [Seq2SeqError] = []
        _ = try open { problems.append($0) }
        #expect(problems.isEmpty)
        let path = try "\(place())/\(name)"
        let whole = try Data(contentsOf: URL(filePath: path))
        for offset in stride(from: 0, to: whole.count, by: 7) {
            var damaged = whole
            damaged[offset] ^= 1 << (offset % 8)
            try damaged.write(to: URL(filePath: path))
            problems = []
            let cache = try open { problems.append($0) }
            #expect(problems.count == 1 && problems.first?.kind == .badData, "\(offset)")
            #expect(try Data(contentsOf: URL(filePath: path)) == whole)
            #expect(cache.unknownWords == (0..<40).map { "w\($0)" })
            _ = try open { problems.append($0) }
            #expect(problems.count == 1)
        }
    }

    /// Whoever goes on with an index that changes under it must not ask for gigabytes.
    @Test func `lengths are within the file of pairs`() throws {
        let cache = try open { _ in }
        let path = try "\(place())/index"
        let whole = try Data(contentsOf: URL(filePath: path))
        for (bytes, value) in [(8..<16, UInt8(0xFF)), (11..<12, 2), (15..<16, 0x7F), (0..<8, 0xFF)]
        {
            var damaged = whole
            for place in bytes { damaged[place] ^= value }
            // In place: the cache has the file open.
            try damaged.write(to: URL(filePath: path))
            for attempt in [{ _ = try cache.lengths(of: 0) }, { _ = try cache.example(0) }] {
                let error = #expect(throws: Seq2SeqError.self) { try attempt() }
                #expect(error?.kind == .badData && error?.path == path)
                #expect(error?.reason.contains("pair 1") == true)
            }
        }
    }

    @Test func `a cache of version 0_1 is built anew without a word`() throws {
        _ = try open { _ in }
        let place = try place()
        var manifest = try CacheManifest(place)
        manifest.indexChecksum = nil
        manifest.wordsChecksum = nil
        try manifest.write(to: place)
        var problems = 0
        _ = try open { _ in problems += 1 }
        #expect(problems == 0)
        #expect(try CacheManifest(place).indexChecksum != nil)
    }
}
