import SeqFiles

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A corpus as examples in files, of which nothing is in memory but what is asked for.
///
/// A folder with three files, and a fourth where a column keeps the spellings of unknown words:
///
/// - `manifest.json`: the key, the columns, the sizes of the other files, the checksums (CRC-32C) of `index`
///   and `words`, and what became of the records;
/// - `index`: for each example, little-endian: where it starts in `pairs` (64 bits) and the number of steps
///   of each column (32 bits each); then the end of `pairs`, and zeros for the lengths;
/// - `pairs`: for each example a checksum (32 bits), its weight (32 bits, where weights are given), and its
///   columns one after the other: ids of 16 bits where the vocabulary allows it, else of 32, with all bits
///   set for -1; vectors as numbers of 32 bits (IEEE 754);
/// - `words`: the words that a vocabulary lacks, one a line.
///
/// Examples are read with `pread` and not mapped: pages of a mapping count as memory of the process, and a
/// file that is cut short under a mapping kills it.
public final class ExampleCache: Sendable {
    /// What became of the records when they were read.
    public let report: CorpusReport
    /// The words with the ids from the size of the vocabulary on, in columns that keep spellings.
    public let unknownWords: [String]

    private let folder: String
    private let manifest: CacheManifest
    private let index: RandomAccessFile
    private let pairs: RandomAccessFile

    static let formatVersion = 2

    /// Opens a cache.
    ///
    /// - Parameter folder: Its folder.
    /// - Throws: ``Seq2SeqError`` when a file is missing, or has not the size that it should have.
    init(contentsOf folder: String) throws {
        self.folder = folder
        manifest = try CacheManifest(folder)
        report = manifest.report
        index = try RandomAccessFile("\(folder)/\(CacheManifest.index)", size: manifest.indexSize)
        pairs = try RandomAccessFile("\(folder)/\(CacheManifest.pairs)", size: manifest.pairsSize)
        let (entries, rest) = manifest.indexSize.quotientAndRemainder(
            dividingBy: manifest.indexEntrySize)
        guard rest == 0, report.kept >= 0, entries - 1 == report.kept else {
            throw index.damaged("is not that of \(report.kept) pairs")
        }
        unknownWords =
            manifest.wordCount == 0
            ? [] : try TextLineReader.lines(path: "\(folder)/\(CacheManifest.words)")
        guard unknownWords.count == manifest.wordCount else {
            throw index.damaged("lacks words")
        }
    }

    /// Compares what has no checksum in it with those of the manifest; pairs have theirs, which are compared
    /// when they are read.
    ///
    /// - Throws: ``Seq2SeqError`` when a file cannot be read or is damaged.
    func check() throws {
        guard try index.checksum() == manifest.indexChecksum else {
            throw index.damaged("is damaged: its checksum is another one")
        }
        guard manifest.wordCount > 0 else { return }
        let words = FileManager.default.contents(atPath: "\(folder)/\(CacheManifest.words)")
        guard CRC32C.checksum(words ?? Data()) == manifest.wordsChecksum else {
            throw index.damaged("is damaged: the checksum of its words is another one")
        }
    }

    /// The number of examples.
    public var count: Int { report.kept }

    /// What the columns of the examples hold.
    public var columns: [ColumnDescription] { manifest.columns }

    /// The number of steps of all examples together, for each column.
    public var steps: [Int] { manifest.steps }

    /// The hash of all that decides what is in the cache: the content of the corpus, the tokenizers, the
    /// limits and filters.
    public var key: String { manifest.key }

    /// Returns the number of steps of each column of an example.
    ///
    /// - Throws: ``Seq2SeqError`` when the file cannot be read.
    public func lengths(of example: Int) throws -> [Int] { try entry(example).lengths }

    /// Returns an example.
    ///
    /// - Throws: ``Seq2SeqError`` when the file cannot be read or is damaged.
    public func example(_ number: Int) throws -> Example {
        let (places, lengths) = try entry(number)
        return try withUnsafeTemporaryAllocation(byteCount: places.count, alignment: 8) { bytes in
            try pairs.read(into: bytes, at: places.lowerBound)
            var reader = CacheBytes(UnsafeRawBufferPointer(bytes))
            let checksum = CacheBytes.checksum(UnsafeRawBufferPointer(bytes), lengths: lengths)
            guard reader.integer(4) == Int(checksum) else {
                throw pairs.damaged("is damaged at pair \(number + 1)")
            }
            let weight = manifest.hasWeights ? Float(bitPattern: UInt32(reader.integer(4))) : 1
            return Example(
                zip(manifest.columns, lengths).map { reader.column($0, steps: $1) },
                weight: weight)
        }
    }

    /// What the index says of an example, which is within the file of examples.
    private func entry(_ number: Int) throws -> (places: Range<Int>, lengths: [Int]) {
        precondition((0..<report.kept).contains(number), "example \(number) of \(report.kept)")
        let size = manifest.indexEntrySize
        let (start, lengths, end) = try withUnsafeTemporaryAllocation(
            byteCount: size + 8, alignment: 8
        ) { bytes in
            try index.read(into: bytes, at: number * size)
            var reader = CacheBytes(UnsafeRawBufferPointer(bytes))
            let start = reader.integer(8)
            let lengths = manifest.columns.map { _ in reader.integer(4) }
            return (start, lengths, reader.integer(8))
        }
        // Lengths have 32 bits, so that nothing overflows.
        let content = zip(manifest.columns, lengths).reduce(manifest.hasWeights ? 8 : 4) {
            $0 + $1.0.bytesPerStep * $1.1
        }
        guard start >= 0, start <= end, end <= manifest.pairsSize, end - start == content else {
            throw index.damaged("is damaged at pair \(number + 1)")
        }
        return (start..<end, lengths)
    }
}

/// The numbers of a cache file, little-endian.
struct CacheBytes {
    private let bytes: UnsafeRawBufferPointer
    private var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// The next number, of 2, 4 or 8 bytes.
    mutating func integer(_ width: Int) -> Int {
        defer { offset += width }
        switch width {
        case 2:
            return Int(
                UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self)))
        case 4:
            return Int(
                UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
        default:
            return Int(
                truncatingIfNeeded: UInt64(
                    littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
        }
    }

    /// The next steps of a column.
    mutating func column(_ description: ColumnDescription, steps: Int) -> Column {
        switch description.type {
        case .ids:
            var ids: [Int32] = []
            ids.reserveCapacity(steps)
            let width = description.bytesPerStep
            for _ in 0..<steps {
                let number = integer(width)
                ids.append(
                    width == 2 && number == 0xFFFF ? -1 : Int32(truncatingIfNeeded: number))
            }
            return .ids(ids[...])
        case .vectors:
            let numbers = (0..<steps * description.width).map { _ in
                Float(bitPattern: UInt32(truncatingIfNeeded: integer(4)))
            }
            return .vectors(numbers, width: description.width)
        }
    }

    /// The 32-bit FNV-1a hash of what follows the first 4 bytes of an example, and of its lengths.
    static func checksum(_ bytes: UnsafeRawBufferPointer, lengths: [Int]) -> UInt32 {
        var hash = FNV1a32()
        for length in lengths { hash.add(word: UInt32(truncatingIfNeeded: length)) }
        for byte in bytes.dropFirst(4) { hash.add(word: UInt32(byte)) }
        return hash.value
    }
}

/// What the folder of a cache holds.
struct CacheManifest: Codable {
    static let index = "index"
    static let pairs = "pairs"
    static let words = "words"
    private static let name = "manifest.json"

    var version = ExampleCache.formatVersion
    var key: String
    var files: [FileStamp]
    var report = CorpusReport()
    var indexSize = 0
    var pairsSize = 0
    var wordCount = 0
    /// The number of steps of each column.
    var steps: [Int]
    /// That of the index; nil in caches of version 0.1, which are built anew.
    var indexChecksum: UInt32?
    /// That of the words, where there are some.
    var wordsChecksum: UInt32?
    /// The columns, in their order.
    var columns: [ColumnDescription]
    /// The bytes of a step of each column.
    var bytesPerStep: [Int]
    var hasWeights: Bool
    /// The hash of everything else.
    var checksum = ""

    private enum CodingKeys: String, CodingKey {
        case version, key, files, report
        case indexSize = "index_size"
        case pairsSize = "pairs_size"
        case wordCount = "word_count"
        case steps, columns
        case bytesPerStep = "bytes_per_step"
        case indexChecksum = "index_crc32c"
        case wordsChecksum = "words_crc32c"
        case hasWeights = "has_weights"
        case checksum
    }

    /// Creates the manifest of a cache that is still empty.
    init(_ encoding: CorpusEncoding, files: [FileStamp]) {
        key = encoding.key(files)
        self.files = files.filter(\.isSettled)
        columns = encoding.cachedColumns
        bytesPerStep = columns.map(\.bytesPerStep)
        steps = columns.map { _ in 0 }
        hasWeights = !encoding.weights.isEmpty
    }

    /// The bytes of an example in the index.
    var indexEntrySize: Int { 8 + 4 * columns.count }

    /// Reads the manifest in a folder.
    init(_ folder: String) throws {
        let path = "\(folder)/\(Self.name)"
        guard let data = try SmallFile.contents(path) else {
            throw Seq2SeqError(.missingInput, path: path, reason: "missing or not readable")
        }
        guard let found = try? JSONDecoder().decode(CacheManifest.self, from: data),
            try found.checksum == found.hash(), found.version == ExampleCache.formatVersion
        else {
            throw Seq2SeqError(
                .badData, path: path, reason: "is damaged", remedy: "delete the folder")
        }
        self = found
    }

    /// Writes the manifest into a folder.
    func write(to folder: String) throws {
        var complete = self
        complete.checksum = try hash()
        try AtomicFile.write(complete.encoded(), to: "\(folder)/\(Self.name)")
    }

    private func hash() throws -> String {
        var rest = self
        rest.checksum = ""
        var hash = ContentHash()
        hash.update(try Array(rest.encoded()))
        return hash.hexadecimal
    }

    private func encoded() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }
}

/// A file of known size that is read at any place.
private final class RandomAccessFile: Sendable {
    private let path: String
    private let size: Int
    private let descriptor: Int32

    init(_ path: String, size: Int) throws {
        self.path = path
        self.size = size
        descriptor = retryingInterrupts { open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        var information = stat()
        guard descriptor >= 0, fstat(descriptor, &information) == 0 else {
            throw Seq2SeqError(
                .missingInput, path: path, reason: "cannot open: \(systemMessage(errno))")
        }
        guard Int(information.st_size) == size else {
            throw damaged("has \(information.st_size) bytes instead of \(size)")
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Fills a buffer from a place of the file.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws {
        var filled = 0
        while filled < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
            let count = retryingInterrupts {
                pread(descriptor, rest.baseAddress, rest.count, off_t(offset + filled))
            }
            if count < 0 {
                throw Seq2SeqError(
                    .missingInput, path: path, reason: "cannot read: \(systemMessage(errno))")
            }
            if count == 0 { throw damaged("ends before byte \(offset + buffer.count)") }
            filled += count
        }
    }

    /// The CRC-32C of the whole file.
    func checksum() throws -> UInt32 {
        var checksum: UInt32 = 0
        try withUnsafeTemporaryAllocation(byteCount: min(size, 1 << 18), alignment: 8) { buffer in
            for start in stride(from: 0, to: size, by: max(1, buffer.count)) {
                let part = UnsafeMutableRawBufferPointer(
                    rebasing: buffer[..<min(buffer.count, size - start)])
                try read(into: part, at: start)
                checksum = CRC32C.checksum(UnsafeRawBufferPointer(part), after: checksum)
            }
        }
        return checksum
    }

    func damaged(_ reason: String) -> Seq2SeqError {
        Seq2SeqError(
            .badData, path: path, reason: "the file of the cache \(reason)",
            remedy: "delete its folder, then it is built anew")
    }
}
