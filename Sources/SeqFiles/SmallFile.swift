#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A file that is read whole, such as a description or a state, and that is never large.
package enum SmallFile {
    /// The most bytes of such a file; the largest ones are states with many samples of translations.
    private static let limit = 1 << 26

    /// Returns the bytes of a file, nil when there is none or it cannot be read.
    ///
    /// - Throws: ``Seq2SeqError`` of kind `badData` when it is no regular file, for which one might wait for
    ///   ever, or so large that it cannot be what it should be.
    package static func contents(_ path: String) throws -> Data? {
        var information = stat()
        guard stat(path, &information) == 0 else { return nil }
        switch FileKind(mode: information.st_mode) {
        case .regular: break
        case .directory: return nil
        case .absent, .symbolicLink, .other:
            throw Seq2SeqError(
                .badData, path: path, reason: "is not a regular file",
                remedy: "restore the file")
        }
        guard Int(information.st_size) <= limit else {
            throw Seq2SeqError(
                .badData, path: path,
                reason: "has \(information.st_size) bytes, more than \(limit)",
                remedy: "the file is damaged; restore it")
        }
        return FileManager.default.contents(atPath: path)
    }

    /// Returns the bytes of a file.
    ///
    /// - Parameter limit: The most bytes that such a file has; a larger one is refused before any
    ///   memory is taken for it.
    package static func read(_ path: String, limit: Int) throws -> [UInt8] {
        // Without O_NONBLOCK the name of a pipe that nobody writes to would wait for ever.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure(path, "cannot be opened", errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw failure(path, "cannot be read", errno)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw Seq2SeqError(
                .missingInput, path: path, reason: "is not a regular file",
                remedy: "restore the file from the training")
        }
        guard status.st_size <= limit else { throw tooLarge(path, limit) }
        // One byte more than the file has, so that its end is seen without another round.
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size) + 1)
        var filled = 0
        while true {
            if filled == bytes.count { bytes.append(contentsOf: repeatElement(0, count: filled)) }
            let count = bytes.withUnsafeMutableBytes {
                readOnce(descriptor, into: UnsafeMutableRawBufferPointer(rebasing: $0[filled...]))
            }
            if count < 0 { throw failure(path, "cannot be read", errno) }
            if count == 0 { break }
            filled += count
            guard filled <= limit else { throw tooLarge(path, limit) }
        }
        bytes.removeLast(bytes.count - filled)
        return bytes
    }

    private static func tooLarge(_ path: String, _ limit: Int) -> Seq2SeqError {
        Seq2SeqError(
            .badData, path: path, reason: "the file is larger than \(limit) bytes",
            remedy: "restore the file from the training")
    }

    private static func failure(_ path: String, _ reason: String, _ number: Int32) -> Seq2SeqError {
        let remedy: String? =
            switch number {
            case ENOENT: "check the path"
            case EACCES, EPERM, EROFS: "check the permissions"
            default: nil
            }
        return Seq2SeqError(
            .missingInput, path: path, reason: "\(reason): \(systemMessage(number))", remedy: remedy
        )
    }
}
