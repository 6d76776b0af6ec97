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

/// A corpus as token ids in files, of which nothing is in memory but what is asked for.
///
/// A folder with three files, and a fourth for models that know words by their characters:
///
/// - `manifest.json`: the key, the sizes of the other files, the checksums (CRC-32C) of `index` and `words`,
///   and what became of the pairs;
/// - `index`: for each pair 16 bytes, little-endian: where it starts in `pairs` (64 bits), the lengths
///   of source and target (32 bits each); then the end of `pairs`;
/// - `pairs`: for each pair a checksum (32 bits), its weight (32 bits, where weights are given), the ids
///   of its source, of its target and of what may be copied, and its links; ids have 16 bits where the
///   vocabulary allows it, else 32;
/// - `words`: the words that the source vocabulary lacks, one a line.
///
/// Pairs are read with `pread` and not mapped: pages of a mapping count as memory of the process, and a
/// file that is cut short under a mapping kills it.
public final class TokenCache: Sendable {
    /// What became of the pairs when they were read.
    public let report: CorpusReport
    /// The words with the ids from the size of the source vocabulary on.
    public let unknownWords: [String]

    private let folder: String
    private let manifest: CacheManifest
    private let index: RandomAccessFile
    private let pairs: RandomAccessFile

    static let formatVersion = 1
    static let indexEntrySize = 16

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
            dividingBy: Self.indexEntrySize)
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

    /// The number of pairs.
    public var count: Int { report.kept }

    /// The number of target tokens of all pairs, without end symbols.
    public var targetTokens: Int { manifest.targetTokens }

    /// The hash of all that decides what is in the cache: the content of the corpus, the tokenizers, the
    /// limits and filters.
    public var key: String { manifest.key }

    /// Returns the lengths of a pair in tokens, without end symbols.
    ///
    /// - Throws: ``Seq2SeqError`` when the file cannot be read.
    public func lengths(of pair: Int) throws -> (source: Int, target: Int) {
        let entry = try entry(pair)
        return (entry.source, entry.target)
    }

    /// Returns a pair.
    ///
    /// - Throws: ``Seq2SeqError`` when the file cannot be read or is damaged.
    public func pair(_ number: Int) throws -> EncodedPair {
        let (start, end, source, target, linkSize) = try entry(number)
        return try withUnsafeTemporaryAllocation(byteCount: end - start, alignment: 8) { bytes in
            try pairs.read(into: bytes, at: start)
            var reader = PairBytes(UnsafeRawBufferPointer(bytes))
            let checksum = PairBytes.checksum(
                UnsafeRawBufferPointer(bytes), source: source, target: target)
            guard reader.integer(4) == Int(checksum) else {
                throw pairs.damaged("is damaged at pair \(number + 1)")
            }
            let weight =
                manifest.hasWeights ? Float(bitPattern: UInt32(reader.integer(4))) : 1
            var pair = EncodedPair(
                source: reader.ids(source, width: manifest.sourceWidth),
                target: reader.ids(target, width: manifest.targetWidth),
                copies: reader.ids(manifest.hasCopies ? source : 0, width: manifest.targetWidth),
                links: reader.ids(linkSize / manifest.linkWidth, width: manifest.linkWidth))
            pair.weight = weight
            return pair
        }
    }

    /// What the index says of a pair, which is within the file of pairs.
    private func entry(
        _ pair: Int
    ) throws -> (start: Int, end: Int, source: Int, target: Int, linkSize: Int) {
        precondition((0..<report.kept).contains(pair), "pair \(pair) of \(report.kept)")
        let size = Self.indexEntrySize
        let (start, source, target, end) = try withUnsafeTemporaryAllocation(
            byteCount: 2 * size, alignment: 8
        ) { bytes in
            try index.read(into: bytes, at: pair * size)
            var reader = PairBytes(UnsafeRawBufferPointer(bytes))
            return (reader.integer(8), reader.integer(4), reader.integer(4), reader.integer(8))
        }
        let damage = index.damaged("is damaged at pair \(pair + 1)")
        guard start >= 0, start <= end, end <= manifest.pairsSize else { throw damage }
        // Lengths have 32 bits, so that nothing overflows.
        let linkSize =
            end - start - (manifest.hasWeights ? 8 : 4) - source * manifest.sourceWidth
            - (target + (manifest.hasCopies ? source : 0)) * manifest.targetWidth
        guard linkSize >= 0 else { throw damage }
        return (start, end, source, target, linkSize)
    }
}

/// The numbers of a cache file, little-endian.
struct PairBytes {
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

    /// The next numbers.
    mutating func ids(_ count: Int, width: Int) -> ArraySlice<Int32> {
        var ids: [Int32] = []
        ids.reserveCapacity(count)
        for _ in 0..<count { ids.append(Int32(truncatingIfNeeded: integer(width))) }
        return ids[...]
    }

    /// The 32-bit FNV-1a hash of what follows the first 4 bytes of a pair, and of its lengths.
    static func checksum(_ bytes: UnsafeRawBufferPointer, source: Int, target: Int) -> UInt32 {
        var hash = FNV1a32()
        hash.add(word: UInt32(truncatingIfNeeded: source))
        hash.add(word: UInt32(truncatingIfNeeded: target))
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

    var version = TokenCache.formatVersion
    var key: String
    var files: [FileStamp]
    var report = CorpusReport()
    var indexSize = 0
    var pairsSize = 0
    var wordCount = 0
    var targetTokens = 0
    /// That of the index; nil in caches of version 0.1, which are built anew.
    var indexChecksum: UInt32?
    /// That of the words, where there are some.
    var wordsChecksum: UInt32?
    var sourceWidth: Int
    var targetWidth: Int
    var linkWidth: Int
    var hasCopies: Bool
    var hasWeights: Bool
    /// The hash of everything else.
    var checksum = ""

    private enum CodingKeys: String, CodingKey {
        case version, key, files, report
        case indexSize = "index_size"
        case pairsSize = "pairs_size"
        case wordCount = "word_count"
        case targetTokens = "target_tokens"
        case indexChecksum = "index_crc32c"
        case wordsChecksum = "words_crc32c"
        case sourceWidth = "source_width"
        case targetWidth = "target_width"
        case linkWidth = "link_width"
        case hasCopies = "has_copies"
        case hasWeights = "has_weights"
        case checksum
    }

    /// Creates the manifest of a cache that is still empty.
    init(_ encoding: CorpusEncoding, files: [FileStamp]) {
        func width(_ ids: Int) -> Int { ids <= 1 << 16 ? 2 : 4 }
        key = encoding.key(files)
        self.files = files.filter(\.isSettled)
        // A source of n tokens gives up to n ids behind the target vocabulary.
        let copied = encoding.copies ? min(encoding.maximumLength, Int(Int32.max)) : 0
        sourceWidth = encoding.findsUnknownWords ? 4 : width(encoding.vocabularies.source)
        targetWidth = width(encoding.vocabularies.target + copied)
        linkWidth = width(encoding.maximumLength)
        hasCopies = encoding.copies
        hasWeights = !encoding.weights.isEmpty
    }

    /// Reads the manifest in a folder.
    init(_ folder: String) throws {
        let path = "\(folder)/\(Self.name)"
        guard let data = try SmallFile.contents(path) else {
            throw Seq2SeqError(.missingInput, path: path, reason: "missing or not readable")
        }
        guard let found = try? JSONDecoder().decode(CacheManifest.self, from: data),
            try found.checksum == found.hash(), found.version == TokenCache.formatVersion
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
