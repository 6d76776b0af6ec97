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
    /// What is published in the end; nil for what is no regular file.
    private let aside: AsideFile?
    private var isFinished = false

    init(_ path: String) throws {
        guard path != "-" else {
            aside = nil
            writer = LineWriter(fileDescriptor: STDOUT_FILENO)
            return
        }
        var status = stat()
        let exists = stat(path, &status) == 0
        let kind = status.st_mode & S_IFMT
        guard !exists || kind != S_IFDIR else {
            throw Failure(.cannotCreate, "\(path): is a folder (name a file with --output)")
        }
        guard exists, kind != S_IFREG else {
            let aside = try OutputFile.refusing(path) { try AsideFile(replacing: path) }
            self.aside = aside
            writer = LineWriter(fileDescriptor: aside.descriptor, name: path)
            return
        }
        // A device or a named pipe has no content to protect, and must not be replaced.
        aside = nil
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw Failure(
                .cannotCreate,
                "\(path): cannot create: \(String(cString: strerror(errno))) (choose another --output)"
            )
        }
        writer = LineWriter(fileDescriptor: descriptor, name: path)
    }

    /// Publishes what was written.
    func finish() throws {
        try writer.flush()
        if let aside { try OutputFile.refusing(nil) { try aside.publish() } }
        isFinished = true
    }

    /// Removes an incomplete file.
    func discardUnlessFinished() {
        guard let aside, !isFinished else { return }
        aside.discard()
    }

    /// Turns what cannot be written into the failure of the option that named it.
    private static func refusing<Result>(_ path: String?, _ body: () throws -> Result) throws
        -> Result
    {
        do { return try body() } catch let error as Seq2SeqError where error.kind == .cannotWrite {
            let place = path ?? error.path ?? "the output"
            throw Failure(
                .cannotCreate,
                "\(place): \(error.reason) (\(error.remedy ?? "choose another --output"))")
        }
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
