#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A file with its hash, and what shows without reading it that it is still the same.
package struct FileStamp: Codable, Hashable, Sendable {
    /// The path, absolute and without symbolic links.
    package var path: String
    /// The size in bytes.
    package var size: Int
    /// When it was last written, in nanoseconds since 1970.
    package var modified: Int
    /// The SHA-256 of its content.
    package var sha256: String

    /// Returns the stamp of a file, hashed only when no other stamp knows it and `hash` is not given.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - known: Stamps of earlier runs.
    ///   - hash: The hash of the content, if it has just been read.
    package init(_ path: String, known: [FileStamp], hash: String?) throws {
        try requireRegularFile(path)
        var information = stat()
        guard let resolved = realpath(path, nil), stat(resolved, &information) == 0 else {
            throw Seq2SeqError(
                .missingInput, path: path, reason: "cannot open: \(systemMessage(errno))",
                remedy: errno == ENOENT ? "check the path" : nil)
        }
        defer { free(resolved) }
        #if canImport(Darwin)
        let time = information.st_mtimespec
        #else
        let time = information.st_mtim
        #endif
        self.path = String(cString: resolved)
        size = Int(information.st_size)
        modified = Int(time.tv_sec) * 1_000_000_000 + Int(time.tv_nsec)
        sha256 = ""
        let stamp = self
        let same = known.first {
            ($0.path, $0.size, $0.modified) == (stamp.path, stamp.size, stamp.modified)
        }
        sha256 = try hash ?? same?.sha256 ?? ContentHash.ofFile(path)
    }

    /// Whether the file was last written so long ago that a later write cannot have the same time: clocks
    /// of file systems are coarse.
    package var isSettled: Bool {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return modified < (Int(now.tv_sec) - 2) * 1_000_000_000
    }
}
