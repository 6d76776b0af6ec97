import SeqFiles
import Dispatch
import Synchronization
import SeqText
import TestSupport
import Testing

@testable import SeqData

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The length of each word.
private func ids(_ line: String) -> [Int32] { line.split(separator: " ").map { Int32($0.count) } }

private func pairs(_ cache: ExampleCache) throws -> [Example] {
    try (0..<cache.count).map { try cache.example($0) }
}

/// The columns of pairs of texts.
func textColumns(
    _ source: Int, _ target: Int, keepsSpellings: Bool = false
) -> [ColumnDescription] {
    [
        .text("source", vocabulary: source, role: .input, keepsSpellings: keepsSpellings),
        .text("target", vocabulary: target, role: .output),
    ]
}

@Suite struct ExampleCacheTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let threads = CacheThreads(count: 3) { count, body in
        DispatchQueue.concurrentPerform(iterations: count, execute: body)
    }

    private func corpus(_ count: Int) throws -> ParallelCorpus {
        var generator = SplitMix64(seed: 4)
        func lines(_ prefix: String) -> String {
            (0..<count).map { number in
                let length = Int(generator.next(below: 7)) + 1
                return (0..<length).map { _ in
                    prefix + String(repeating: "x", count: Int(generator.next(below: 40)))
                }.joined(separator: " ") + "\n"
            }.joined()
        }
        return try ParallelCorpus(
            source: folder.file("s", lines("a")),
            target: folder.file("t", lines("b")))
    }

    private func encoding(
        _ corpus: ParallelCorpus, _ change: (inout CorpusEncoding) -> Void = { _ in }
    ) -> CorpusEncoding {
        var encoding = CorpusEncoding(
            corpus, columns: textColumns(100, 100), maximumLength: 100, tokenizers: "lengths"
        ) { .example(Example(source: ids($0[0].text)[...], target: ids($0[1].text)[...])) }
        change(&encoding)
        return encoding
    }

    private func open(
        _ encoding: CorpusEncoding, threads: CacheThreads = .one, in name: String = "cache"
    ) throws -> ExampleCache {
        try ExampleCache.open(encoding, in: folder.path(name), threads: threads)
    }

    /// Opens the cache and tells whether it was built for that.
    private func isBuilt(_ encoding: CorpusEncoding) throws -> Bool {
        let calls = Mutex(0)
        _ = try ExampleCache.open(encoding, in: folder.path("cache")) { _ in
            calls.withLock { $0 += 1 }
        }
        return calls.withLock { $0 > 0 }
    }

    /// The only cache in the folder.
    private func place() throws -> String {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path("cache"))
        try #require(names.count == 1)
        return folder.path("cache/\(names[0])")
    }

    // MARK: Content

    @Test func `pairs come back in order, whatever the threads`() throws {
        let corpus = try corpus(3000)
        let (expected, report) = try corpus.encoded(encodeSource: ids, encodeTarget: ids)
        var files: [[Data]] = []
        for (threads, name) in [(CacheThreads.one, "one"), (Self.threads, "three")] {
            let cache = try open(encoding(corpus), threads: threads, in: name)
            #expect(cache.report == report)
            #expect(try pairs(cache) == expected)
            let lengths = try (0..<cache.count).map { try cache.lengths(of: $0) }
            #expect(lengths.map { $0[0] } == expected.map(\.source.count))
            #expect(lengths.map { $0[1] } == expected.map(\.target.count))
            #expect(cache.steps == (0..<2).map { side in lengths.reduce(0) { $0 + $1[side] } })
            files.append(
                try ["index", "pairs"].map {
                    try Data(
                        contentsOf: URL(
                            filePath: folder.path("\(name)/\(cache.key.prefix(32))/\($0)")))
                })
        }
        #expect(files[0] == files[1])
    }

    @Test(arguments: [100, 65_536, 65_537, 1 << 30])
    func `ids of each size of vocabulary come back`(vocabulary: Int) throws {
        let largest = Int32(vocabulary - 1)
        let links = try folder.file("links", "0-0\n1-0 0-1\n")
        let weights = try folder.file("weights", "0.25\n 3 \n")
        let corpus = try ParallelCorpus(
            source: folder.file("s", "a b\nc d\n"), target: folder.file("t", "e f\ng h\n"))
        let cache = try open(
            encoding(corpus) {
                $0.columns =
                    textColumns(vocabulary, vocabulary + 100)
                    + [.ids("copies", vocabulary: vocabulary + 100, role: .aside)]
                $0.alignment = links
                $0.weights = weights
                $0.encode = { _ in
                    .example(
                        Example(
                            source: [0, largest], target: [largest, largest + 1],
                            copies: [largest + 2, 7]))
                }
            })
        let found = try pairs(cache)
        #expect(found.map(\.source) == [[0, largest], [0, largest]])
        #expect(found.map(\.target) == [[largest, largest + 1], [largest, largest + 1]])
        #expect(found.map { $0.ids(2) } == [[largest + 2, 7], [largest + 2, 7]])
        #expect(found.map { $0.ids(3) } == [[0, 0], [1, 0, 0, 1]])
        #expect(found.map(\.weight) == [0.25, 3])
    }

    @Test func `words that the vocabulary lacks are numbered in the order of the corpus`() throws {
        let lines = (0..<2000).map { "w\($0 * 7 % 1000) known" }
        let corpus = try ParallelCorpus(
            source: folder.file("s", lines.joined(separator: "\n")),
            target: folder.file("t", lines.joined(separator: "\n")))
        let cache = try open(
            encoding(corpus) {
                $0.columns = textColumns(100, 100, keepsSpellings: true)
                $0.encode = { fields in
                    .example(
                        Example(source: [-1, 5], target: [1]),
                        spellings: [String(fields[0].text.split(separator: " ")[0])])
                }
            }, threads: Self.threads)
        #expect(cache.unknownWords == (0..<1000).map { "w\($0 * 7 % 1000)" })
        #expect(
            try pairs(cache).map(\.source)
                == (0..<2000).map { [Int32(100 + $0 % 1000), 5] })
    }

    @Test func `columns of any number and type come back`() throws {
        let corpus = try ParallelCorpus(
            source: folder.file("s", "a\nb c\nd\n"), target: folder.file("t", "x\ny z\nw\n"))
        let columns: [ColumnDescription] = [
            .vectors("sound", width: 2, role: .input),
            .text("text", vocabulary: 9, role: .output),
            .ids("tags", vocabulary: 65_535, role: .output),
            .ids("intent", vocabulary: 65_536, role: .output),
        ]
        let examples = [
            Example([
                .vectors([0.5, -1, .infinity, 3e-30], width: 2), .ids([8]), .ids([65_534, -1]),
                .ids([-1]),
            ]),
            Example([.vectors([1, 2], width: 2), .ids([1, 2, 3]), .ids([0]), .ids([65_535])]),
        ]
        let cache = try open(
            encoding(corpus) {
                $0.columns = columns
                $0.encode = { fields in
                    switch fields[0].text {
                    case "a": .example(examples[0])
                    case "d": .dropped(.short)
                    default: .example(examples[1])
                    }
                }
            })
        #expect(try pairs(cache) == examples)
        #expect(cache.columns == columns)
        #expect(cache.steps == [3, 4, 3, 2])
        #expect(try cache.lengths(of: 0) == [2, 1, 2, 1])
        #expect(cache.report.shortDropped == 1)
        // Three of the columns have ids or vectors of 4 bytes, or 16 in all for two numbers of a vector.
        let bytes = try Data(contentsOf: URL(filePath: place() + "/pairs"))
        #expect(bytes.count == 2 * 4 + 3 * 8 + 4 * 2 + 3 * 2 + 2 * 4)
    }

    @Test func `limits of length are those of text`() throws {
        let corpus = try ParallelCorpus(
            source: folder.file("s", "a b c\na\n"), target: folder.file("t", "x\ny z w v\n"))
        let cache = try open(
            encoding(corpus) {
                $0.columns[1] = .ids("tags", vocabulary: 100, role: .output)
                $0.maximumLength = 2
                $0.filters.maximumRatio = 1
            })
        #expect(cache.report.overlongDropped == 1)
        #expect(try pairs(cache) == [Example(source: [1], target: [1, 1, 1, 1])])
    }

    // MARK: Keys

    @Test func `a cache is built once for the same content`() throws {
        let corpus = try corpus(20)
        #expect(try isBuilt(encoding(corpus)))
        #expect(try !isBuilt(encoding(corpus)))
        let moved = try ParallelCorpus(
            source: folder.file("moved", Data(contentsOf: URL(filePath: folder.path("s")))),
            target: folder.path("t"))
        #expect(try !isBuilt(encoding(moved)))
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path("cache")).count == 1)
    }

    @Test func `other content, limits, filters or tokenizers have another cache`() throws {
        let corpus = try corpus(20)
        let ones = try folder.file("ones", String(repeating: "1\n", count: 20))
        let empty = try folder.file("none", String(repeating: "\n", count: 20))
        let changes: [(inout CorpusEncoding) -> Void] = [
            { _ in }, { $0.maximumLength = 3 }, { $0.tokenizers = "others" },
            { $0.filters.minimumLength = 2 }, { $0.filters.dropsDuplicates = true },
            { $0.filters.maximumRatio = 2 }, { $0.filters.sourceScript = "Latin" },
            { $0.weights = ones }, { $0.alignment = empty }, { $0.columns[0].vocabulary = 50 },
            { $0.corpus = ParallelCorpus(source: corpus.paths[1], target: corpus.paths[0]) },
        ]
        for change in changes { #expect(try isBuilt(encoding(corpus, change))) }
        for change in changes { #expect(try !isBuilt(encoding(corpus, change))) }
        let path = folder.path("t")
        let text = try folder.text("t")
        _ = try folder.file("t", "changed" + text.dropFirst(7))
        #expect(try isBuilt(encoding(corpus)))
        try FileManager.default.removeItem(atPath: path)
        #expect(throws: Seq2SeqError.self) { try isBuilt(encoding(corpus)) }
    }

    @Test func `a file that has not been touched is not read again`() throws {
        let corpus = try corpus(20)
        let path = corpus.paths[0]
        func setAge(_ seconds: Double) throws {
            let date = Date(timeIntervalSince1970: 1_700_000_000 + seconds)
            try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: path)
        }
        try setAge(0)
        #expect(try isBuilt(encoding(corpus)))
        // Other content of the same size and time cannot be told apart, other times can.
        let text = try folder.text("s")
        _ = try folder.file("s", "z" + text.dropFirst())
        try setAge(0)
        #expect(try !isBuilt(encoding(corpus)))
        try setAge(1)
        #expect(try isBuilt(encoding(corpus)))
    }

    @Test func `files written just now are hashed each time`() throws {
        let corpus = try corpus(20)
        let (old, new) = (Date(timeIntervalSince1970: 1_700_000_000), Date() + 3600)
        for (path, date) in zip(corpus.paths, [old, new]) {
            try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: path)
        }
        #expect(try isBuilt(encoding(corpus)))
        #expect(try CacheManifest(place()).files.map(\.modified) == [1_700_000_000_000_000_000])
    }

    // MARK: Damage

    @Test(arguments: ["manifest.json", "index", "pairs"])
    func `a cut, changed or missing file has the cache built anew`(name: String) throws {
        let corpus = try corpus(50)
        let expected = try pairs(open(encoding(corpus)))
        let path = try "\(place())/\(name)"
        let whole = try Data(contentsOf: URL(filePath: path))
        for content in [whole.dropLast(), whole + [0], Data(), nil] {
            if let content {
                try Data(content).write(to: URL(filePath: path))
            } else {
                try FileManager.default.removeItem(atPath: path)
            }
            #expect(try isBuilt(encoding(corpus)))
            #expect(try pairs(open(encoding(corpus))) == expected)
        }
    }

    @Test func `a manifest that was changed does not count`() throws {
        let corpus = try corpus(50)
        _ = try open(encoding(corpus))
        let path = try "\(place())/manifest.json"
        let text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
        for (old, new) in [
            ("\"kept\" : 50", "\"kept\" : 49"), ("\"version\" : 2", "\"version\" : 1"),
        ] {
            try #require(text.contains(old))
            try Data(text.replacing(old, with: new).utf8).write(to: URL(filePath: path))
            #expect(try isBuilt(encoding(corpus)))
        }
    }

    @Test func `a changed byte is an error, never a wrong token`() throws {
        let corpus = try corpus(30)
        _ = try open(encoding(corpus))
        let place = try place()
        for name in ["pairs", "index"] {
            let path = "\(place)/\(name)"
            let whole = try Data(contentsOf: URL(filePath: path))
            let expected = try pairs(open(encoding(corpus)))
            for offset in stride(from: 0, to: min(whole.count, 300), by: 3) {
                var damaged = whole
                damaged[offset] ^= 0x81
                try damaged.write(to: URL(filePath: path))
                let cache = try ExampleCache(contentsOf: place)
                var errors = 0
                for number in 0..<cache.count {
                    do {
                        if try cache.example(number) != expected[number] {
                            Issue.record("\(number)")
                        }
                    } catch let error as Seq2SeqError where error.kind == .badData { errors += 1 }
                }
                #expect(errors > 0, "\(name) \(offset)")
            }
            try whole.write(to: URL(filePath: path))
        }
    }

    @Test func `a file cut short while it is open is an error`() throws {
        let corpus = try corpus(30)
        let cache = try open(encoding(corpus))
        #expect(truncate(try "\(place())/pairs", 100) == 0)
        let error = #expect(throws: Seq2SeqError.self) { try cache.example(29) }
        #expect(error?.kind == .badData)
        #expect(error?.reason.contains("ends before byte") == true)
    }

    @Test func `what a killed process has left is deleted`() throws {
        _ = try folder.file("unrelated", "")
        try FileManager.default.createDirectory(
            atPath: folder.path("cache/.0123456789abcdef.tag.partial"),
            withIntermediateDirectories: true)
        try Data([1]).write(
            to: URL(filePath: folder.path("cache/.0123456789abcdef.tag.partial/pairs")))
        _ = try open(encoding(corpus(5)))
        _ = try place()
    }

    @Test func `a builder that is killed leaves nothing that counts`() async throws {
        let corpus = try corpus(3000)
        let (paths, place) = (corpus.paths, folder.path("cache"))
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [paths = paths as [String], place = place as String] in
            let encoding = CorpusEncoding(
                ParallelCorpus(source: paths[0], target: paths[1]),
                columns: textColumns(100, 100), maximumLength: 100, tokenizers: "lengths"
            ) { .example(Example(source: ids($0[0].text)[...], target: ids($0[1].text)[...])) }
            _ = try ExampleCache.open(encoding, in: place) {
                if $0.pairs > 1000 { kill(getpid(), SIGKILL) }
            }
        }
        let left = try FileManager.default.contentsOfDirectory(atPath: place)
        #expect(left.count == 1 && left[0].hasSuffix(".partial"))
        #expect(try isBuilt(encoding(corpus)))
        #expect(try !self.place().hasSuffix(".partial"))
        #expect(try open(encoding(corpus)).count == 3000)
    }

    @Test func `several builders at once do no harm`() throws {
        let corpus = try corpus(2000)
        let expected = try pairs(open(encoding(corpus), in: "other"))
        let results = Mutex<[[Example]]>([])
        let (encoding, path) = (encoding(corpus), folder.path("cache"))
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            if let found = try? pairs(ExampleCache.open(encoding, in: path)) {
                results.withLock { $0.append(found) }
            }
        }
        #expect(results.withLock { $0 } == [expected, expected, expected, expected])
        _ = try place()
    }

    // MARK: Filters

    @Test func `each filter drops and counts`() throws {
        let sources = ["a b", "a", "a b c d e f", "same same", "a b", "x y", "123 4", "щ щ", " "]
        let targets = ["c d", "d e", "g h", "same same", "c d", "z z", "5 678", "c d", "x"]
        let corpus = try ParallelCorpus(
            source: folder.file("s", sources.joined(separator: "\n")),
            target: folder.file("t", targets.joined(separator: "\n")))
        let cache = try open(
            encoding(corpus) {
                $0.maximumLength = 6
                $0.filters.minimumLength = 2
                $0.filters.maximumRatio = 2
                $0.filters.dropsDuplicates = true
                $0.filters.dropsIdentical = true
                $0.isInScript = { source, _ in !source.contains("щ") }
            })
        #expect(
            cache.report.description.hasSuffix(
                ": 9 pairs read, 3 kept, 1 empty and 0 overlong dropped; filtered: 1 too short, 1 of unequal length, 1 with identical sides, 1 in another script, 1 duplicate"
            ))
        #expect(cache.count == 3)
        let error = #expect(throws: Seq2SeqError.self) {
            try open(encoding(corpus) { $0.filters.minimumLength = 7 })
        }
        #expect(error?.remedy == "relax the filters")
    }

    // MARK: Errors

    @Test func `the first error of the corpus is thrown, whatever the threads`() throws {
        struct Refusal: Error, Equatable { var line: String }
        let lines = (0..<5000).map(String.init).joined(separator: "\n")
        let corpus = try ParallelCorpus(
            source: folder.file("s", lines), target: folder.file("t", lines))
        for _ in 0..<10 {
            let error = #expect(throws: Refusal.self) {
                try open(
                    encoding(corpus) {
                        $0.encode = { fields in
                            let number = Int(fields[0].text) ?? 0
                            if number >= 700, number % 100 == 0 {
                                throw Refusal(line: fields[0].text)
                            }
                            return .example(Example(source: [1], target: [1]))
                        }
                    }, threads: Self.threads)
            }
            #expect(error?.line == "700")
        }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path("cache")).isEmpty)
    }

    @Test func `a bad line is reported after what stands before it`() throws {
        let corpus = try ParallelCorpus(
            source: folder.file("s", Array("a\nb\n".utf8) + [0xFF, 0x0A]),
            target: folder.file("t", "a\nb\nc\n"))
        let error = #expect(throws: Seq2SeqError.self) { try open(encoding(corpus)) }
        #expect(error?.path == folder.path("s"))
        #expect(error?.line == 3)
    }

    @Test func `weights and alignments must have a good line for each pair`() throws {
        let corpus = try ParallelCorpus(
            source: folder.file("s", "a\nb\n"), target: folder.file("t", "a\nb\n"))
        func error(_ text: String, _ file: WritableKeyPath<CorpusEncoding, String>) throws
            -> Seq2SeqError?
        {
            let path = try folder.file("side", text)
            return #expect(throws: Seq2SeqError.self) {
                try open(encoding(corpus) { $0[keyPath: file] = path })
            }
        }
        for (text, reason) in [
            ("1\n", "has 1 lines, but the corpus has a pair in line 2"),
            ("1\n2\n3\n4\n", "has 4 lines, but the corpus has 2 pairs"),
            ("1\nmuch\n", "much is no weight"), ("1\n-1\n", "-1 is no weight"),
            ("nan\n1\n", "nan is no weight"), ("1\n\n", " is no weight"),
            ("1 2\n\n", "1 2 is no weight"),
        ] {
            let error = try error(text, \.weights)
            #expect(error?.kind == .badData && error?.path == folder.path("side"))
            #expect(error?.reason == reason)
        }
        let long = try error("0-0\n0-0\n0-0\n", \.alignment)
        #expect(long?.reason == "has 3 lines, but the corpus has 2 pairs")
    }

    @Test func `an error of the caller ends the building and leaves nothing`() throws {
        struct Stop: Error {}
        let corpus = try corpus(3000)
        #expect(throws: Stop.self) {
            try ExampleCache.open(encoding(corpus), in: folder.path("cache"), threads: Self.threads)
            {
                #expect((0...1).contains($0.share))
                if $0.pairs > 1000 { throw Stop() }
            }
        }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path("cache")).isEmpty)
    }

    @Test func `a folder that cannot be made is named`() throws {
        let corpus = try corpus(3)
        let file = try folder.file("file", "")
        let error = #expect(throws: Seq2SeqError.self) {
            try ExampleCache.open(encoding(corpus), in: "\(file)/cache")
        }
        #expect(error?.kind == .cannotWrite)
        #expect(error?.remedy?.contains("data.cache") == true)
    }
}
