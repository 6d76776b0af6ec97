public import SeqFiles

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
import SeqText

/// How far the building of a cache has come.
public struct CacheProgress: Sendable {
    /// The number of pairs read.
    public var pairs: Int
    /// The share of the files that is read, from 0 to 1.
    public var share: Double
}

/// The threads that build caches.
public struct CacheThreads: Sendable {
    /// How many there are.
    public var count: Int
    /// Runs a body once for each thread, all at the same time, and returns when all have returned.
    public var run: @Sendable (_ count: Int, _ body: @escaping @Sendable (Int) -> Void) -> Void

    /// Creates a description of threads.
    public init(
        count: Int,
        run: @escaping @Sendable (_ count: Int, _ body: @escaping @Sendable (Int) -> Void) -> Void
    ) {
        self.count = count
        self.run = run
    }

    /// The calling thread alone.
    public static let one = CacheThreads(count: 1) { _, body in body(0) }
}

extension ExampleCache {
    /// Opens the cache of a corpus, which is built first unless it is there and whole.
    ///
    /// Several processes may do so at once: each builds its own aside, and the last one that is done puts
    /// it in the place of an equal one.
    ///
    /// - Parameters:
    ///   - encoding: The corpus, and how it is encoded.
    ///   - folder: The folder of caches, each of which has a folder in it named after its key; made if
    ///     need be.
    ///   - hashes: The hashes of files that have just been read, by path; others are hashed, unless a
    ///     cache in the folder knows a file of the same path, size and time of writing.
    ///   - threads: The threads that encode.
    ///   - progress: Told how far building has come, by one thread at a time; what it throws ends the
    ///     building.
    ///   - damaged: Told what is wrong with a cache that is there and not whole, before it is built anew.
    /// - Throws: ``Seq2SeqError`` when the corpus cannot be read, or the cache cannot be written.
    public static func open(
        _ encoding: CorpusEncoding, in folder: String, hashes: [String: String] = [:],
        threads: CacheThreads = .one,
        progress: @escaping (CacheProgress) throws -> Void = { _ in },
        damaged: (Seq2SeqError) -> Void = { _ in }
    ) throws -> ExampleCache {
        removeLeftovers(in: folder)
        let known = names(inFolder: folder).flatMap { name in
            (try? CacheManifest("\(folder)/\(name)"))?.files ?? []
        }
        let files = try encoding.paths.map { try FileStamp($0, known: known, hash: hashes[$0]) }
        let manifest = CacheManifest(encoding, files: files)
        let path = "\(folder)/\(manifest.key.prefix(32))"
        func build() throws {
            try makeFolder(folder)
            try AtomicFolder.replace(path) { aside in
                try ExampleCacheBuilder(encoding, manifest, folder: aside)
                    .build(files: files, threads: threads, progress: progress)
            }
        }
        func whole() throws -> ExampleCache {
            let cache = try ExampleCache(contentsOf: path)
            try cache.check()
            return cache
        }
        do {
            let found = try whole()
            if found.key == manifest.key { return found }
        } catch let error as Seq2SeqError {
            // What an earlier version has made is no damage.
            let isKnown = (try? CacheManifest(path))?.indexChecksum != nil
            if error.kind == .badData, isKnown { damaged(error) }
        }
        try build()
        // Between the openings of two of its files another process may put an equal cache there.
        if let built = try? whole() { return built }
        try build()
        return try whole()
    }

    private static func makeFolder(_ folder: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw Seq2SeqError(
                .cannotWrite, path: folder, reason: "cannot create the folder of caches",
                remedy: "set data.cache to a folder that can be written")
        }
    }

    /// Deletes what killed processes have left of caches that may never be asked for again.
    private static func removeLeftovers(in folder: String) {
        for name in names(inFolder: folder) where name.hasPrefix(".") {
            let original = name.dropFirst().prefix { $0 != "." }
            AsideEntry.removeLeftovers(folder: folder, name: String(original))
        }
    }
}

/// Reads a corpus, encodes it on several threads, and writes the files of its cache.
///
/// The pipeline calls `nextChunk` from one thread at a time, and `write` from one thread at a time, but the
/// two beside each other: what the one changes the other does not touch.
private final class ExampleCacheBuilder {
    private let encoding: CorpusEncoding
    private var manifest: CacheManifest
    private let folder: String

    private let reader: any ExampleReader
    private let alignments: SideFile?
    private let weights: SideFile?

    private let index: FileWriter
    private let pairs: FileWriter
    private var indexBytes: [UInt8] = []
    private var pairBytes: [UInt8] = []
    private var wordNumbers: [String: Int] = [:]
    private var words: [String] = []
    private var seen: Set<UInt64> = []
    private var hasWeightAboveZero = false

    /// The number of pairs that a thread takes at a time.
    private static let chunkSize = 512
    private static let bufferSize = 1 << 20

    init(_ encoding: CorpusEncoding, _ manifest: CacheManifest, folder: String) throws {
        self.encoding = encoding
        self.manifest = manifest
        self.folder = folder
        reader = try encoding.corpus.reader()
        alignments = try SideFile(path: encoding.alignment)
        weights = try SideFile(path: encoding.weights)
        index = try FileWriter("\(folder)/\(CacheManifest.index)")
        pairs = try FileWriter("\(folder)/\(CacheManifest.pairs)")
    }

    func build(
        files: [FileStamp], threads: CacheThreads,
        progress: @escaping (CacheProgress) throws -> Void
    ) throws {
        let paths = encoding.corpus.paths
        let size = max(1, files.prefix(paths.count).reduce(0) { $0 + $1.size })
        let encoding = encoding
        let pipeline = OrderedPipeline(
            next: { try self.nextChunk() },
            transform: { (chunk: Chunk) in
                EncodedChunk(
                    records: try chunk.records.map { record in
                        let hash =
                            encoding.filters.dropsDuplicates
                            ? CorpusEncoding.hash(record.fields) : 0
                        return (try encoding.encoded(record), hash)
                    }, failure: chunk.failure,
                    share: Double(chunk.bytesRead) / Double(size))
            },
            consume: { chunk in
                try self.write(chunk.records)
                if let failure = chunk.failure { throw failure }
                try progress(CacheProgress(pairs: self.manifest.report.read, share: chunk.share))
            })
        threads.run(threads.count) { _ in pipeline.work() }
        try pipeline.finish()
        try alignments?.end(pairs: manifest.report.read)
        try weights?.end(pairs: manifest.report.read)
        manifest.report.files = reader.fingerprints
        guard reader.fingerprints.map(\.sha256) == files.prefix(paths.count).map(\.sha256)
        else {
            throw Seq2SeqError(
                .badData, path: paths[0], reason: "the corpus was changed while it was read",
                remedy: "start again when it is complete")
        }
        try manifest.report.checkSomeKept()
        guard !manifest.hasWeights || hasWeightAboveZero else {
            throw Seq2SeqError(
                .badData, path: encoding.weights,
                reason: "the weights of all pairs are 0: there is nothing to learn from",
                remedy: "give some pairs a weight above 0")
        }
        try finish()
    }

    private struct Chunk {
        var records: [Record] = []
        /// What ended the reading behind these records.
        var failure: (any Error)?
        var bytesRead = 0
    }

    private struct EncodedChunk {
        /// What became of each record, and its hash where duplicates are dropped.
        var records: [(record: EncodedRecord, hash: UInt64)]
        var failure: (any Error)?
        var share: Double
    }

    private func nextChunk() throws -> Chunk? {
        var chunk = Chunk()
        do {
            while chunk.records.count < Self.chunkSize, var record = try reader.next() {
                record.alignment = alignments.map { file in Result { try file.next() } }
                record.weight = weights.map { file in Result { try file.next() } }
                chunk.records.append(record)
            }
        } catch { chunk.failure = error }
        chunk.bytesRead = reader.storedBytesRead
        return chunk.records.isEmpty && chunk.failure == nil ? nil : chunk
    }

    private func write(_ records: [(record: EncodedRecord, hash: UInt64)]) throws {
        for (record, hash) in records {
            switch record {
            case .dropped(let problem): manifest.report.count(problem)
            case .example(let example, let spellings):
                if encoding.filters.dropsDuplicates, !seen.insert(hash).inserted {
                    manifest.report.count(.duplicate)
                } else {
                    manifest.report.count(nil)
                    append(example, spellings)
                }
            }
        }
        if pairBytes.count >= Self.bufferSize { try flush() }
    }

    private func append(_ example: Example, _ spellings: [String]) {
        let lengths = example.columns.map(\.count)
        appendEntry(lengths)
        for (column, length) in lengths.enumerated() { manifest.steps[column] += length }
        if example.weight > 0 { hasWeightAboveZero = true }
        let start = pairBytes.count
        append(0, width: 4)
        if manifest.hasWeights { append(example.weight.bitPattern, width: 4) }
        for (column, description) in zip(example.columns, manifest.columns) {
            append(column, description, spellings)
        }
        let checksum = pairBytes.withUnsafeBytes {
            CacheBytes.checksum(UnsafeRawBufferPointer(rebasing: $0[start...]), lengths: lengths)
        }
        withUnsafeBytes(of: checksum.littleEndian) {
            pairBytes.replaceSubrange(start..<start + 4, with: $0)
        }
        manifest.pairsSize += pairBytes.count - start
    }

    private func append(
        _ column: Column, _ description: ColumnDescription, _ spellings: [String]
    ) {
        let width = description.bytesPerStep
        switch column {
        case .ids(let ids):
            precondition(description.type == .ids, "\(description.name): ids for vectors")
            for id in ids {
                var id = id
                if description.keepsSpellings, id < 0 {
                    id = Int32(description.vocabulary + number(of: spellings[-1 - Int(id)]))
                } else {
                    precondition(
                        id >= -1 && Int(id) < description.vocabulary,
                        "\(description.name): id \(id) of \(description.vocabulary)")
                }
                append(UInt32(bitPattern: id), width: width)
            }
        case .vectors(let numbers, let size):
            precondition(
                description.type == .vectors && size == description.width,
                "\(description.name): vectors of \(size) for \(description)")
            for number in numbers { append(number.bitPattern, width: 4) }
        }
    }

    private func appendEntry(_ lengths: [Int]) {
        for (number, width) in [(manifest.pairsSize, 8)] + lengths.map({ ($0, 4) }) {
            withUnsafeBytes(of: UInt64(number).littleEndian) {
                indexBytes.append(contentsOf: $0.prefix(width))
            }
        }
        manifest.indexSize += manifest.indexEntrySize
    }

    private func append(_ number: UInt32, width: Int) {
        withUnsafeBytes(of: number.littleEndian) {
            pairBytes.append(contentsOf: $0.prefix(width))
        }
    }

    /// The number of a word that a vocabulary lacks; a new one gets the next.
    private func number(of word: String) -> Int {
        if let number = wordNumbers[word] { return number }
        wordNumbers[word] = words.count
        words.append(word)
        return words.count - 1
    }

    private func flush() throws {
        try pairBytes.withUnsafeBytes { try pairs.write($0) }
        try indexBytes.withUnsafeBytes {
            try index.write($0)
            manifest.indexChecksum = CRC32C.checksum($0, after: manifest.indexChecksum ?? 0)
        }
        pairBytes.removeAll(keepingCapacity: true)
        indexBytes.removeAll(keepingCapacity: true)
    }

    private func finish() throws {
        appendEntry(manifest.columns.map { _ in 0 })
        try flush()
        try pairs.close()
        try index.close()
        if !words.isEmpty {
            manifest.wordCount = words.count
            let text = words.map { $0 + "\n" }.joined()
            manifest.wordsChecksum = CRC32C.checksum(text.utf8)
            try AtomicFile.write(text, to: "\(folder)/\(CacheManifest.words)")
        }
        try manifest.write(to: folder)
    }
}
