#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Reads the lines of a text file one after the other, in constant memory.
///
/// The file may be compressed with gzip, of several members too, whatever its name. Lines end in LF
/// or CRLF, the last one also at the end of the file; no other character ends a line. A byte order
/// mark at the start is dropped. The text must be UTF-8 without NUL.
public final class TextLineReader {
    /// The path of the file, or the name given to an open one.
    public var path: String { stream.path }
    /// The number of the line returned last, counted from 1; 0 before the first.
    public private(set) var lineNumber = 0

    private let stream: ByteStream
    private let maximumLineBytes: Int
    private var buffer: UnsafeMutableRawBufferPointer
    /// What has been read and not yet returned.
    private var unread = 0..<0
    /// How much of `unread` is known to hold no end of line.
    private var searchedCount = 0
    /// The offset in the text of the first byte of `unread`.
    private var textOffset = 0
    private var atEnd = false

    /// Opens a file.
    ///
    /// - Parameters:
    ///   - path: The file to read.
    ///   - hashing: Whether the file is hashed on the way, for ``contentHash``.
    ///   - maximumLineBytes: The length from which a line is refused, so that a file that is no text
    ///     does not fill the memory.
    /// - Throws: ``Seq2SeqError`` of kind `missingInput` when the file cannot be read.
    public init(
        path: String, hashing: Bool = false, maximumLineBytes: Int = TextLineReader.defaultLimit
    ) throws {
        stream = try ByteStream(path: path, hashing: hashing)
        self.maximumLineBytes = maximumLineBytes
        buffer = .allocate(byteCount: Self.initialCapacity, alignment: 16)
    }

    /// Creates a reader of an open file such as the standard input, which it leaves open.
    ///
    /// - Parameters:
    ///   - fileDescriptor: The file to read.
    ///   - name: What errors call the file.
    ///   - maximumLineBytes: The length from which a line is refused.
    public init(
        fileDescriptor: Int32, name: String, maximumLineBytes: Int = TextLineReader.defaultLimit
    ) throws {
        stream = try ByteStream(descriptor: fileDescriptor, name: name)
        self.maximumLineBytes = maximumLineBytes
        buffer = .allocate(byteCount: Self.initialCapacity, alignment: 16)
    }

    deinit {
        buffer.deallocate()
    }

    /// The length in bytes from which a line is refused unless another is given: 1 MiB.
    public static let defaultLimit = 1 << 20

    private static let initialCapacity = 1 << 17

    /// The SHA-256 of the file as it is stored; `nil` when not asked for, or before its end.
    public var contentHash: String? { atEnd ? stream.contentHash : nil }

    /// How many bytes of the file as it is stored have been read.
    public var storedBytesRead: Int { stream.storedCount }

    /// Whether the next line can be returned without waiting for input.
    ///
    /// A command that answers line by line uses this to gather a batch without keeping back the
    /// answer to a line that somebody waits for.
    public var hasBufferedLine: Bool { findLineEnd() != nil || (atEnd && !unread.isEmpty) }

    /// Returns the next line without its end, or `nil` at the end of the file.
    ///
    /// - Throws: ``Seq2SeqError`` of kind `badData` with the line number, when the text is not UTF-8, a
    ///   line is too long, or the compressed data are damaged or truncated.
    public func next() throws -> String? { try nextResult()?.get() }

    /// Returns the next line, or what is wrong with it and with no other, or `nil` at the end of the
    /// file.
    ///
    /// After a line that is not UTF-8, holds NUL or is too long the next call goes on with the line
    /// behind it; no more of an overlong line is kept than the limit.
    ///
    /// - Throws: ``Seq2SeqError`` when nothing further can be read: the file cannot be read, or the
    ///   compressed data are damaged or truncated.
    public func nextResult() throws -> Result<String, Seq2SeqError>? {
        var isOverlong = false
        var end = findLineEnd()
        while end == nil && !atEnd {
            if unread.count > maximumLineBytes {
                isOverlong = true
                pass(to: unread.upperBound)
            }
            try fill()
            end = findLineEnd()
        }
        if end == nil && unread.isEmpty && !isOverlong { return nil }
        lineNumber += 1
        let lineEnd = end ?? unread.upperBound
        let range = unread.lowerBound..<lineEnd
        defer { pass(to: end.map { $0 + 1 } ?? lineEnd) }
        if isOverlong || range.count > maximumLineBytes {
            return .failure(
                Seq2SeqError(
                    .badData, path: path, line: lineNumber,
                    reason: "the line is longer than \(maximumLineBytes) bytes",
                    remedy: "split the line; is this a text file?"))
        }
        return text(of: range)
    }

    /// Counts what stands before `position` as returned.
    private func pass(to position: Int) {
        textOffset += position - unread.lowerBound
        unread = position..<unread.upperBound
        searchedCount = 0
    }

    /// Returns all lines of a file.
    public static func lines(path: String) throws -> [String] {
        let reader = try TextLineReader(path: path)
        var lines: [String] = []
        while let line = try reader.next() { lines.append(line) }
        return lines
    }

    private func findLineEnd() -> Int? {
        let start = unread.lowerBound + searchedCount
        guard start < unread.upperBound, let base = buffer.baseAddress else { return nil }
        if let found = memchr(base + start, Int32(UInt8(ascii: "\n")), unread.upperBound - start) {
            let end = UnsafeRawPointer(found) - UnsafeRawPointer(base)
            searchedCount = end - unread.lowerBound
            return end
        }
        searchedCount = unread.count
        return nil
    }

    private func fill() throws {
        if unread.count * 2 > buffer.count {
            let larger = UnsafeMutableRawBufferPointer.allocate(
                byteCount: buffer.count * 2, alignment: 16)
            larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[unread]))
            buffer.deallocate()
            buffer = larger
            unread = 0..<unread.count
        } else if unread.lowerBound > 0, let base = buffer.baseAddress {
            memmove(base, base + unread.lowerBound, unread.count)
            unread = 0..<unread.count
        }
        let free = UnsafeMutableRawBufferPointer(rebasing: buffer[unread.upperBound...])
        let count: Int
        do {
            count = try stream.read(into: free)
        } catch var error as Seq2SeqError {
            error.line = error.kind == .badData ? lineNumber + 1 : nil
            throw error
        }
        if count == 0 { atEnd = true }
        unread = unread.lowerBound..<unread.upperBound + count
    }

    private func text(of range: Range<Int>) -> Result<String, Seq2SeqError> {
        var line = UnsafeRawBufferPointer(rebasing: buffer[range])
        if line.last == UInt8(ascii: "\r") { line = .init(rebasing: line.dropLast()) }
        var lineOffset = 0
        if textOffset == 0 && line.starts(with: [0xEF, 0xBB, 0xBF]) {
            line = .init(rebasing: line.dropFirst(3))
            lineOffset = 3
        }
        let bytes = line.bindMemory(to: UInt8.self)
        if let base = bytes.baseAddress, let zero = memchr(base, 0, bytes.count) {
            let offset = UnsafeRawPointer(zero) - UnsafeRawPointer(base)
            return .failure(
                Seq2SeqError(
                    .badData, path: path, line: lineNumber,
                    reason: "NUL at byte \(lineOffset + offset + 1) of the line, "
                        + "byte offset \(textOffset + lineOffset + offset) of the text",
                    remedy: "is this UTF-16 or a binary file? convert it to UTF-8"))
        }
        if let text = String(validating: bytes, as: UTF8.self) { return .success(text) }
        let offset = offsetOfInvalidUTF8(in: bytes)
        let digits = String(bytes[offset], radix: 16, uppercase: true)
        return .failure(
            Seq2SeqError(
                .badData, path: path, line: lineNumber,
                reason:
                    "invalid UTF-8 (0x\(digits)) at byte \(lineOffset + offset + 1) of the line, "
                    + "byte offset \(textOffset + lineOffset + offset) of the text",
                remedy: "convert the file to UTF-8, for example with iconv"))
    }
}

/// Returns where the first sequence of bytes starts that is not well-formed UTF-8.
///
/// `bytes` must hold one: this is for the error message after a failed validation.
package func offsetOfInvalidUTF8(in bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    var offset = 0
    while case .scalarValue(let scalar) = decoder.decode(&iterator) {
        offset += UTF8.width(scalar)
    }
    return min(offset, bytes.count - 1)
}
