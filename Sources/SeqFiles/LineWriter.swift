/// Writes lines to a file descriptor through a buffer.
///
/// What is in the buffer when the writer is discarded is lost: call ``flush()`` at the end, where an
/// error can still be reported. A process that wants the error of a closed pipe instead of being
/// killed ignores the signal SIGPIPE.
public final class LineWriter {
    private let descriptor: Int32
    private let name: String
    private var buffer: [UInt8] = []

    private static let capacity = 1 << 16

    /// Creates a writer.
    ///
    /// - Parameters:
    ///   - fileDescriptor: Where to write; it stays open.
    ///   - name: What errors call the output.
    public init(fileDescriptor: Int32, name: String = "standard output") {
        descriptor = fileDescriptor
        self.name = name
        buffer.reserveCapacity(Self.capacity)
    }

    /// Writes a line and its end.
    ///
    /// An end of line within `line` is written as a space, so that one call is one line.
    ///
    /// - Throws: ``Seq2SeqError`` of kind `brokenPipe` when the reader has gone, or `cannotWrite`.
    public func write(_ line: String) throws {
        let start = buffer.count
        buffer.append(contentsOf: line.utf8)
        for index in start..<buffer.count
        where buffer[index] == UInt8(ascii: "\n") || buffer[index] == UInt8(ascii: "\r") {
            buffer[index] = UInt8(ascii: " ")
        }
        buffer.append(UInt8(ascii: "\n"))
        if buffer.count >= Self.capacity { try flush() }
    }

    /// Writes out what is in the buffer.
    ///
    /// - Throws: ``Seq2SeqError`` of kind `brokenPipe` when the reader has gone, or `cannotWrite`. What
    ///   was in the buffer is dropped.
    public func flush() throws {
        defer { buffer.removeAll(keepingCapacity: true) }
        try buffer.withUnsafeBytes { try writeFully($0, to: descriptor, path: name) }
    }
}
