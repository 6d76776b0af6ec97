#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The bytes of a file, decompressed when the file is gzip.
package final class ByteStream {
    package let path: String
    private let descriptor: Int32
    private let closesDescriptor: Bool
    private let chunk: UnsafeMutableRawBufferPointer
    /// What has been read from the file into `chunk` and not yet been handed on.
    private var unread = 0..<0
    private var atEnd = false
    private var inflater: GzipInflater?
    private var knowsFormat = false
    private var hash: ContentHash?
    /// How much of the file as it is stored has been read.
    package private(set) var storedCount = 0

    /// Opens a file.
    ///
    /// - Parameter hashing: Whether the bytes of the file as it is stored are hashed on the way.
    package init(path: String, hashing: Bool) throws {
        let descriptor = retryingInterrupts { open(path, O_RDONLY | O_CLOEXEC) }
        if descriptor < 0 {
            let number = errno
            throw Seq2SeqError(
                .missingInput, path: path, reason: "cannot open: \(systemMessage(number))",
                remedy: number == ENOENT ? "check the path" : nil)
        }
        self.path = path
        self.descriptor = descriptor
        closesDescriptor = true
        hash = hashing ? ContentHash() : nil
        chunk = .allocate(byteCount: Self.chunkSize, alignment: 16)
        try refuseDirectory()
    }

    /// Creates the stream of an open file, which stays open.
    package init(descriptor: Int32, name: String) throws {
        path = name
        self.descriptor = descriptor
        closesDescriptor = false
        chunk = .allocate(byteCount: Self.chunkSize, alignment: 16)
        try refuseDirectory()
    }

    deinit {
        if closesDescriptor { close(descriptor) }
        chunk.deallocate()
    }

    private static let chunkSize = 1 << 17

    /// The SHA-256 of the file as it is stored, of which all has been read.
    package var contentHash: String? { hash?.hexadecimal }

    private func refuseDirectory() throws {
        var information = stat()
        guard fstat(descriptor, &information) == 0 else {
            throw Seq2SeqError(
                .missingInput, path: path, reason: "cannot open: \(systemMessage(errno))")
        }
        if case .directory = FileKind(mode: information.st_mode) {
            throw Seq2SeqError(
                .missingInput, path: path, reason: "is a directory", remedy: "name a file")
        }
    }

    /// Reads up to `buffer.count` bytes into `buffer`; returns how many, 0 at the end.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        if !knowsFormat { try detectFormat() }
        guard let inflater else { return try readStored(into: buffer) }
        while true {
            if unread.isEmpty { try fill() }
            let input = UnsafeMutableRawBufferPointer(rebasing: chunk[unread])
            let (consumed, produced) = try inflater.inflate(input, into: buffer, atEnd: atEnd)
            unread = unread.lowerBound + consumed..<unread.upperBound
            if produced > 0 || (unread.isEmpty && atEnd) { return produced }
        }
    }

    private func readStored(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        if unread.isEmpty { try fill() }
        let count = min(unread.count, buffer.count)
        let start = unread.lowerBound
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: chunk[start..<start + count]))
        unread = start + count..<unread.upperBound
        return count
    }

    /// Reads the next chunk of the file behind what is left of the last one.
    private func fill() throws {
        if unread.isEmpty { unread = 0..<0 }
        if atEnd { return }
        let free = UnsafeMutableRawBufferPointer(rebasing: chunk[unread.upperBound...])
        let count = readOnce(descriptor, into: free)
        if count < 0 {
            throw Seq2SeqError(
                .missingInput, path: path, reason: "cannot read: \(systemMessage(errno))")
        }
        if count == 0 { atEnd = true }
        storedCount += count
        hash?.update(UnsafeRawBufferPointer(rebasing: free[..<count]))
        unread = unread.lowerBound..<unread.upperBound + count
    }

    /// Tells gzip by its first two bytes; a pipe is asked for the second one only after the first.
    private func detectFormat() throws {
        let magic = GzipInflater.magic
        while unread.count < magic.count && !atEnd {
            if !unread.isEmpty && chunk[unread.lowerBound] != magic[0] { break }
            try fill()
        }
        knowsFormat = true
        if chunk[unread].starts(with: magic) { inflater = try GzipInflater(path: path) }
    }
}
