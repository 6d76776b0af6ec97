import SeqFiles

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A regular file that is read from its start to its end.
///
/// It is read and not mapped: a file that is cut short under a mapping kills the process, and one that is
/// written to changes what was loaded.
final class StoredFile {
    let path: String
    /// The size in bytes, as it was when the file was opened.
    let size: Int
    private let descriptor: Int32
    private var position = 0

    init(_ path: String) throws {
        func failure(_ reason: String) -> Seq2SeqError {
            Seq2SeqError(
                .missingInput, path: path, reason: reason,
                remedy: "check the path and its permissions")
        }
        self.path = path
        // Without O_NONBLOCK the name of a pipe that nobody writes to would wait for ever.
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            size = 0
            throw failure(String(cString: strerror(errno)))
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            size = 0
            throw failure(String(cString: strerror(errno)))
        }
        size = Int(status.st_size)
        guard status.st_mode & S_IFMT == S_IFREG else { throw failure("not a regular file") }
        guard size > 0 else {
            throw Seq2SeqError(
                .badData, path: path, reason: "the file is empty",
                remedy: "save or copy it again")
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Fills a buffer with the next bytes.
    ///
    /// - Throws: a ``Seq2SeqError`` when they cannot be read, or the file has become shorter.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws {
        var filled = 0
        while filled < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
            let count = pread(descriptor, rest.baseAddress, rest.count, off_t(position))
            if count < 0, errno == EINTR { continue }
            if count < 0 {
                throw Seq2SeqError(
                    .missingInput, path: path,
                    reason: "cannot read: \(String(cString: strerror(errno)))",
                    remedy: "check the disk")
            }
            if count == 0 {
                throw Seq2SeqError(
                    .badData, path: path,
                    reason: "the file became shorter than \(size) bytes while it was read",
                    remedy: "save or copy it again, and load it when that is done")
            }
            filled += count
            position += count
        }
    }
}

/// Bytes that were read from a file; they are freed with the last tensor that uses them.
final class StoredBytes: @unchecked Sendable {
    let pointer: UnsafeRawPointer

    /// The bytes that are read between two looks at their checksum, few enough to stay in the cache.
    private static let chunk = 1 << 18
    private static let hugePage = 1 << 21

    /// Reads the next `count` bytes of a file.
    ///
    /// - Parameter visit: given each part once it is read.
    /// - Throws: a ``Seq2SeqError`` when they cannot be read or there is no memory for them.
    init(_ count: Int, of file: StoredFile, visit: (UnsafeRawBufferPointer) -> Void) throws {
        // Numbers start where products of vectors like them best, and large blocks where huge pages may.
        let isLarge = count >= 2 * StoredBytes.hugePage
        var memory: UnsafeMutableRawPointer?
        guard count <= StoredBytes.machineMemory,
            posix_memalign(&memory, isLarge ? StoredBytes.hugePage : 64, max(count, 1)) == 0,
            let memory
        else {
            throw Seq2SeqError(
                .badData, path: file.path,
                reason: "there is no memory for its \(count) bytes of numbers",
                remedy: "use a machine with more memory, if the file is meant to be as large")
        }
        pointer = UnsafeRawPointer(memory)
        #if canImport(Glibc)
        // Half of the time to read 60 MB was that of giving out pages of 4 KB.
        if isLarge { madvise(memory, count, MADV_HUGEPAGE) }
        #endif
        let bytes = UnsafeMutableRawBufferPointer(start: memory, count: count)
        for start in stride(from: 0, to: count, by: StoredBytes.chunk) {
            let end = min(start + StoredBytes.chunk, count)
            let part = UnsafeMutableRawBufferPointer(rebasing: bytes[start..<end])
            try file.read(into: part)
            visit(UnsafeRawBufferPointer(part))
        }
    }

    deinit { free(UnsafeMutableRawPointer(mutating: pointer)) }

    private static var machineMemory: Int {
        let (pages, size) = (sysconf(Int32(_SC_PHYS_PAGES)), sysconf(Int32(_SC_PAGESIZE)))
        return pages > 0 && size > 0 ? pages * size : .max
    }
}
