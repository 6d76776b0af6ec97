import Seq2Seq

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif
#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Where a command writes its results: standard output, or a file that appears under its name only once
/// it is complete.
final class OutputFile {
    let writer: LineWriter
    private let path: String?
    private let descriptor: Int32
    private var isFinished = false

    private var partial: String { "\(path ?? "").partial" }

    init(_ path: String) throws {
        guard path != "-" else {
            self.path = nil
            descriptor = STDOUT_FILENO
            writer = LineWriter(fileDescriptor: STDOUT_FILENO)
            return
        }
        self.path = path
        descriptor = open("\(path).partial", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else {
            throw Failure(
                .cannotCreate,
                "\(path): cannot create: \(String(cString: strerror(errno))) (choose another --output)")
        }
        writer = LineWriter(fileDescriptor: descriptor, name: path)
    }

    /// Publishes what was written.
    func finish() throws {
        try writer.flush()
        guard let path else { return }
        guard fsync(descriptor) == 0 || errno == EINVAL, rename(partial, path) == 0 else {
            throw Failure(
                .cannotCreate,
                "\(path): cannot write: \(String(cString: strerror(errno))) (free some disk space)")
        }
        isFinished = true
        close(descriptor)
    }

    /// Removes an incomplete file.
    func discardUnlessFinished() {
        guard path != nil, !isFinished else { return }
        close(descriptor)
        unlink(partial)
    }
}

/// Results as JSON.
enum JSON {
    static func text(_ value: some Encodable, isPretty: Bool = false) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting =
            isPretty
            ? [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            : [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
