#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Reads the lines of a file as bytes, whatever they hold, for checks that must not stop at an error.
///
/// As in ``TextLineReader``, only LF ends a line, and the file may be compressed with gzip.
package final class RawLineReader {
    package let path: String
    private let stream: ByteStream
    private var buffer = [UInt8](repeating: 0, count: 1 << 17)
    private var unread = 0..<0
    private var atEnd = false
    private var lineNumber = 0

    private static let longestLine = TextLineReader.defaultLimit

    package init(path: String) throws {
        self.path = path
        try requireRegularFile(path)
        stream = try ByteStream(path: path, hashing: false)
    }

    /// Returns the bytes of the next line without its LF, or nil at the end of the file.
    package func next() throws -> [UInt8]? {
        var line: [UInt8] = []
        lineNumber += 1
        while true {
            if unread.isEmpty {
                if try fill() { continue }
                return line.isEmpty ? nil : line
            }
            if let end = lineEnd() {
                line.append(contentsOf: buffer[unread.lowerBound..<end])
                unread = end + 1..<unread.upperBound
                // An empty line is a line: it must differ from the end of the file.
                return line
            }
            line.append(contentsOf: buffer[unread])
            unread = 0..<0
            if line.count > Self.longestLine {
                throw Seq2SeqError(
                    .badData, path: path, line: lineNumber,
                    reason: "the line is longer than \(Self.longestLine) bytes",
                    remedy: "split the line; is this a text file?")
            }
        }
    }

    private func lineEnd() -> Int? {
        buffer.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress,
                let found = memchr(base + unread.lowerBound, 0x0A, unread.count)
            else { return nil }
            return UnsafeRawPointer(found) - base
        }
    }

    /// Reads more of the file; false at its end.
    private func fill() throws -> Bool {
        if atEnd { return false }
        let count = try buffer.withUnsafeMutableBytes { try stream.read(into: $0) }
        atEnd = count == 0
        unread = 0..<count
        return count > 0
    }
}
