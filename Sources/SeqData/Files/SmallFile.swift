import SeqFiles

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
}
