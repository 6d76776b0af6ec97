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
    /// The file to publish, and the one beside it that is written; nil for what is no regular file.
    private let place: (final: String, partial: String)?
    private let descriptor: Int32
    private var isFinished = false

    init(_ path: String) throws {
        guard path != "-" else {
            place = nil
            descriptor = STDOUT_FILENO
            writer = LineWriter(fileDescriptor: STDOUT_FILENO)
            return
        }
        var status = stat()
        let exists = stat(path, &status) == 0
        let kind = status.st_mode & S_IFMT
        guard !exists || kind != S_IFDIR else {
            throw Failure(.cannotCreate, "\(path): is a folder (name a file with --output)")
        }
        if exists, kind != S_IFREG {
            // A device or a named pipe has no content to protect, and must not be replaced.
            place = nil
            descriptor = open(path, O_WRONLY | O_CLOEXEC)
        } else {
            let final = OutputFile.resolved(path)
            place = (final, "\(final).partial")
            descriptor = open("\(final).partial", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        }
        guard descriptor >= 0 else {
            throw Failure(
                .cannotCreate,
                "\(path): cannot create: \(String(cString: strerror(errno))) (choose another --output)"
            )
        }
        writer = LineWriter(fileDescriptor: descriptor, name: path)
    }

    /// What a symbolic link stands for.
    private static func resolved(_ path: String) -> String {
        guard let found = realpath(path, nil) else { return path }
        defer { free(found) }
        return String(cString: found)
    }

    /// Publishes what was written.
    func finish() throws {
        try writer.flush()
        guard let place else { return }
        guard fsync(descriptor) == 0 || errno == EINVAL, rename(place.partial, place.final) == 0
        else {
            throw Failure(
                .cannotCreate,
                "\(place.final): cannot write: \(String(cString: strerror(errno))) (free some disk space)"
            )
        }
        isFinished = true
        close(descriptor)
    }

    /// Removes an incomplete file.
    func discardUnlessFinished() {
        guard let place, !isFinished else { return }
        close(descriptor)
        unlink(place.partial)
    }
}

/// Results as JSON.
enum JSON {
    /// A figure that is undefined is `null`.
    ///
    /// - Parameter isSnakeCase: whether keys such as `emptyPairs` are written `empty_pairs`.
    static func text(
        _ value: some Encodable, isPretty: Bool = false, isSnakeCase: Bool = false
    ) throws -> String {
        let encoder = JSONEncoder()
        if isSnakeCase { encoder.keyEncodingStrategy = .convertToSnakeCase }
        encoder.outputFormatting =
            isPretty
            ? [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            : [.sortedKeys, .withoutEscapingSlashes]
        let mark = "\u{E000}undefined\u{E000}"
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: mark, negativeInfinity: mark, nan: mark)
        return String(decoding: try encoder.encode(value), as: UTF8.self)
            .replacing("\"\(mark)\"", with: "null")
    }
}
